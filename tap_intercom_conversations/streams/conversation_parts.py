"""conversation_parts: every message, note and event in a conversation after the first message."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.errors import UnreadableAnswer
from tap_intercom_conversations.jsontext import whole_number
from tap_intercom_conversations.streams.parts import MOST_PARTS, PartsStream, parts_decoder
from tap_intercom_conversations.streams.per_object import PerConversationStream, RawRow

if t.TYPE_CHECKING:
    from singer_sdk import Tap

    from tap_intercom_conversations.session import Session

PARTS_KEY = "conversation_parts"


class PartList(msgspec.Struct, rename={"parts": PARTS_KEY}):
    """A conversation's parts: the 500 most recent, and the number of all."""

    parts: list[msgspec.Raw] | None = None
    total_count: t.Any = None


class Conversation(msgspec.Struct, rename={"parts": PARTS_KEY}):
    """What is looked at of a conversation."""

    parts: PartList | None
    statistics: t.Any = None
    id: t.Any = None


_decode = parts_decoder(Conversation, PARTS_KEY)


class ConversationPartsStream(PartsStream, PerConversationStream):
    """GET /conversations/{id}: every part of it, not only new ones: old ones are edited, too."""

    name = "conversation_parts"
    endpoint = "/conversations/{}"
    primary_keys = ("conversation_id", "id")

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, session)
        settings = session.settings
        self._parameters: dict[str, str] = {}
        if settings.body_format == "plaintext":
            self._parameters["display_as"] = "plaintext"
        if settings.include_translations:
            self._parameters["include_translations"] = "true"

    def fetch(self, identifier: str) -> list[RawRow]:
        """Read the conversation's parts; see the documentation, "Retrieve a conversation"."""
        found, served = self.session.client.get(
            self.endpoint, self._parameters, decode=_decode, of=identifier
        )
        parts = served or []
        if found.id is not None and str(found.id) != identifier:
            raise UnreadableAnswer(f"GET {self.endpoint}", message="another conversation came")
        statistics = found.statistics if isinstance(found.statistics, dict) else {}
        counted = whole_number(statistics.get("count_conversation_parts")) or 0
        total_count = found.parts.total_count if found.parts else None
        total = max(whole_number(total_count) or 0, len(parts))
        # Whether the statistics count the opening message, too, is not documented.
        if not parts and (total or counted > 1):
            raise UnreadableAnswer(
                f"GET {self.endpoint}", message="the conversation came without its parts"
            )
        if len(parts) >= MOST_PARTS:
            # Whether total_count goes past 500 is not documented; this one does.
            total = max(total, counted)
        return self.rows(identifier, parts, total)
