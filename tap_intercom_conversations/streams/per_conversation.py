"""What has to be asked for per changed conversation: parts, handling events, side conversations.

One request per conversation, and the API's budget is what limits it, so the requests go out
`max_concurrency` at a time; records come in the conversations' order, and the bookmark follows.
"""

from __future__ import annotations

import abc
import typing as t

import msgspec

from tap_intercom_conversations.api.client import NoObject, decoder
from tap_intercom_conversations.api.pagination import NextPage, parse_next
from tap_intercom_conversations.errors import (
    NotFound,
    PermissionDenied,
    Stopped,
    TapError,
    Unauthorized,
    UnusableRecord,
)
from tap_intercom_conversations.jsontext import UnreadableJson, decode_any
from tap_intercom_conversations.records.values import to_key
from tap_intercom_conversations.streams.changed import ChangedConversationsStream, Step
from tap_intercom_conversations.times import rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from singer_sdk import Tap

    from tap_intercom_conversations.reading.changes import Batch
    from tap_intercom_conversations.records import Record
    from tap_intercom_conversations.session import Session

MOST_PARTS = 500
"""Parts that the API serves of a conversation."""
AHEAD = 8
"""Conversations per worker that may be read before the first of them has been written: one that
takes long, or has to be tried again, holds up the order but not the others' requests."""


class Change(t.NamedTuple):
    """A conversation that changed; `completes` is its batch, on the batch's last one."""

    id: t.Any
    updated_at: t.Any
    completes: Batch | None


class Row(t.NamedTuple):
    """A row as the API has it, the columns that only its surroundings know, or why it is none."""

    raw: msgspec.Raw
    added: dict[str, t.Any]
    unusable: str = ""


class PerConversationStream(ChangedConversationsStream):
    """A stream that reads something of each changed conversation."""

    replication_key = "conversation_updated_at"

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, session)
        self._gone = 0

    @abc.abstractmethod
    def fetch(self, conversation_id: str) -> list[Row]:
        """Read a conversation's rows, in a worker thread."""

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """Yield the records of each conversation, in order."""
        outcomes = self.session.workers.ordered_map(
            # What is no id at all must not become a path; `_records` tells of it.
            lambda change: self.fetch(to_key(change.id)),
            _changes(batches),
            ahead=AHEAD * self.session.settings.max_concurrency,
        )
        for change, outcome in outcomes:
            yield Step(self._records(change, outcome), 1, change.completes)
        if self._gone:
            self.logger.info("%d conversations were deleted meanwhile, and skipped", self._gone)

    def _records(self, change: Change, outcome: Future[list[Row]]) -> Iterator[Record]:
        try:
            # As it was found, not as it may be by now: the bookmark follows what was found.
            of_conversation = {
                "conversation_id": to_key(change.id),
                "conversation_updated_at": rfc3339(change.updated_at),
            }
        except (ValueError, OverflowError):
            self.unusable("without id or updated_at")
            return
        try:
            rows = outcome.result()
        except NotFound:
            # Gone since it was found; deleted_conversations has it.
            self._gone += 1
            return
        except (PermissionDenied, Stopped, Unauthorized):
            raise  # what these say is of no one conversation
        except TapError as error:
            raise TapError(f"conversation {change.id} could not be read: {error}") from error
        for row in rows:
            if row.unusable:
                self.unusable(row.unusable)
                continue
            try:
                yield self.record(row.raw, {**row.added, **of_conversation})
            except UnusableRecord as error:
                self.unusable(str(error))


class Changed(msgspec.Struct):
    """What is looked at of a conversation on a page."""

    id: t.Any = None
    updated_at: t.Any = None


Entry = Changed | NoObject


def _changes(batches: Iterator[Batch]) -> Iterator[Change]:
    for batch in batches:
        entries = batch.page.conversations(t.cast("type[Entry]", Entry))
        for number, place in enumerate(batch.places, 1):
            entry = entries[place]
            changed = entry if isinstance(entry, Changed) else Changed()
            completes = batch if number == len(batch.places) else None
            yield Change(changed.id, changed.updated_at, completes)


class PartList(msgspec.Struct):
    """A conversation's parts: the 500 most recent, and the number of all."""

    conversation_parts: list[msgspec.Raw] | None = None
    total_count: t.Any = None


class Conversation(msgspec.Struct):
    """What the parts' stream looks at of a conversation."""

    conversation_parts: PartList | None
    statistics: t.Any = None


_decode_conversation = decoder(Conversation)


class ConversationPartsStream(PerConversationStream):
    """GET /conversations/{id}: every part of it, not only new ones: old ones are edited, too."""

    name = "conversation_parts"
    endpoint = "/conversations/{}"
    primary_keys = ("conversation_id", "id")

    IDS_SHOWN = 10

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, session)
        settings = session.settings
        self._parameters: dict[str, str] = {}
        if settings.body_format == "plaintext":
            self._parameters["display_as"] = "plaintext"
        if settings.include_translations:
            self._parameters["include_translations"] = "true"
        self._cut_off: list[str] = []

    def fetch(self, conversation_id: str) -> list[Row]:
        """Read the conversation's parts; see the documentation, "Retrieve a conversation"."""
        conversation = self.session.client.get(
            self.endpoint.format(conversation_id), self._parameters, decode=_decode_conversation
        )
        served = conversation.conversation_parts or PartList()
        parts = served.conversation_parts or []
        total = max(_count(served.total_count), len(parts))
        if len(parts) >= MOST_PARTS and isinstance(conversation.statistics, dict):
            # Whether total_count goes past 500 is not documented; this one does.
            total = max(total, _count(conversation.statistics.get("count_conversation_parts")))
        if total > len(parts):
            self._cut_off.append(str(conversation_id))
        return [Row(part, {"conversation_total_parts": total}) for part in parts]

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """Yield the parts, and say in the end which the API did not serve."""
        yield from super().expand(batches)
        if self._cut_off:
            self.logger.warning(
                "%d conversations have more parts than the %d that the API serves; "
                "conversation_total_parts has their number: %s%s",
                len(self._cut_off),
                MOST_PARTS,
                ", ".join(sorted(self._cut_off)[: self.IDS_SHOWN]),
                ", ..." if len(self._cut_off) > self.IDS_SHOWN else "",
            )


def _count(value: t.Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


class HandlingEvents(msgspec.Struct):
    """The answer of the handling events' endpoint; it has no pages."""

    handling_events: list[msgspec.Raw] | None


_decode_events = decoder(HandlingEvents)


class ConversationHandlingEventsStream(PerConversationStream):
    """GET /conversations/{id}/handling_events: when a teammate paused or resumed work on it."""

    name = "conversation_handling_events"
    endpoint = "/conversations/{}/handling_events"
    primary_keys = ("conversation_id", "id")
    since = "2.15"

    def fetch(self, conversation_id: str) -> list[Row]:
        """Read the conversation's handling events."""
        path = self.endpoint.format(conversation_id)
        answer = self.session.client.get(path, decode=_decode_events)
        return [Row(event, {"id": _event_id(event)}) for event in answer.handling_events or ()]


def _event_id(event: msgspec.Raw) -> str | None:
    """The key of an event, which has no id of its own."""
    try:
        obj = decode_any(bytes(event))
    except UnreadableJson:
        return None
    obj = obj if isinstance(obj, dict) else {}
    teammate = obj.get("teammate")
    by = teammate.get("id") if isinstance(teammate, dict) else teammate
    return f"{obj.get('timestamp')} {obj.get('type')} {by}"


class SideConversation(msgspec.Struct):
    """One of a conversation's side conversations, with its parts."""

    side_conversation_id: str | int
    conversation_parts: list[msgspec.Raw] | None = None
    total_count: t.Any = None


_decode_side_conversation = decoder(SideConversation)


def _side_rows(raw: msgspec.Raw) -> Iterator[Row]:
    """A side conversation's parts, with what only it knows."""
    try:
        side = _decode_side_conversation(bytes(raw))
    except msgspec.ValidationError:
        yield Row(raw, {}, unusable="that are no side conversations")
        return
    added = {
        "side_conversation_id": str(side.side_conversation_id),
        "side_conversation_total_parts": _count(side.total_count),
    }
    for part in side.conversation_parts or ():
        yield Row(part, added)


class SideConversations(msgspec.Struct):
    """A page of a conversation's side conversations; pages are numbered."""

    side_conversations: list[msgspec.Raw] | None
    pages: t.Any = None
    total_count: t.Any = None


_decode_side_conversations = decoder(SideConversations)


class SideConversationPartsStream(PerConversationStream):
    """GET /conversations/{id}/side_conversations: the parts of the threads on the side of it."""

    name = "side_conversation_parts"
    endpoint = "/conversations/{}/side_conversations"
    primary_keys = ("conversation_id", "side_conversation_id", "id")
    since = "2.16"

    PAGE_SIZE = 50
    """The most that the endpoint allows."""

    def fetch(self, conversation_id: str) -> list[Row]:
        """Read all pages of the conversation's side conversations."""
        path = self.endpoint.format(conversation_id)
        rows: list[Row] = []
        paginator = NextPage({"page": 1})
        number = came = total = 0
        while not paginator.finished:
            parameters = {**paginator.current_value, "per_page": self.PAGE_SIZE}
            page = self.session.client.get(path, parameters, decode=_decode_side_conversations)
            sides = page.side_conversations or []
            for side in sides:
                rows.extend(_side_rows(side))
            number, came = number + 1, came + len(sides)
            total = max(total, _count(page.total_count))
            paginator.advance(_with_next(page.pages, number))
        if came < total:
            raise TapError(f"{came} side conversations came of {total} that the API counts")
        return rows


def _with_next(pages: t.Any, number: int) -> t.Any:
    """What `pages.next` is, or follows from `total_pages`.

    The documented answer has no `next`, only "total_pages: 1"; the other lists with numbered pages
    have a URL there.
    """
    pages = pages if isinstance(pages, dict) else {}
    following = pages.get("next")
    if parse_next(following) is None and number < _count(pages.get("total_pages")):
        following = number + 1
    return {"next": following}
