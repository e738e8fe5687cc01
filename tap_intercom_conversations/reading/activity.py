"""How changes are spread over a span of time, as counts tell: where to cut it into equal parts.

A workspace grows, sleeps at weekends, and has days of mass updates: with windows of equal time, ten
times as much lies in the last of them as in the first. A count costs a request that is light; it
says how many there are up to a moment, and when the last change before that moment was.
"""

from __future__ import annotations

import typing as t
from bisect import bisect_left, bisect_right
from itertools import pairwise

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from tap_intercom_conversations.reading.pages import Count, Query

COUNTS_PER_PAGE = 0.03
"""Counts that may be asked for, beside the one of the whole span."""
MOST_COUNTS = 300
"""However many pages there are said to be."""
EVEN = 100
"""Pages between two counted moments that are taken to be spread evenly."""
SHORTEST = 60
"""Seconds; what lies closer together is not looked at more closely."""


class Activity:
    """How many conversations of a span changed before a moment, between what was counted."""

    def __init__(self) -> None:
        self.moments: list[int] = []
        self._counts: list[int] = []

    def learn(self, moment: int, count: int) -> None:
        """Take in a count; rows come and go meanwhile, so it may not quite fit the others."""
        place = bisect_left(self.moments, moment)
        if self.moments[place : place + 1] == [moment]:
            return
        least = self._counts[place - 1] if place else 0
        most = self._counts[place] if place < len(self._counts) else max(count, least)
        self.moments.insert(place, moment)
        self._counts.insert(place, min(max(count, least), most))

    def before(self, moment: int) -> float:
        """How many changed before a moment, supposedly: from one count to the next, evenly."""
        place = bisect_right(self.moments, moment)
        if place in {0, len(self.moments)}:
            return float(self._counts[max(place - 1, 0)]) if self._counts else 0.0
        (start, end), (low, high) = self._around(place)
        return low + (high - low) * (moment - start) / (end - start)

    def between(self, bottom: int, top: int, share: float) -> int:
        """When, between two moments, so large a share of what changed between them is over."""
        low, high = self.before(bottom), self.before(top)
        if low >= high:
            return bottom + int((top - bottom) * share)
        wanted = low + (high - low) * share
        place = bisect_right(self._counts, wanted)
        if place == len(self._counts):
            return top
        (start, end), (least, most) = self._around(place)
        return min(max(start + int((end - start) * (wanted - least) / (most - least)), bottom), top)

    def _around(self, place: int) -> tuple[list[int], list[int]]:
        below = slice(place - 1, place + 1)
        return self.moments[below], self._counts[below]


class Survey:
    """Counts a span's changes: up to its end, then where most are, until they seem evenly spread.

    Nothing but the place of cuts depends on it, so what cannot be counted is done without.

    Args:
        span: What is to be cut.
        size: Rows of a page.
        count: Has a worker count what a query finds.

    Attributes:
        activity: What was found out.
        rows: How many there are in all; None if that is not known.
        last: When the last change was; None if that is not known.
        asked: How many counts were asked for beside the first.
        over: It is known where to cut, as far as it will be.
    """

    def __init__(
        self, span: Query, size: int, count: Callable[[Query], Future[Count | None]]
    ) -> None:
        self.activity = Activity()
        self.rows: int | None = None
        self.last: int | None = None
        self.asked = 0
        self.over = False
        self._span = span
        self._size = size
        self._count = count
        self._pending: dict[Future[Count | None], int] = {}
        self._began = False
        self._most: int | None = None

    @property
    def futures(self) -> list[Future[Count | None]]:
        """The counts that are under way."""
        return [future for future in self._pending if not future.done()]

    def begin(self) -> None:
        """Ask how many there are in all, if that was not asked yet."""
        if not self._began:
            self._began = True
            self._ask(self._span.end)

    def expect(self, rows: int) -> None:
        """Ask for no more than so many rows are worth, as pages say that there are."""
        self._most = min(int(COUNTS_PER_PAGE * rows / self._size), MOST_COUNTS)
        self.over = False

    def collect(self) -> None:
        """Take in the counts that have come."""
        for future in [future for future in self._pending if future.done()]:
            self._take(self._pending.pop(future), future.result())
        if self._began and not self._pending and self._most is not None and not self.over:
            self.over = self._next() is None

    def go_on(self, lanes: int) -> None:
        """Ask for as many more as there are lanes, if that is worth it."""
        while lanes > 0 and not self.over and (moment := self._next()) is not None:
            self._ask(moment)
            self.asked += 1
            lanes -= 1

    def _ask(self, end: int) -> None:
        self._pending[self._count(self._span.up_to(end))] = end

    def _take(self, moment: int, count: Count | None) -> None:
        if count is None:
            return
        if moment == self._span.end:
            self.rows, self.last = count
        else:
            self.activity.learn(moment, count.rows)
        if count.last is not None:
            # A row at its old place comes with its new time, which may lie past the moment.
            self.activity.learn(min(count.last + 1, moment), count.rows)

    def _next(self) -> int | None:
        """Where to count next: in the middle of that between two counts which has most."""
        if self.asked >= (self._most or 0):
            return None
        moments = sorted({*self.activity.moments, *self._pending.values()})
        steps = [
            (self.activity.before(end) - self.activity.before(start), start, end)
            for start, end in pairwise(moments)
            if end - start > SHORTEST
        ]
        rows, start, end = max(steps, default=(0, 0, 0))
        return (start + end) // 2 if rows > EVEN * self._size else None
