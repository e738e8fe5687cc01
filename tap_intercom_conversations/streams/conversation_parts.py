"""conversation_parts: every message, note and event in a conversation after the first message."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.api.client import quoted
from tap_intercom_conversations.errors import UnreadableAnswer
from tap_intercom_conversations.jsontext import UNDECODABLE, decoder, split_rows, whole_number
from tap_intercom_conversations.streams.per_conversation import PerConversationStream, RawRow

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk import Tap

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.session import Session
    from tap_intercom_conversations.streams.changed_objects import Step

MOST_PARTS = 500
"""Parts that the API serves of a conversation (API documentation, "Retrieve a conversation").

https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/retrieveconversation
"""
IDS_SHOWN = 10


class PartList(msgspec.Struct):
    """A conversation's parts: the 500 most recent, and the number of all."""

    conversation_parts: list[msgspec.Raw] | None = None
    total_count: t.Any = None


class Conversation(msgspec.Struct):
    """What is looked at of a conversation."""

    conversation_parts: PartList | None
    statistics: t.Any = None
    id: t.Any = None


_decode = msgspec.json.Decoder(Conversation).decode
_decode_leniently = decoder(Conversation)


def _conversation(body: bytes) -> tuple[Conversation, list[t.Any]]:
    """Decode a conversation and its parts; a part that no decoder reads costs no other."""
    try:
        found = _decode(body)
    except UNDECODABLE:
        head, parts = split_rows(body, frozenset({"conversation_parts"}), depth=2)
        return _decode_leniently(head), parts
    served = found.conversation_parts or PartList()
    return found, served.conversation_parts or []


class ConversationPartsStream(PerConversationStream):
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
        self._cut_off: list[str] = []

    def fetch(self, conversation_id: str) -> list[RawRow]:
        """Read the conversation's parts; see the documentation, "Retrieve a conversation"."""
        path = self.endpoint.format(quoted(conversation_id))
        found, parts = self.session.client.get(path, self._parameters, decode=_conversation)
        if found.id is not None and str(found.id) != conversation_id:
            raise UnreadableAnswer(f"GET {path}", message="another conversation came")
        served = found.conversation_parts or PartList()
        statistics = found.statistics if isinstance(found.statistics, dict) else {}
        counted = whole_number(statistics.get("count_conversation_parts")) or 0
        total = max(whole_number(served.total_count) or 0, len(parts))
        # Whether the statistics count the opening message, too, is not documented.
        if not parts and (total or counted > 1):
            raise UnreadableAnswer(f"GET {path}", message="the conversation came without its parts")
        if len(parts) >= MOST_PARTS:
            # Whether total_count goes past 500 is not documented; this one does.
            total = max(total, counted)
        if total > len(parts):
            self._cut_off.append(conversation_id)
        return [RawRow(part, {"conversation_total_parts": total}) for part in parts]

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """Yield the parts, and say in the end which the API did not serve."""
        yield from super().expand(batches)
        if self._cut_off:
            self.logger.warning(
                "%d conversations have more parts than the %d that the API serves; "
                "conversation_total_parts has their number: %s%s",
                len(self._cut_off),
                MOST_PARTS,
                ", ".join(sorted(self._cut_off)[:IDS_SHOWN]),
                ", ..." if len(self._cut_off) > IDS_SHOWN else "",
            )
