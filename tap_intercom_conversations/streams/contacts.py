"""contacts: the users and leads of the workspace that changed."""

from __future__ import annotations

import typing as t
from functools import cached_property

from tap_intercom_conversations.streams import collections
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream
from tap_intercom_conversations.streams.permissions import READ_PEOPLE

if t.TYPE_CHECKING:
    from tap_intercom_conversations.reading.collection import Collection


class ChangedContactsStream(ChangedObjectsStream):
    """A stream that is INCREMENTAL on a contact's `updated_at`."""

    endpoint = "/contacts/search"
    since = "2.0"
    permission = READ_PEOPLE
    selected_by_default = False

    @cached_property
    def collection(self) -> Collection:
        """The contacts, by their search."""
        return collections.contacts(self.session.settings)


class ContactsStream(ChangedContactsStream):
    """POST /contacts/search."""

    name = "contacts"
    primary_keys = ("id",)
    replication_key = "updated_at"
