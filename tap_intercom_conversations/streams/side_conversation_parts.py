"""side_conversation_parts: the parts of the threads on the side of a conversation."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.api.pagination import parse_numbered
from tap_intercom_conversations.errors import TapError
from tap_intercom_conversations.jsontext import NoObject, decoder, whole_number
from tap_intercom_conversations.streams.per_object import PerConversationStream, RawRow

if t.TYPE_CHECKING:
    from tap_intercom_conversations.api.pagination import Position

PAGE_SIZE = 50
"""The most that the endpoint allows."""


class SideConversation(msgspec.Struct):
    """One of a conversation's side conversations, with its parts."""

    side_conversation_id: str | int | None = None
    conversation_parts: list[msgspec.Raw] | None = None
    total_count: t.Any = None


class SideConversations(msgspec.Struct):
    """A page of a conversation's side conversations; pages are numbered."""

    side_conversations: list[SideConversation | NoObject] | None
    pages: t.Any = None
    total_count: t.Any = None


NO_SIDE_CONVERSATION = SideConversation(conversation_parts=[msgspec.Raw(b"null")])
"""What stands for an entry that is none, or has no id: it can be no row, and that is told."""

_decode = decoder(SideConversations)


class SideConversationPartsStream(PerConversationStream):
    """GET /conversations/{id}/side_conversations."""

    name = "side_conversation_parts"
    endpoint = "/conversations/{}/side_conversations"
    primary_keys = ("conversation_id", "side_conversation_id", "id")
    since = "2.16"
    selected_by_default = False

    def fetch(self, identifier: str) -> list[RawRow]:
        """Read all pages; a page that brings nothing new is the last, whatever it says of more."""
        sides: dict[str | None, SideConversation] = {}
        number, total = 0, 0
        position: Position = {"page": 1}
        while position:
            parameters = {**position, "per_page": PAGE_SIZE}
            page = self.session.client.get(self.endpoint, parameters, decode=_decode, of=identifier)
            came = dict(map(_with_key, page.side_conversations or ()))
            is_new = bool(came.keys() - sides.keys())
            sides |= came
            number, total = number + 1, max(total, whole_number(page.total_count) or 0)
            position = parse_numbered(page.pages, number) if is_new else {}
        if len(sides) < total:
            raise TapError(f"{len(sides)} side conversations came of {total} that the API counts")
        return [row for key, side in sides.items() for row in _rows(key, side)]


def _with_key(entry: t.Any) -> tuple[str | None, SideConversation]:
    key = getattr(entry, "side_conversation_id", None)
    return (None, NO_SIDE_CONVERSATION) if key is None else (str(key), entry)


def _rows(key: str | None, side: SideConversation) -> list[RawRow]:
    """A side conversation's parts, with what only it knows."""
    parts = whole_number(side.total_count) or 0
    added = {"side_conversation_id": key, "side_conversation_total_parts": parts}
    return [RawRow(part, added) for part in side.conversation_parts or ()]
