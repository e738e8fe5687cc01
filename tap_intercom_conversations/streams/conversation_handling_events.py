"""conversation_handling_events: when a teammate paused or resumed work on a conversation."""

from __future__ import annotations

import typing as t
from hashlib import sha256

import msgspec

from tap_intercom_conversations.jsontext import NoObject, decoder
from tap_intercom_conversations.streams.per_object import PerConversationStream, RawRow
from tap_intercom_conversations.times import NoTime, rfc3339


class HandlingEvents(msgspec.Struct):
    """The answer of the endpoint; it has no pages."""

    handling_events: list[msgspec.Raw] | None


class HandlingEvent(msgspec.Struct):
    """What an event's id is made of."""

    timestamp: t.Any = None
    type: t.Any = None
    teammate: t.Any = None


_EVENT_OR_ELSE: t.Any = HandlingEvent | NoObject

_decode_events = decoder(HandlingEvents)
_decode_event = decoder(_EVENT_OR_ELSE)


class ConversationHandlingEventsStream(PerConversationStream):
    """GET /conversations/{id}/handling_events."""

    name = "conversation_handling_events"
    endpoint = "/conversations/{}/handling_events"
    primary_keys = ("conversation_id", "id")
    since = "2.15"
    selected_by_default = False

    def fetch(self, identifier: str) -> list[RawRow]:
        """Read the events; see the documentation, "List handling events"."""
        answer = self.session.client.get(self.endpoint, decode=_decode_events, of=identifier)
        return [RawRow(event, {"id": event_id(event)}) for event in answer.handling_events or ()]


def event_id(raw: msgspec.Raw) -> str:
    """Make an event's id: the API gives none, and two teammates may share a second.

    A text, not the time itself: in several targets a date-time in a key doubles rows or fails.
    """
    event = _decode_event(bytes(raw))
    if not isinstance(event, HandlingEvent):
        return ""  # it can be no row
    teammate = event.teammate.get("id") if isinstance(event.teammate, dict) else None
    try:
        time = rfc3339(event.timestamp)
    except NoTime:
        # Two such events are two rows; what stands there may be anything, and is not for a key.
        time = sha256(str(event.timestamp).encode("utf-8", "replace")).hexdigest()[:16]
    return "/".join(_text(part) for part in (time, event.type, teammate))


def _text(part: t.Any) -> str:
    """A part of the id; an object or a list there has no place in a key, nor in any log."""
    return str(part or "") if isinstance(part, (str, int, float)) else ""
