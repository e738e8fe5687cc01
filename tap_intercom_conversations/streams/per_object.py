"""What belongs to one changed object: parts, handling events, side conversations.

As a rule that is one request per object, and the API's budget is what limits it, so the requests go
out `max_concurrency` at a time; records come in the objects' order, and the bookmark follows.
"""

from __future__ import annotations

import abc
import typing as t

from tap_intercom_conversations.errors import UnusableRecord
from tap_intercom_conversations.reading.envelope import Poison
from tap_intercom_conversations.records.values import Lossy, to_key
from tap_intercom_conversations.streams.base import NO_OBJECT, UNREADABLE
from tap_intercom_conversations.streams.changed_conversations import ChangedConversationsStream
from tap_intercom_conversations.streams.changed_objects import (
    ChangedId,
    ChangedObjectsStream,
    Step,
)
from tap_intercom_conversations.times import NoTime, rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    import msgspec

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.records import Record


class RawRow(t.NamedTuple):
    """A row as the API has it, and the columns that only its surroundings know."""

    raw: msgspec.Raw | bytes
    added: dict[str, t.Any]


class Task(t.NamedTuple):
    """An object to look into.

    Attributes:
        id: Its id; None if it has none.
        found: What the page has of it.
        columns: Its own columns in each row.
        unusable: Why nothing can be asked of it.
        completes: Its batch, if it is the batch's last one.
    """

    id: str | None
    found: t.Any
    columns: dict[str, str]
    unusable: UnusableRecord | None
    completes: Batch | None


class PerObjectStream(ChangedObjectsStream):
    """A stream that reads something of each changed object.

    Attributes:
        owner: What the objects are, in the singular: the beginning of their columns' names.
        looked_at: What is decoded of an object on a page.
    """

    owner: t.ClassVar[str]
    looked_at: t.ClassVar[type] = ChangedId

    @abc.abstractmethod
    def fetch(self, identifier: str) -> list[RawRow]:
        """Read an object's rows, in a worker thread.

        Raises:
            ApiError: They cannot be had.
        """

    def rows_on_page(self, found: t.Any) -> list[RawRow] | None:  # noqa: ARG002  overridden
        """Return an object's rows if the page has all of them."""
        return None

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """Yield the records of each object, in order."""
        outcomes = self.session.workers.ordered_map(self._fetch, self._tasks(batches))
        for task, outcome in outcomes:
            yield Step(self._records(task, outcome), 1, task.completes)

    def _tasks(self, batches: Iterator[Batch]) -> Iterator[Task]:
        for batch in batches:
            objects = self.objects(batch, self.looked_at)
            for number, found in enumerate(objects, 1):
                yield self._task(found, batch if number == len(objects) else None)

    def _fetch(self, task: Task) -> list[RawRow]:
        # What is no id at all must not become a path; `_records` tells of it.
        if task.id is None or task.unusable is not None:
            return []
        rows = self.rows_on_page(task.found)
        return self.fetch(task.id) if rows is None else rows

    def _records(self, task: Task, outcome: Future[list[RawRow]]) -> Iterator[Record]:
        if task.unusable is not None:
            self.cannot_read(task.id, task.unusable)
            return
        self.unreadable.remove(task.id)
        for row in self.outcome_of(task.id, outcome) or ():
            yield from self.usable(row.raw, {**row.added, **task.columns}, task.id)

    def _task(self, found: t.Any, batch: Batch | None) -> Task:
        """What to look into; the bookmark follows what was found, whatever has changed by now."""
        identifier = getattr(found, "id", None)
        if isinstance(found, Poison):
            return Task(identifier, found, {}, UnusableRecord(UNREADABLE), batch)
        try:
            key = to_key(identifier)
        except Lossy:
            is_object = isinstance(found, self.looked_at)
            why = UnusableRecord("without id" if is_object else NO_OBJECT)
            return Task(None, found, {}, why, batch)
        try:
            changed_at = rfc3339(found.updated_at)
        except NoTime:
            return Task(key, found, {}, UnusableRecord("without updated_at"), batch)
        columns = {f"{self.owner}_id": key, f"{self.owner}_updated_at": changed_at}
        return Task(key, found, columns, None, batch)


class PerConversationStream(PerObjectStream, ChangedConversationsStream):
    """A stream that reads something of each changed conversation."""

    owner = "conversation"
    replication_key = "conversation_updated_at"
