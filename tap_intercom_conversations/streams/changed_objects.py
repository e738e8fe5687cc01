"""Streams over a collection's objects that changed: from the bookmark to the start of the sync."""

from __future__ import annotations

import abc
import typing as t
import zlib
from functools import cached_property
from itertools import islice

import msgspec

from tap_intercom_conversations.api.body import Body
from tap_intercom_conversations.api.client import NOT_FOR_PATHS
from tap_intercom_conversations.errors import NotFound, Stopped, TapError, UnusableRecord, as_told
from tap_intercom_conversations.jsontext import LONGEST_ID_CHARACTERS, decode_any, id_of, is_id
from tap_intercom_conversations.reading import checkpoint as checkpoints
from tap_intercom_conversations.reading.batch import Batch
from tap_intercom_conversations.reading.bounds import Bounds, TimeRange
from tap_intercom_conversations.reading.changes import read_changes
from tap_intercom_conversations.reading.collection import SECONDS
from tap_intercom_conversations.streams.base import CLOCK_TOLERANCE, NO_COLUMNS, IncrementalStream
from tap_intercom_conversations.streams.unreadable import UnreadableObjects
from tap_intercom_conversations.times import epoch_seconds, rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Future

    from singer_sdk import Tap

    from tap_intercom_conversations.reading.checkpoint import Checkpoint
    from tap_intercom_conversations.reading.collection import Collection
    from tap_intercom_conversations.records import Record
    from tap_intercom_conversations.session import Session

R = t.TypeVar("R")

RETRIES_AHEAD = 64
"""Objects that are asked for again before the first of them has been written."""


class ChangedId(msgspec.Struct):
    """What is looked at of an object on a page."""

    id: t.Any = None
    updated_at: t.Any = None


class Step(t.NamedTuple):
    """Some records, of how many objects, and the batch that is complete with them."""

    records: Iterator[Record]
    objects: int
    completes: Batch | None


class ChangedObjectsStream(IncrementalStream, abc.ABC):
    """A stream that is INCREMENTAL over the objects of a collection that changed.

    The SDK's bookmark alone cannot tell where to go on among thousands of objects that share one
    time, so STATE carries a checkpoint as `unfinished`, until the sync is complete.
    """

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, session)
        self._watermark: int | None = None

    @property
    @abc.abstractmethod
    def collection(self) -> Collection:
        """What is read."""

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """Turn batches of changed objects into this stream's records, in the same order."""
        for batch in batches:
            yield Step(self.records_of(batch), len(batch.rows), batch)

    def records_of(self, batch: Batch) -> Iterator[Record]:
        """Yield the records of one batch; as a rule its objects are the records."""
        if self.unreadable.ids:
            for found in self.objects(batch, ChangedId):
                self.unreadable.remove(str(getattr(found, "id", None)))
        for raw in self.objects(batch, msgspec.Raw):
            yield from self.usable(raw)

    def id_of(self, raw: bytes | msgspec.Raw) -> str | None:
        """Read by which id an object can be asked for again; None if it cannot be."""
        return id_of(bytes(raw)) if self.collection.object_path else None

    def objects(self, batch: Batch, kind: t.Hashable) -> list[t.Any]:
        """Decode a batch's rows as a kind."""
        self.unreadable.total = max(self.unreadable.total, batch.total)
        return batch.objects(kind, self.collection.envelope_keys)

    @property
    def is_sorted(self) -> bool:
        """Rows come in ascending order from a search, newest first from a list."""
        return self.collection.search_path is not None

    @property
    def emit_activate_version_messages(self) -> bool:
        """Not from a list that may be left early; one without a bookmark is read until all came."""
        is_whole = self.is_sorted or self.replication_key is None
        return is_whole and super().emit_activate_version_messages

    @cached_property
    def unreadable(self) -> UnreadableObjects:
        """The objects that could not be read."""
        return UnreadableObjects(
            self.stream_state.get("unreadable"),
            self.session.settings.accepted_failures,
            self.collection.name,
        )

    def read(self) -> Iterator[Record]:
        """Yield the records of all objects that changed."""
        resume = self._checkpoint()
        bounds = self._bounds(resume)
        batches = self.session.kept_pages.read(
            (self.collection.name, (bounds, resume and self._text_of(resume))),
            resume,
            lambda checkpoint: self._start(bounds, checkpoint),
        )
        tally = self.session.tally(self.name)
        tally.noun = self.collection.name
        # `--test` must not look through all objects for one that has a row.
        steps = islice(self.expand(self.retry_unreadable(batches)), self.ABORT_AT_RECORD_COUNT)
        for step in steps:
            self.unreadable.count_looked_at(step.objects)
            yield from step.records
            if step.completes is not None:
                self._written(step.completes)
            tally.objects, tally.total = self.unreadable.looked_at, self.unreadable.total
        self.unreadable.raise_if_denied()
        if self.ABORT_AT_RECORD_COUNT is not None:
            return
        self._complete(bounds)
        self._tell_unreadable()

    def retry_unreadable(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Put before the batches those objects that earlier syncs could not read."""
        again = self.session.workers.ordered_map(
            self._find, self.unreadable.ids, ahead=RETRIES_AHEAD
        )
        for identifier, found in again:
            try:
                batch = found.result()
            except NotFound:
                self.unreadable.remove(identifier)
            except Stopped:
                raise
            except Exception as error:  # noqa: BLE001  a bug, too, costs one object
                self.cannot_read(identifier, as_told(error))
            else:
                if not batch.rows:
                    self.unreadable.remove(identifier)
                yield batch
        yield from batches

    def _find(self, identifier: str) -> Batch:
        """Ask for an object by its id, in a worker; it comes as a page of its own.

        The page has no row if the object has left the user's bounds meanwhile.
        """
        collection = self.collection
        found = self.session.client.get(
            collection.object_path, collection.parameters, decode=decode_any, of=identifier
        )
        changed_at = None
        if isinstance(found, dict):
            for name in collection.only_alone:
                found.pop(name, None)
            changed_at = epoch_seconds(found.get(collection.time_field))
        rows = [0] if TimeRange(*self.user_bounds()).holds(changed_at) else []
        page = {collection.envelope_keys[0]: [found]}
        body = Body(msgspec.json.encode(page), packed=False)
        return Batch(body, rows, watermark=None, checkpoint=None)

    def outcome_of(self, identifier: str | None, outcome: Future[R]) -> R | None:
        """What came of asking for an object; None if it is gone or unreadable, which is noted.

        Args:
            identifier: The object's id, if it has one.
            outcome: The request, which is done.

        Raises:
            Stopped: The process is to stop.
            TapError: Too many are gone or unreadable.
        """
        try:
            return outcome.result()
        except NotFound as error:  # it was deleted or merged since it was found
            self.unreadable.add_gone(error)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001  a bug, too, costs one object
            self.cannot_read(identifier, as_told(error))
        return None

    def cannot_read(self, identifier: str | None, error: TapError) -> None:
        """Note an object that cannot be read; one without an id is only counted."""
        if self.session.redaction.redacts and identifier is not None and not is_id(identifier):
            # It may be anything, and is neither for STATE nor for a log. An earlier sync may have
            # kept it, if that one redacted nothing.
            self.unreadable.remove(identifier)
            self.unusable("unreadable, with an id that is none", error)
        elif (
            identifier is None
            or identifier in NOT_FOR_PATHS
            or len(identifier) > LONGEST_ID_CHARACTERS
        ):
            self.unusable(str(error), error)
        else:
            self.unreadable.add(identifier, error)

    def usable(
        self,
        raw: bytes | msgspec.Raw,
        added: Mapping[str, t.Any] = NO_COLUMNS,
        identifier: str | None = None,
    ) -> Iterator[Record]:
        """Yield the record of an object, if there can be one; if not, that is told at the end.

        Args:
            raw: The object, as JSON.
            added: Columns that the stream adds.
            identifier: Id of the object of the collection that it belongs to; None if it is that
                object itself.
        """
        try:
            yield self.record(raw, added)
        except UnusableRecord as error:
            self.cannot_read(identifier or self.id_of(raw), error)

    def _start(self, bounds: Bounds, checkpoint: Checkpoint | None) -> Iterator[Batch]:
        session = self.session
        return read_changes(session.client, session.workers, self.collection, bounds, checkpoint)

    def _bounds(self, resume: Checkpoint | None) -> Bounds:
        """Freeze the bounds of this sync, by both clocks: the API's may be ahead or behind."""
        settings = self.session.settings
        start = self._start_time() if resume is None else resume.goes_on_from
        ahead = self.session.clock_ahead
        started = self.started + min(ahead, 0)
        # Exclusive: what changes later in this second comes again next time.
        end = self.started + max(ahead, 0) + 1
        user = TimeRange(*self.user_bounds())
        return Bounds(
            start=start,
            end=end if user.end is None else min(user.end, end),
            horizon=started - settings.lookback_window,
            user=user,
            whole=not self.is_incremental or self.name in self.session.replaced,
            started=started,
        )

    def user_bounds(self) -> tuple[int | None, int | None]:
        """The user's bounds of the time that this stream follows, in epoch seconds."""
        return self.session.settings.start, self.session.settings.end

    def _start_time(self) -> int | None:
        start, _ = self.user_bounds()
        bookmark = self.starting_bookmark()
        if bookmark is None:
            return start
        return max(bookmark - self.session.settings.lookback_window, start or 0)

    def _checkpoint(self) -> Checkpoint | None:
        """Where an earlier sync was broken off, if it was of the same search or list."""
        checkpoint = None
        if self.is_incremental:
            checkpoint = checkpoints.load(
                self.stream_state.get("unfinished"),
                self._fingerprint(),
                latest=self.started + max(self.session.clock_ahead, 0) + CLOCK_TOLERANCE,
            )
        if checkpoint is None:
            self.stream_state.pop("unfinished", None)
        else:
            self._watermark = checkpoint.watermark
            self.logger.info("Going on where an earlier sync was broken off")
        return checkpoint

    def _text_of(self, checkpoint: Checkpoint) -> str:
        return checkpoints.dump(self._fingerprint(), checkpoint)

    def _fingerprint(self) -> int:
        """Of what says which objects are read: if that is another one, begin anew."""
        way = "search" if self.is_sorted else "list"
        which: list[t.Any] = [way, self.collection.filters, *self.user_bounds()]
        if self.collection.precision != SECONDS:
            which.append(self.collection.precision)
        return zlib.crc32(msgspec.json.encode(which))

    def _written(self, batch: Batch) -> None:
        """Say where to go on, once a batch has been written.

        The SDK's own STATE, after so many records, may be a hundred pages away: few objects have a
        tag.
        """
        if batch.watermark is not None:
            self._watermark = max(batch.watermark, self._watermark or batch.watermark)
        self.stream_state["unreadable"] = self.unreadable.state
        checkpoint = batch.checkpoint
        if checkpoint is None or not self.is_incremental or self.is_held:
            return
        self.stream_state["unfinished"] = self._text_of(checkpoint)
        if self.is_sorted and checkpoint.start and self._watermark is not None:
            self.advance_bookmark(rfc3339(min(checkpoint.start, self._watermark)))
        self.emit_state()

    def _complete(self, bounds: Bounds) -> None:
        """Leave a bookmark, the ids of what could not be read, and nothing else."""
        self.state_manager.is_flushed = False  # a last STATE, also if no record came since
        self.stream_state["unreadable"] = self.unreadable.state
        if self.is_held:
            return
        # Null and not gone: after a full refresh Meltano merges STATE into what it had, for ever.
        self.stream_state["unfinished"] = None
        if not self.is_incremental:
            return
        reached = bounds.start if self._watermark is None else self._watermark
        if reached:
            self.advance_bookmark(rfc3339(reached))
        bookmark = self.bookmark()
        if bookmark is not None and bookmark >= max(bounds.end, self.started + 1):
            # It was written by a machine whose clock was ahead.
            self.stream_state["replication_key_value"] = rfc3339(self.started)

    def _tell_unreadable(self) -> None:
        """Tell what could not be read, and what is gone.

        Raises:
            TapError: Some of it is not accepted.
        """
        if gone := self.unreadable.gone:
            name = self.collection.name
            self.logger.info("%d %s were deleted meanwhile, and skipped", gone, name)
        if line := self.unreadable.acceptance():
            self.has_gaps = True
            self.logger.warning("%s; accepted_failures has them", line)
        if line := self.unreadable.complaint():
            raise TapError(
                line,
                "Each sync asks for them again; if Intercom cannot serve them, put their ids into "
                "accepted_failures",
            )
