"""Reads a list downward, newest first, as far as the lower bound if it does keep that order.

Whether the list honours `sort` and `order` is not documented from 2.7 on: it is left early only if
it has shown that it does, and as long as it does.
"""

from __future__ import annotations

import typing as t
from collections import deque

from tap_intercom_conversations.errors import ApiError
from tap_intercom_conversations.reading.batch import Batch
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.checkpoint import Checkpoint
from tap_intercom_conversations.reading.walk import CountTrust, Walk

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.reading.bounds import Bounds
    from tap_intercom_conversations.reading.collection import Collection
    from tap_intercom_conversations.reading.pages import Page, PageReader

ORDER_SHOWS_ROWS = 10
"""Rows in descending order after which the list may be taken to honour `order`."""
ALL = TimeRange(None, None)


class ListWalk(Walk):
    """A walk down a list.

    Args:
        name: What is listed, for messages.
        start: Down to when, in epoch seconds; None for all.
        then: Where to read on, if it is broken off and then finished by a later sync.
        sync_end: As for `Walk`.
        trust: As for `Walk`.
    """

    def __init__(
        self,
        name: str,
        start: int | None,
        then: int | None,
        sync_end: int,
        trust: CountTrust,
    ) -> None:
        self._name = name
        self.start = start
        self.then = then
        self._is_by_change = False
        self._greatest_count = 0  # of all chains
        self._is_repetition = False  # the chain before came to an end,
        self._was_short = False  # with fewer rows than are counted
        super().__init__(sync_end, trust)

    def __str__(self) -> str:
        """What is walked down, for a log line."""
        return f"the list of {self._name}"

    @property
    def left(self) -> int:
        """As `Walk.left`; what changed while it was read has moved up, to where other chains began.

        So chains count together.
        """
        return min(super().left, self.chain_count - len(self._times))

    def _begin_chain(self) -> None:
        self._is_descending = True
        self._first: int | None = None
        self._last: int | None = None
        self._newest = deque[int](maxlen=ORDER_SHOWS_ROWS)  # the times of the last rows
        super()._begin_chain()

    def take(self, page: Page) -> list[int]:
        """Take in a page, as `Walk.take`, and see whether all that is to come is too old."""
        if not self._asked_again:
            self._look_at_order(page)
        by_number = self._goes_by_number(page)
        self._greatest_count = max(self._greatest_count, page.count or 0)
        new = super().take(page)
        if self.is_over or not self.cursor:
            return new
        if self._is_past_start():
            if by_number and not self._is_confirmed(page):
                why = "rows may have slid while pages were counted by number"
                self.begin_anew(why, has_ended=True)
            else:
                self.is_over = True
        elif self._has_caught_up(page):
            self.is_over = True
        return new

    def _has_caught_up(self, page: Page) -> bool:
        """Tell whether another chain has found at the top what had moved there."""
        is_counted = self._count_suffices(page) and not self._trust.is_lost
        return self._was_short and is_counted and self._greatest_count <= len(self._times)

    def begin_anew(self, why: str, *, has_ended: bool = False) -> None:
        """Begin another chain of pages, as `Walk.begin_anew`."""
        self._is_repetition = has_ended
        self._was_short = has_ended and self.left > 0
        super().begin_anew(why, has_ended=has_ended)

    def _goes_by_number(self, page: Page) -> bool:
        return "page" in self.cursor or "page" in page.next

    def _count_suffices(self, page: Page) -> bool:
        """By page number, one deletion and one creation cancel out, and a row slides unseen."""
        return page.count is not None and not self._goes_by_number(page)

    def _may_hide_more(self, page: Page) -> bool:  # noqa: ARG002  a search's answer depends on it
        """Another walk from the top would end at the same row: it can show no more."""
        return False

    def _is_confirmed(self, page: Page) -> bool:
        """Tell whether this pass came as far as the one before, and brought nothing new."""
        if self._is_resumed_pass:
            return self._is_past_start() or self._is_as_long(page)
        return self._is_repetition and self._fresh == 0 and self._came_as_far()

    def _came_as_far(self) -> bool:
        return self._is_past_start() or super()._came_as_far()

    def _look_at_order(self, page: Page) -> None:
        self._is_by_change |= page.is_by_change
        for row in page.rows:
            if row.time is not None:
                self._first = row.time if self._first is None else self._first
                self._is_descending &= self._last is None or row.time <= self._last
                self._last = row.time
                self._newest.append(row.time)

    def _is_past_start(self) -> bool:
        """Tell whether all that is still to come lies below the lower bound.

        Newest first by creation looks the same, if what was created last was changed last: so an
        older row has to stand above a younger one somewhere.
        """
        if self.start is None or self._first is None or self._last is None:
            return False
        shows_order = (
            self._is_descending
            and len(self._newest) == ORDER_SHOWS_ROWS
            and self._first > self._last
            and self._is_by_change
        )
        # All of the last rows: one row with an odd time must not cost those below it.
        return shows_order and max(self._newest) < self.start

    def checkpoint(self) -> Checkpoint:
        """Where to go on with this walk."""
        checkpoint = super().checkpoint()
        checkpoint.start, checkpoint.then = self.start, self.then
        return checkpoint


class Listing:
    """One reading of a list; the next page is asked for while one is written."""

    def __init__(
        self,
        reader: PageReader,
        collection: Collection,
        workers: Workers,
        bounds: Bounds,
        resume: Checkpoint | None,
    ) -> None:
        self._reader = reader
        self._workers = workers
        self._bounds = bounds
        self._watermark = None if resume is None else resume.watermark
        self._total = 0
        trust = CountTrust()
        self._walks: list[ListWalk] = []
        start = bounds.start
        if resume is not None:
            start = resume.goes_on_from
            if resume.has_walk:
                rest = ListWalk(collection.name, resume.start, resume.then, bounds.end, trust)
                rest.resume(resume)
                self._walks.append(rest)
        self._walks.append(ListWalk(collection.name, start, None, bounds.end, trust))

    def batches(self) -> Iterator[Batch]:
        """Yield the pages as they come; the last batch of all has no checkpoint."""
        while self._walks:
            walk = self._walks[0]
            yield from self._walk(walk)
            self._walks.pop(0)

    def _walk(self, walk: ListWalk) -> Iterator[Batch]:
        future = self._ask(walk)
        try:
            while not walk.is_over:
                try:
                    page = self._workers.result(future)
                except ApiError as error:
                    walk.fail(error)
                    future = self._ask(walk)
                    continue
                new = walk.take(page)
                if not walk.is_over:
                    future = self._ask(walk)
                self._total = max(self._total, walk.chain_count)
                yield self._batch(walk, page, new)
        finally:
            future.cancel()

    def _ask(self, walk: ListWalk) -> Future[Page]:
        return self._workers.submit(self._reader.read, ALL, walk.cursor)

    def _batch(self, walk: ListWalk, page: Page, new: list[int]) -> Batch:
        wanted = TimeRange(walk.start, None)
        rows = [
            place
            for place in new
            if wanted.holds(time := page.rows[place].time) and self._bounds.user.holds(time)
        ]
        times = (page.rows[place].time for place in rows)
        known = [time for time in times if time is not None and time < self._bounds.watermark_end]
        self._watermark = max(filter(None, (self._watermark, *known)), default=None)
        return Batch(page.body, rows, self._watermark, self._checkpoint(walk), self._total)

    def _checkpoint(self, walk: ListWalk) -> Checkpoint | None:
        if not walk.is_over:
            checkpoint = walk.checkpoint()
            checkpoint.watermark = self._watermark
            if walk is self._walks[-1]:
                # Whoever goes on begins below: what has changed since stands at the top.
                newest = min(self._watermark or 0, self._bounds.end - 1)
                checkpoint.then = newest - (self._bounds.end - self._bounds.horizon)
            return checkpoint
        if walk is self._walks[-1]:
            return None
        start = self._walks[-1].start
        return Checkpoint(start=start, watermark=self._watermark)
