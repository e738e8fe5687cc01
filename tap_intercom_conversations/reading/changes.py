"""Which objects of a collection changed: walks are read side by side, and written in order.

All of this runs in the main thread; only `PageReader.read` runs in workers. A free lane takes the
first walk that can be asked. What a walk brings waits until all before it has been written.
"""

from __future__ import annotations

import typing as t
from collections import deque
from dataclasses import dataclass, field

from tap_intercom_conversations.errors import ApiError, LostPlace
from tap_intercom_conversations.reading.batch import Batch
from tap_intercom_conversations.reading.checkpoint import Checkpoint
from tap_intercom_conversations.reading.list_or_scroll import read_list_or_scroll
from tap_intercom_conversations.reading.listing import ListWalk
from tap_intercom_conversations.reading.pages import PageReader
from tap_intercom_conversations.reading.spans import spans_of
from tap_intercom_conversations.reading.walk import Shared

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.reading.bounds import Bounds
    from tap_intercom_conversations.reading.collection import Collection
    from tap_intercom_conversations.reading.pages import Page
    from tap_intercom_conversations.reading.walk import Walk

SEARCH_SHARE = 4
"""A search page is heavy: at most a quarter of the requests in flight are searches."""
PAGES_AHEAD_PER_LANE = 16
"""Pages that may wait for their turn, packed as they came."""
BYTES_AHEAD = 32 * 1024 * 1024
"""Bytes of them at most, should they be large."""


def read_changes(
    client: Client,
    workers: Workers,
    collection: Collection,
    bounds: Bounds,
    resume: Checkpoint | None = None,
) -> Iterator[Batch]:
    """Read the objects that changed within the bounds, as `Reading.batches`.

    Args:
        client: The API.
        workers: The threads that ask for pages.
        collection: What is read.
        bounds: From when until when.
        resume: Where an earlier reading was broken off.
    """
    resume, shared = resume or Checkpoint(start=bounds.start), Shared(collection, bounds)
    walks = spans_of(resume, shared) if collection.search_path else [ListWalk(resume, shared)]
    queues = list(map(Queue, walks))
    reading = Reading(PageReader(client, collection), workers, bounds, queues, resume.watermark)
    if collection.scroll_path:
        return read_list_or_scroll(client, workers, collection, reading.batches(), bounds.end)
    return reading.batches()


@dataclass(eq=False)
class Queue:
    """A walk, what is asked for it, and what waits."""

    walk: Walk
    future: Future[Page] | None = None
    waiting: deque[Batch] = field(default_factory=deque)
    error: ApiError | LostPlace | None = None


@dataclass
class Reading:
    """One reading of what changed.

    Attributes:
        reader: What asks for pages.
        workers: The threads that it does so in.
        bounds: From when until when.
        queues: What is still to be read, in order.
        watermark: The greatest time that was written, in epoch seconds.
        total: How many rows there are, as far as known.
        largest: Bytes of the largest page so far.
    """

    reader: PageReader
    workers: Workers
    bounds: Bounds
    queues: list[Queue]
    watermark: int | None
    total: int = 0
    largest: int = 1

    def batches(self) -> Iterator[Batch]:
        """Yield the pages of the first walk, while others are read ahead.

        Raises:
            ApiError: A page cannot be had.
            LostPlace: A walk gets no further.
            Stopped: The sync is to end.
        """
        try:
            while self.queues:
                head = self.queues[0]
                self._collect()
                self._keep_busy()
                if head.waiting:
                    yield self._in_turn(head.waiting.popleft())
                elif head.error is not None:
                    raise head.error
                elif head.walk.is_over:
                    self.queues.pop(0)
                else:
                    self.workers.wait_any(self._futures())
        finally:
            for future in self._futures():
                future.cancel()

    def _in_turn(self, batch: Batch) -> Batch:
        """Say how far the reading has come, once it is a batch's turn."""
        self.watermark = max(filter(None, (self.watermark, batch.watermark)), default=None)
        batch.watermark, batch.total = self.watermark, self.total
        if batch.checkpoint is None and len(self.queues) > 1:
            start = self.queues[1].walk.start  # on with the next; what is past the horizon at that
            batch.checkpoint = Checkpoint(start=start and min(start, self.bounds.horizon))
        if batch.checkpoint is not None:
            batch.checkpoint.watermark = self.watermark
        return batch

    def _futures(self) -> list[Future[Page]]:
        return [queue.future for queue in self.queues if queue.future is not None]

    def _collect(self) -> None:
        """Take in what has arrived. A walk's failure waits until all before it is written."""
        for queue in list(self.queues):
            if queue.future is None or not queue.future.done():
                continue
            future, queue.future = queue.future, None
            try:
                self._take(queue, future)
            except (ApiError, LostPlace) as error:
                queue.error = error

    def _take(self, queue: Queue, future: Future[Page]) -> None:
        walk = queue.walk
        try:
            page = future.result()
        except ApiError as error:
            walk.fail(error)
            return
        new = walk.take(page)
        self.largest = max(self.largest, len(page.body.wire))
        self.total = max(self.total, page.count or 0)
        behind = self.queues.index(queue) + 1
        self.queues[behind:behind] = map(Queue, walk.split(page))
        queue.waiting.append(self._batch(walk, page, new))

    def _batch(self, walk: Walk, page: Page, new: list[int]) -> Batch:
        """Make a batch of those new rows of a page that lie within the user's bounds."""
        end = min(self.bounds.end, self.bounds.started + 1)
        rows = [index for index in new if self.bounds.user.holds(page.rows[index].time)]
        times = (page.rows[index].time for index in rows)
        watermark = max((time for time in times if time is not None and time < end), default=None)
        return Batch(page.body, rows, watermark, None if walk.is_over else walk.checkpoint())

    def _keep_busy(self) -> None:
        """Ask for pages as long as lanes are free and there is room for what comes."""
        busy = len(self._futures())
        held = sum(len(queue.waiting) for queue in self.queues)
        lanes = max(self.workers.threads // SEARCH_SHARE, 1)
        most = min(PAGES_AHEAD_PER_LANE * lanes, BYTES_AHEAD // self.largest)
        unfinished = [queue for queue in self.queues if not (queue.walk.is_over or queue.error)]
        for number, queue in enumerate(unfinished):
            # The first may always go on: everything else waits for it.
            if busy == lanes or (number and busy + held >= most):
                return
            walk = queue.walk
            # The index catches up meanwhile: a row that stood in a span goes to the tail, and if
            # the tail was read by then and the span was not, neither has it.
            if not (queue.future or (walk.is_tail and number > 0)):
                queue.future = self.workers.submit(self.reader.read, walk.query, walk.cursor)
                busy += 1
