"""Reads walks side by side, and hands over their pages in order.

All of this runs in the main thread; only `PageReader.read` runs in workers. A free lane takes the
first walk that can be asked. What a walk brings waits until all before it has been written.
"""

from __future__ import annotations

import typing as t
from collections import deque

from tap_intercom_conversations.errors import ApiError, LostPlace
from tap_intercom_conversations.reading.batch import Batch

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.reading.bounds import Bounds
    from tap_intercom_conversations.reading.pages import Page, PageReader
    from tap_intercom_conversations.reading.walk import Walk

SEARCH_SHARE = 4
"""A search page is heavy: at most a quarter of the requests in flight are searches."""
PAGES_AHEAD_PER_LANE = 16
"""Pages that may wait for their turn, packed as they came."""
BYTES_AHEAD = 32 * 1024 * 1024
"""Bytes of them at most, should they be large."""


class _Queue:
    """A walk, what is asked for it, and what waits."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.future: Future[Page] | None = None
        self.waiting: deque[Batch] = deque()
        self.error: ApiError | LostPlace | None = None

    @property
    def is_done(self) -> bool:
        """Nothing more will be asked for."""
        return self.walk.is_over or self.error is not None


class Reading:
    """One reading of what changed.

    Args:
        reader: What asks for pages.
        workers: The threads that it does so in.
        bounds: From when until when.
        walks: What is to be read, in order.
        watermark: The greatest time that an earlier reading wrote, in epoch seconds.
    """

    def __init__(
        self,
        reader: PageReader,
        workers: Workers,
        bounds: Bounds,
        walks: Iterable[Walk],
        watermark: int | None,
    ) -> None:
        self._reader = reader
        self._workers = workers
        self._lanes = max(workers.threads // SEARCH_SHARE, 1)
        self._bounds = bounds
        self._queues = [_Queue(walk) for walk in walks]
        self._watermark = watermark
        self._total = 0
        self._largest = 1  # bytes of the largest page so far

    def batches(self) -> Iterator[Batch]:
        """Yield the pages of the first walk, while others are read ahead.

        Raises:
            ApiError: A page cannot be had.
            LostPlace: A walk gets no further.
            Stopped: The sync is to end.
        """
        try:
            while self._queues:
                head = self._queues[0]
                self._collect()
                self._keep_busy()
                if head.waiting:
                    yield self._in_turn(head.waiting.popleft())
                elif head.error is not None:
                    raise head.error
                elif head.is_done:
                    self._queues.pop(0)
                else:
                    self._workers.wait_any(self._futures())
        finally:
            for future in self._futures():
                future.cancel()

    def _in_turn(self, batch: Batch) -> Batch:
        """Say how far the reading has come, once it is a batch's turn."""
        self._watermark = max(filter(None, (self._watermark, batch.watermark)), default=None)
        batch.watermark, batch.total = self._watermark, self._total
        if batch.checkpoint is None and len(self._queues) > 1:
            batch.checkpoint = self._queues[1].walk.beginning  # on with the next
        if batch.checkpoint is not None:
            batch.checkpoint.watermark = self._watermark
        return batch

    def _futures(self) -> list[Future[Page]]:
        return [queue.future for queue in self._queues if queue.future is not None]

    def _collect(self) -> None:
        """Take in what has arrived. A walk's failure waits until all before it is written."""
        for queue in list(self._queues):
            if queue.future is None or not queue.future.done():
                continue
            future, queue.future = queue.future, None
            try:
                self._take(queue, future)
            except (ApiError, LostPlace) as error:
                queue.error = error

    def _take(self, queue: _Queue, future: Future[Page]) -> None:
        walk = queue.walk
        try:
            page = future.result()
        except ApiError as error:
            walk.fail(error)
            return
        new = walk.take(page)
        self._largest = max(self._largest, len(page.body.wire))
        self._total = max(self._total, page.count or 0)
        behind = self._queues.index(queue) + 1
        self._queues[behind:behind] = map(_Queue, walk.split(page))
        queue.waiting.append(self._batch(walk, page, new))

    def _batch(self, walk: Walk, page: Page, new: list[int]) -> Batch:
        """Make a batch of those new rows of a page that lie within the user's bounds."""
        end = self._bounds.watermark_end
        rows = [index for index in new if self._bounds.user.holds(page.rows[index].time)]
        times = (page.rows[index].time for index in rows)
        watermark = max((time for time in times if time is not None and time < end), default=None)
        return Batch(page.body, rows, watermark, None if walk.is_over else walk.checkpoint())

    def _keep_busy(self) -> None:
        """Ask for pages as long as lanes are free and there is room for what comes."""
        busy = len(self._futures())
        held = sum(len(queue.waiting) for queue in self._queues)
        most = min(PAGES_AHEAD_PER_LANE * self._lanes, BYTES_AHEAD // self._largest)
        all_done = True  # that lies before
        for number, queue in enumerate(self._queues):
            # The first may always go on: everything else waits for it.
            if busy == self._lanes or (number and busy + held >= most):
                return
            # The index catches up meanwhile: a row that stood in a span goes to the tail, and if
            # the tail was read by then and the span was not, neither has it.
            has_to_wait = queue.walk.is_tail and not all_done
            all_done &= queue.is_done
            if not (has_to_wait or queue.is_done or queue.future):
                walk = queue.walk
                queue.future = self._workers.submit(self._reader.read, walk.query, walk.cursor)
                busy += 1
