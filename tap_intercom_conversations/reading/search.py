"""Reads a search upward in time: spans side by side, written in order.

All of this runs in the main thread; only `PageReader.read` runs in workers. A free lane takes the
lowest span that can be asked. What a span brings waits until all below it has been written.
"""

from __future__ import annotations

import typing as t
from collections import deque

from tap_intercom_conversations.errors import ApiError, LostPlace
from tap_intercom_conversations.reading.batch import Batch
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.checkpoint import Checkpoint
from tap_intercom_conversations.reading.spans import Span
from tap_intercom_conversations.reading.walk import CountTrust

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.reading.bounds import Bounds
    from tap_intercom_conversations.reading.collection import Collection
    from tap_intercom_conversations.reading.pages import Page, PageReader

SEARCH_SHARE = 4
"""A search page is heavy: at most a quarter of the requests in flight are searches."""
PAGES_AHEAD_PER_LANE = 6
"""Pages that may wait for their turn, packed as they came."""
BYTES_AHEAD = 32 * 1024 * 1024
"""Bytes of them at most, should they be large."""


class _Written(t.NamedTuple):
    """A page that waits for its turn."""

    page: Page
    rows: list[int]
    times: list[int]
    checkpoint: Checkpoint | None


class _Queue:
    """A span, what is asked for it, and what waits."""

    def __init__(self, span: Span, *, is_part: bool) -> None:
        self.span = span
        self.is_uncounted = not is_part  # a part was counted with the whole
        self.future: Future[Page] | None = None
        self.waiting: deque[_Written] = deque()
        self.error: ApiError | LostPlace | None = None

    @property
    def is_done(self) -> bool:
        """Nothing more will be asked for."""
        return self.span.is_over or self.error is not None


class Search:
    """One reading of a search."""

    def __init__(
        self,
        reader: PageReader,
        collection: Collection,
        workers: Workers,
        bounds: Bounds,
        resume: Checkpoint | None,
    ) -> None:
        self._reader = reader
        self._collection = collection
        self._workers = workers
        self._bounds = bounds
        self._lanes = max(workers.threads // SEARCH_SHARE, 1)
        self._queues = [_Queue(span, is_part=False) for span in _spans(bounds, resume)]
        self._largest = 1  # bytes of the largest page so far
        self._total = 0
        self._watermark = None if resume is None else resume.watermark

    def batches(self) -> Iterator[Batch]:
        """Yield the pages of the lowest span, while others are read ahead."""
        try:
            while self._queues:
                head = self._queues[0]
                self._collect()
                self._keep_busy()
                if head.waiting:
                    yield self._batch(head.waiting.popleft())
                elif head.error is not None:
                    raise head.error
                elif head.is_done:
                    self._queues.pop(0)
                else:
                    self._workers.wait_any(self._futures())
        finally:
            for future in self._futures():
                future.cancel()

    def _batch(self, written: _Written) -> Batch:
        self._watermark = max(filter(None, (self._watermark, *written.times)), default=None)
        checkpoint = written.checkpoint
        if checkpoint is None and len(self._queues) > 1:
            # This span is over: on with the next. What is past the horizon begins at that.
            start = min(self._queues[1].span.start, self._bounds.horizon)
            checkpoint = Checkpoint(start=start)
        if checkpoint is not None:
            checkpoint.watermark = self._watermark
        return Batch(written.page.body, written.rows, self._watermark, checkpoint, self._total)

    def _futures(self) -> list[Future[Page]]:
        return [queue.future for queue in self._queues if queue.future is not None]

    def _collect(self) -> None:
        """Take in what has arrived. A span's failure waits until all before it is written."""
        for queue in list(self._queues):
            if queue.future is None or not queue.future.done():
                continue
            future, queue.future = queue.future, None
            try:
                self._take(queue, future)
            except (ApiError, LostPlace) as error:
                queue.error = error

    def _take(self, queue: _Queue, future: Future[Page]) -> None:
        span, query = queue.span, queue.span.query
        try:
            page = future.result()
        except ApiError as error:
            span.fail(error)
            return
        self._largest = max(self._largest, len(page.body.wire))
        new = span.take(page)
        if queue.is_uncounted:
            queue.is_uncounted = False
            self._total += span.chain_count
        if span.is_beyond and not self._bounds.whole:
            span.is_over = True  # one look at what changed since the start
        parts = span.split(page, side_by_side=self._lanes > 1)
        position = self._queues.index(queue) + 1
        self._queues[position:position] = [_Queue(part, is_part=True) for part in parts]
        queue.waiting.append(self._written(span, query, page, new))

    def _written(self, span: Span, query: TimeRange, page: Page, new: list[int]) -> _Written:
        user, end = self._bounds.user, self._bounds.watermark_end
        # What came only because the query was asked wider is the neighbour's below, or was read.
        start = query.start or 0
        below = TimeRange(start - self._collection.widening, start)
        rows = [
            place
            for place in new
            if user.holds(time := page.rows[place].time) and (time is None or not below.holds(time))
        ]
        times = (page.rows[place].time for place in rows)
        return _Written(
            page,
            rows,
            [time for time in times if time is not None and time < end],
            None if span.is_over else self._checkpoint(span),
        )

    def _checkpoint(self, span: Span) -> Checkpoint:
        """Where to go on with a span; never from later than the horizon."""
        checkpoint = span.checkpoint()
        if span.is_tail:
            checkpoint.start = checkpoint.then = min(span.start, self._bounds.horizon)
        return checkpoint

    def _keep_busy(self) -> None:
        """Ask for pages as long as lanes are free and there is room for what comes."""
        busy = len(self._futures())
        held = sum(len(queue.waiting) for queue in self._queues)
        most = min(PAGES_AHEAD_PER_LANE * self._lanes, BYTES_AHEAD // self._largest)
        for number, queue in enumerate(self._queues):
            # The first may always go on: everything else waits for it.
            if busy == self._lanes or (number and busy + held >= most):
                return
            if queue.is_done or queue.future is not None or self._has_to_wait(number):
                continue
            span = queue.span
            queue.future = self._workers.submit(self._reader.read, span.query, span.cursor)
            busy += 1

    def _has_to_wait(self, number: int) -> bool:
        """Tell whether a span is of the tail and not all before it was read.

        The index catches up meanwhile: a row that stood in a span goes to the tail, and if the tail
        was read by then and the span was not, neither has it.
        """
        if not self._queues[number].span.is_tail:
            return False
        return not all(queue.is_done for queue in self._queues[:number])


def _spans(bounds: Bounds, resume: Checkpoint | None) -> list[Span]:
    """What is to be read: the rest of an earlier walk, the indexed part, the tail, what is new."""
    end, trust = bounds.end, CountTrust()
    spans = [Span.resumed(resume, end, trust)] if resume is not None and resume.has_walk else []
    start = (bounds.start if resume is None else resume.goes_on_from) or 0
    horizon = min(bounds.horizon, end)
    if start < horizon:
        spans.append(Span(start, horizon, end, trust))
    if max(start, horizon) < end:
        spans.append(Span(max(start, horizon), end, end, trust, is_tail=True))
    if bounds.beyond is not None:
        spans.append(Span(end, bounds.beyond.end, end, trust, is_beyond=True))
    return spans
