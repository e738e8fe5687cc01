"""Streams over the conversations that changed: from the bookmark up to the moment of the start."""

from __future__ import annotations

import abc
import typing as t
import zlib

import msgspec

from tap_intercom_conversations.reading.changes import read_changes
from tap_intercom_conversations.reading.pages import Query
from tap_intercom_conversations.reading.windows import Resume  # noqa: TC001  msgspec reads it
from tap_intercom_conversations.singer.progress import Progress
from tap_intercom_conversations.streams.base import CLOCK_TOLERANCE, IncrementalStream
from tap_intercom_conversations.times import rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context

    from tap_intercom_conversations.reading.changes import Batch
    from tap_intercom_conversations.records import Record
    from tap_intercom_conversations.session import Session


OPEN_END = 366 * 86_400
"""Seconds from the start that no sync takes. (Not much more: the search takes it for another unit,
milliseconds, and finds nothing.)"""


class Unfinished(msgspec.Struct):
    """What STATE carries of a sync that was broken off.

    As a text: Meltano merges STATE deeply, and an object would keep what the one before it had.

    Attributes:
        query: Of which search or list the rest is.
        walk: Where to go on.
    """

    query: int
    walk: Resume


class Step(t.NamedTuple):
    """Some records, of how many conversations, and the batch that is complete with them."""

    records: Iterator[Record]
    conversations: int
    completes: Batch | None


class ChangedConversationsStream(IncrementalStream):
    """A stream that is INCREMENTAL on a conversation's `updated_at`.

    The SDK's bookmark alone cannot tell where to go on among thousands of conversations that share
    one `updated_at`, so STATE carries the walk's bounds and next page as `unfinished`, until the
    sync is complete.
    """

    endpoint = "/conversations"

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, session)
        # In batch mode records wait in a file that no message has named yet: STATE is the SDK's.
        self._batches = self.get_batch_config(self.config) is not None
        self._newest: int | None = None
        self._follows = ""  # the column that the bookmark follows while rows come in order
        self._followed = ""
        self._follows_until = ""

    @property
    def is_sorted(self) -> bool:
        """Rows come in ascending order, and the bookmark follows; the list's come newest first."""
        return self.session.settings.conversations_endpoint == "search"

    @property
    def emit_activate_version_messages(self) -> bool:
        """Not from the list: what changes while it is read moves up and out of sight."""
        return self.is_sorted and super().emit_activate_version_messages

    @abc.abstractmethod
    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """Turn batches of changed conversations into this stream's records, in the same order."""

    def read(self) -> Iterator[Record]:
        """Yield the records of all conversations that changed."""
        bounds, unfinished = self._begin()
        if unfinished is not None or bounds.start is None or bounds.start < bounds.end:
            changes = read_changes(
                self.session.client,
                self.session.settings,
                self.session.workers,
                bounds,
                settled=self._settled,
                resume=unfinished,
            )
            progress = Progress(self.logger, self.session.client, "conversations")
            if self.is_sorted and self.replication_method == "INCREMENTAL":
                self._follows = t.cast("str", self.replication_key)
                self._follows_until = rfc3339(self._settled)
            for step in self.expand(changes.batches()):
                yield from step.records
                if step.completes is not None:
                    self._written(step.completes)
                progress.add(step.conversations, changes.total)
        self._complete()

    def _begin(self) -> tuple[Query, Resume | None]:
        """Fix the bounds of this sync."""
        settings = self.session.settings
        # Exclusive: what changes later in this second comes again next time.
        end = self.started + 1 if settings.end is None else min(settings.end, self.started + 1)
        if self.replication_method != "INCREMENTAL":
            # What changes meanwhile moves to the end, and no later sync would look for it.
            return Query(settings.start, settings.end or self.started + OPEN_END), None
        bookmark = self.starting_bookmark()
        unfinished = self._unfinished()
        start = settings.start
        if unfinished is not None:
            start = max(self._begin_after(unfinished), settings.start or 0)
        elif bookmark is not None:
            start = max(bookmark - settings.lookback_window, settings.start or 0)
        return Query(start, end), unfinished

    def _begin_after(self, unfinished: Resume) -> int:
        """From when to read on, once what an earlier sync left unfinished is read.

        A window that was cut ends where the index was complete, so there is nothing to look back
        for. The list begins with the newest: what has changed since, wherever its walk goes on.
        """
        if unfinished["settled"]:
            return unfinished["end"]
        last = unfinished["end"] - 1
        if not self.is_sorted:
            last = min(last, unfinished["at"] or 0)
        return last - self.session.settings.lookback_window

    @property
    def _settled(self) -> int:
        """Up to when the search's index is complete, as far as `lookback_window` is right."""
        return self.started - self.session.settings.lookback_window

    def _unfinished(self) -> Resume | None:
        """What an earlier sync left to do, if it was of the same search or list."""
        kept = self.stream_state.get("unfinished")
        try:
            unfinished = msgspec.json.decode(kept, type=Unfinished) if kept else None
        except (msgspec.DecodeError, TypeError):
            unfinished = None
        if unfinished is None or not self._is_ours(unfinished):
            self.stream_state.pop("unfinished", None)
            return None
        self._newest = unfinished.walk["at"]
        self.logger.info("Going on where an earlier sync was broken off")
        return unfinished.walk

    def _is_ours(self, unfinished: Unfinished) -> bool:
        """Tell whether it is of this search or list, and within bounds that a sync can have had."""
        walk, latest = unfinished.walk, self.started + CLOCK_TOLERANCE
        within = (walk["start"] or 0) < walk["end"] <= latest and (walk["at"] or 0) <= latest
        numbers = [walk["position"].get(name, 1) for name in ("page", "per_page")]
        counted = all(isinstance(number, int) and number >= 1 for number in numbers)
        return within and counted and unfinished.query == self._fingerprint()

    def _fingerprint(self) -> int:
        """Of the settings that say which conversations are read: with others, begin anew."""
        settings = self.session.settings
        which = [
            settings.conversations_endpoint,
            settings.search_filters,
            settings.start,
            settings.end,
        ]
        return zlib.crc32(msgspec.json.encode(which))

    def _increment_stream_state(
        self,
        latest_record: t.Any,
        *,
        context: Context | None = None,  # noqa: ARG002
    ) -> None:
        """Let the bookmark follow the greatest value written, never back.

        The SDK's own refuses a value below the old bookmark, with which each lookback begins. And
        a row that the index has at its old place comes with its new time: that is no bookmark
        before all else has been written.
        """
        if self._follows:
            value = (
                latest_record[self._follows]
                if isinstance(latest_record, dict)
                else msgspec.to_builtins(getattr(latest_record, self._follows))
            )
            if self._followed < value < self._follows_until:
                self._followed = value
                self.advance_bookmark(value)

    def _written(self, batch: Batch) -> None:
        """Say where to go on, once a batch has been written.

        The SDK's own STATE, after so many records, may be a hundred pages away: few conversations
        have a tag.
        """
        moments = (batch.page.moments[place] for place in batch.places)
        self._newest = max(filter(None, (self._newest, *moments)), default=None)
        if batch.resume is not None and self.replication_method == "INCREMENTAL":
            at = batch.resume["at"] if self.is_sorted else self._newest
            unfinished = Unfinished(self._fingerprint(), {**batch.resume, "at": at})
            self.stream_state["unfinished"] = msgspec.json.encode(unfinished).decode()
            if not self._batches:
                self.state_manager.is_flushed = False
                self._write_state_message()

    def _complete(self) -> None:
        """Leave a bookmark and nothing else."""
        # Null and not gone: after a full refresh Meltano merges STATE into what it had, for ever.
        self.stream_state["unfinished"] = None
        if self.replication_method != "INCREMENTAL":
            return
        if self._newest is not None:
            self.advance_bookmark(rfc3339(self._newest))
        bookmark = self.bookmark()
        if bookmark is not None and bookmark > self.started:
            # It was written by a machine whose clock was ahead.
            self.stream_state["replication_key_value"] = rfc3339(self.started)
