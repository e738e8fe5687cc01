"""All streams, in the order in which they are read: that of README's table."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.streams.admin_activity_logs import AdminActivityLogsStream
from tap_intercom_conversations.streams.calls import CallsStream
from tap_intercom_conversations.streams.companies import CompaniesStream
from tap_intercom_conversations.streams.contact_activities import ContactActivitiesStream
from tap_intercom_conversations.streams.contact_links import (
    ContactCompaniesStream,
    ContactTagsStream,
)
from tap_intercom_conversations.streams.contacts import ContactsStream
from tap_intercom_conversations.streams.conversation_counts import ConversationCountsStream
from tap_intercom_conversations.streams.conversation_handling_events import (
    ConversationHandlingEventsStream,
)
from tap_intercom_conversations.streams.conversation_parts import ConversationPartsStream
from tap_intercom_conversations.streams.conversations import ConversationsStream
from tap_intercom_conversations.streams.deleted_conversations import DeletedConversationsStream
from tap_intercom_conversations.streams.help_center import (
    ArticlesStream,
    HelpCenterCollectionsStream,
)
from tap_intercom_conversations.streams.links import (
    ConversationContactsStream,
    ConversationTagsStream,
    ConversationTeammatesStream,
)
from tap_intercom_conversations.streams.reference import (
    AdminsStream,
    CompanyAttributesStream,
    ContactAttributesStream,
    ConversationAttributesStream,
    SegmentsStream,
    TagsStream,
    TeamsStream,
    TicketStatesStream,
    TicketTypesStream,
)
from tap_intercom_conversations.streams.side_conversation_parts import SideConversationPartsStream
from tap_intercom_conversations.streams.tickets import TicketPartsStream, TicketsStream

if t.TYPE_CHECKING:
    from tap_intercom_conversations.streams.base import IntercomStream

STREAMS: tuple[type[IntercomStream], ...] = (
    ConversationsStream,
    ConversationPartsStream,
    ConversationTagsStream,
    ConversationContactsStream,
    ConversationTeammatesStream,
    ConversationHandlingEventsStream,
    SideConversationPartsStream,
    CallsStream,
    ConversationCountsStream,
    DeletedConversationsStream,
    ConversationAttributesStream,
    AdminsStream,
    TeamsStream,
    TagsStream,
    ContactsStream,
    ContactCompaniesStream,
    ContactTagsStream,
    ContactActivitiesStream,
    CompaniesStream,
    TicketsStream,
    TicketPartsStream,
    TicketTypesStream,
    TicketStatesStream,
    SegmentsStream,
    ContactAttributesStream,
    CompanyAttributesStream,
    AdminActivityLogsStream,
    ArticlesStream,
    HelpCenterCollectionsStream,
)
