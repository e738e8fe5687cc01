"""Lists without pages: admins, teams, tags, segments, ticket types, and all kinds of attributes."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.api.pagination import parse_next
from tap_intercom_conversations.errors import UnreadableAnswer, UnusableRecord
from tap_intercom_conversations.jsontext import decoder
from tap_intercom_conversations.settings import at_least
from tap_intercom_conversations.streams.base import IntercomStream
from tap_intercom_conversations.streams.permissions import (
    READ_ADMINS,
    READ_CONVERSATIONS,
    READ_PEOPLE,
    READ_TAGS,
    READ_TICKETS,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.records import Record

_decode = decoder(dict[str, t.Any])


class ListStream(IntercomStream):
    """One request, one list without pages, FULL_TABLE."""

    primary_keys = ("id",)
    items: t.ClassVar[str]

    def parameters(self) -> dict[str, str]:
        """The query string's."""
        return {}

    def read(self) -> Iterator[Record]:
        """Yield the list.

        Raises:
            UnreadableAnswer: There is no list, or no end of it: none is documented to have pages.
        """
        future = self.session.workers.submit(self._ask)
        answer = self.session.workers.result(future)
        items = answer.get(self.items)
        if not isinstance(items, list):
            raise UnreadableAnswer(
                f"GET {self.endpoint}", message=f"the answer holds no {self.items}"
            )
        for item in items:
            try:
                yield self.shape(item)
            except UnusableRecord as error:
                self.unusable(str(error))
        pages = answer.get("pages")
        if isinstance(pages, dict) and parse_next(pages.get("next")):
            raise UnreadableAnswer(
                f"GET {self.endpoint}", message="the answer is not the last page"
            )

    def _ask(self) -> dict[str, t.Any]:
        return self.session.client.get(self.endpoint, self.parameters(), decode=_decode)


class AdminsStream(ListStream):
    """GET /admins: the teammates."""

    name = "admins"
    endpoint = "/admins"
    items = "admins"
    permission = READ_ADMINS


class TeamsStream(ListStream):
    """GET /teams."""

    name = "teams"
    endpoint = "/teams"
    items = "teams"
    permission = READ_ADMINS


class TagsStream(ListStream):
    """GET /tags."""

    name = "tags"
    endpoint = "/tags"
    items = "data"
    permission = READ_TAGS


class SegmentsStream(ListStream):
    """GET /segments: of contacts and companies."""

    name = "segments"
    endpoint = "/segments"
    items = "segments"
    permission = READ_PEOPLE
    selected_by_default = False


class TicketTypesStream(ListStream):
    """GET /ticket_types, each with its attributes."""

    name = "ticket_types"
    endpoint = "/ticket_types"
    items = "data"
    permission = READ_TICKETS
    since = "2.9"
    selected_by_default = False


class TicketStatesStream(ListStream):
    """GET /ticket_states, each with the ticket types that know it."""

    name = "ticket_states"
    endpoint = "/ticket_states"
    items = "data"
    permission = READ_TICKETS
    since = "2.12"
    selected_by_default = False


class DataAttributesStream(ListStream):
    """GET /data_attributes of one model: built-in attributes, and the workspace's own."""

    endpoint = "/data_attributes"
    items = "data"
    model: t.ClassVar[str]

    def parameters(self) -> dict[str, str]:
        """Archived ones too: old objects still have values of them."""
        return {"model": self.model, "include_archived": "true"}


class ContactAttributesStream(DataAttributesStream):
    """The attributes that a contact may have."""

    name = "contact_attributes"
    primary_keys = ("full_name",)  # a built-in one has no id
    model = "contact"
    permission = READ_PEOPLE
    selected_by_default = False


class CompanyAttributesStream(DataAttributesStream):
    """The attributes that a company may have."""

    name = "company_attributes"
    primary_keys = ("full_name",)
    model = "company"
    permission = READ_PEOPLE
    selected_by_default = False


class ConversationAttributesStream(DataAttributesStream):
    """GET /conversations/attributes from 2.16 on, GET /data_attributes before."""

    name = "conversation_attributes"
    model = "conversation"
    permission = READ_CONVERSATIONS

    @property
    def _has_endpoint(self) -> bool:
        """The version has an endpoint for them, and refuses the other with 422."""
        return at_least(self.session.settings.api_version, "2.16")

    @property
    def endpoint(self) -> str:  # type: ignore[override]  # which one depends on the version
        """The endpoint that the version has; the other answers 422 or 400."""
        return "/conversations/attributes" if self._has_endpoint else "/data_attributes"

    def parameters(self) -> dict[str, str]:
        """Archived ones too, as of the others; the endpoint of their own knows no model."""
        return {"include_archived": "true"} if self._has_endpoint else super().parameters()
