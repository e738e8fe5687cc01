"""What has to be asked for per changed conversation: parts, handling events, side conversations.

One request per conversation, and the API's budget is what limits it, so the requests go out
`max_concurrency` at a time; records come in the conversations' order, and the bookmark follows.
"""

from __future__ import annotations

import abc
import typing as t

from tap_intercom_conversations.errors import NotFound, Stopped, TapError, UnusableRecord
from tap_intercom_conversations.reading.envelope import Poison
from tap_intercom_conversations.records.values import Lossy, to_key
from tap_intercom_conversations.streams.base import NO_OBJECT, UNREADABLE
from tap_intercom_conversations.streams.changed_conversations import ChangedConversationsStream
from tap_intercom_conversations.streams.changed_objects import ChangedId, Step
from tap_intercom_conversations.times import NoTime, rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    import msgspec
    from singer_sdk import Tap

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.records import Record
    from tap_intercom_conversations.session import Session

AHEAD_PER_WORKER = 8
"""Conversations that may be read before the first of them has been written: one that takes long, or
has to be tried again, holds up the order but not the others' requests."""


class RawRow(t.NamedTuple):
    """A row as the API has it, and the columns that only its surroundings know."""

    raw: msgspec.Raw | bytes
    added: dict[str, t.Any]


class Task(t.NamedTuple):
    """A conversation to ask for; `completes` is its batch, on the batch's last one."""

    id: str | None
    columns: dict[str, str]
    unusable: UnusableRecord | None
    completes: Batch | None


class PerConversationStream(ChangedConversationsStream):
    """A stream that reads something of each changed conversation."""

    replication_key = "conversation_updated_at"

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, session)
        self._gone = 0

    @abc.abstractmethod
    def fetch(self, conversation_id: str) -> list[RawRow]:
        """Read a conversation's rows, in a worker thread.

        Raises:
            ApiError: They cannot be had.
        """

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """Yield the records of each conversation, in order."""
        outcomes = self.session.workers.ordered_map(
            self._fetch,
            self._tasks(batches),
            ahead=AHEAD_PER_WORKER * self.session.settings.max_concurrency,
        )
        for task, outcome in outcomes:
            yield Step(self._records(task, outcome), 1, task.completes)
        if self._gone:
            self.logger.info("%d conversations were deleted meanwhile, and skipped", self._gone)

    def _tasks(self, batches: Iterator[Batch]) -> Iterator[Task]:
        for batch in batches:
            found = self.objects(batch, ChangedId)
            for number, conversation in enumerate(found, 1):
                yield _task(conversation, batch if number == len(found) else None)

    def _fetch(self, task: Task) -> list[RawRow]:
        # What is no id at all must not become a path; `_records` tells of it.
        if task.id is None or task.unusable is not None:
            return []
        return self.fetch(task.id)

    def _records(self, task: Task, outcome: Future[list[RawRow]]) -> Iterator[Record]:
        if task.unusable is not None:
            self.cannot_read(task.id, task.unusable)
            return
        self.unreadable.remove(task.id)
        try:
            rows = outcome.result()
        except NotFound as error:
            self._note_gone(error)
            return
        except Stopped:
            raise
        except TapError as error:
            self.cannot_read(task.id, error)
            return
        for row in rows:
            yield from self.usable(row.raw, {**row.added, **task.columns}, task.id)

    def _note_gone(self, error: NotFound) -> None:
        """Count a conversation that is gone since it was found; deleted_conversations has it.

        Raises:
            TapError: So many are gone that it cannot be true.
        """
        self._gone += 1
        looked_at = self.unreadable.looked_at
        if self.unreadable.are_too_many(self._gone):
            raise TapError(
                f"{self._gone} of {looked_at} conversations were found and are said not to "
                f"exist, the last one: {error}. Check that Intercom itself answers at api_url"
            )


def _task(conversation: t.Any, batch: Batch | None) -> Task:
    """What to ask for; the bookmark follows what was found, whatever has changed by now."""
    identifier = getattr(conversation, "id", None)
    if isinstance(conversation, Poison):
        return Task(identifier, {}, UnusableRecord(UNREADABLE), batch)
    try:
        key = to_key(identifier)
    except Lossy:
        is_object = isinstance(conversation, ChangedId)
        return Task(None, {}, UnusableRecord("without id" if is_object else NO_OBJECT), batch)
    try:
        changed_at = rfc3339(getattr(conversation, "updated_at", None))
    except NoTime:
        return Task(key, {}, UnusableRecord("without updated_at"), batch)
    return Task(key, {"conversation_id": key, "conversation_updated_at": changed_at}, None, batch)
