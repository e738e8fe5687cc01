"""A span: the walk of a search over one range of time, and where the rest of it is split off.

The index lags behind: a row stands where it stood before its last change, but already with its new
time. So a time on a page is a hint and a place on a page is a fact: a span is over when the API has
no more pages for it, and the place to go on from is never one row's time.
"""

from __future__ import annotations

import math
import typing as t
from dataclasses import replace
from itertools import pairwise

from tap_intercom_conversations.api.pagination import sort_value
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.checkpoint import Checkpoint
from tap_intercom_conversations.reading.walk import Walk
from tap_intercom_conversations.times import rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.pages import Page, Row
    from tap_intercom_conversations.reading.walk import Shared

EVIDENCE_ROWS = 10
"""Rows in a row whose least time says how far the walk has come."""
LEAF_PAGES = 4
"""Pages that are read one after another; more that remain are split."""
MOST_PARTS = 16
"""Parts that the rest of a span is split into."""


class Span(Walk):
    """A walk upward through one range of time.

    Args:
        origin: As for `Walk`; its `end` is None for no end.
        shared: As for `Walk`.
        is_tail: What is younger than the index horizon: times are no evidence there.

    Attributes:
        place: Where to go on from, in epoch seconds: all below it was read.
    """

    start: int

    def __init__(self, origin: Checkpoint, shared: Shared, *, is_tail: bool = False) -> None:
        super().__init__(origin, shared)
        self.start = self.place = origin.start or 0
        self.is_beyond = self.start >= shared.bounds.end  # what changed after the sync had started
        self.is_tail = is_tail or self.is_beyond
        # By days, what has moved behind the end is still counted. What the tail misses the next
        # sync finds, if there is one that looks there.
        is_read_once = shared.bounds.whole or not self.is_tail
        self.may_slide = is_read_once and shared.collection.precision.above > 0
        self._evidence: list[int] = []

    def __str__(self) -> str:
        """Where the walk is, for a log line."""
        return f"{self._shared.collection.time_field} {rfc3339(self.place)}"

    def begin_anew(self, why: str, *, has_ended: bool = False) -> None:
        """Begin another chain of pages, as `Walk.begin_anew`, at the place."""
        super().begin_anew(why, has_ended=has_ended)
        self.query = TimeRange(self.place, self.query.end)
        self._evidence = []

    def take(self, page: Page) -> list[int]:
        """Take in a page, as `Walk.take`, and see how far it has come."""
        by_number, before = "page" in self.cursor, self.place
        page, has_slid = self._past_slides(page)
        if page.next and not (self.is_tail or has_slid or (by_number and self.may_slide)):
            self._find_place(page)
        new = super().take(page)
        if self.place > before:
            # What lies below is not asked for again.
            times = self.times.items()
            self.times = {key: time for key, time in times if time is None or time >= self.place}
        if self.is_beyond and not self._shared.bounds.whole:
            self.is_over = True  # one look at what changed since the start
        elif not self.is_over and (has_slid or ("page" in self.cursor and self._chain.has_moved)):
            # Numbers lead through the rows of one moment only.
            self.begin_anew("rows may have slid between numbered pages")
        return new

    def _past_slides(self, page: Page) -> tuple[Page, bool]:
        """See whether rows came or went since the page before, where pages have numbers.

        A row that changes leaves the span, and all behind it move up: some on to pages that were
        read. A span of seconds begins anew then, at its place. One of days has no place to begin
        at, and in a busy workspace would never end: so it goes back by as many rows as have left.
        Those that come stand at its end.

        Returns:
            The page, with another one after it if that is to be read again; and whether the chain
            is of no use any more.
        """
        has_slid = "page" in self.cursor and page.count != self._chain.count
        by_days = self._shared.collection.precision.above > 0
        if has_slid and by_days and page.count is not None and page.count < self._chain.count:
            gone, self._chain.count = self._chain.count - page.count, page.count
            back = self.cursor["page"] - math.ceil(gone / page.size)
            page = replace(page, next={**self.cursor, "page": max(back, 1)})
        return page, has_slid and not by_days

    def split(self, page: Page) -> list[Span]:
        """Split what remains after a page into equal times, if that is more than a few pages.

        A span whose chains get nowhere, as if there were more rows than its pages lead to, is split
        in two: in the end its parts have one page each, which is all that they have.

        Args:
            page: The page that was taken in last.

        Returns:
            The parts; this span is over then. None if it is read on by cursor.
        """
        if self.query.end is None or self.is_over:
            return []
        seconds = self.query.end - self.place
        most = seconds // self._shared.collection.precision.shortest_span
        parts = min(self._parts(page), MOST_PARTS, most)
        if parts <= 1:
            return []
        self.is_over = True
        edges = [self.place + seconds * part // parts for part in range(parts + 1)]
        ranges = [Checkpoint(start=start, end=end) for start, end in pairwise(edges)]
        spans = [Span(each, self._shared, is_tail=self.is_tail) for each in ranges]
        for span in spans:
            # A row may show a time of another part than the one where the index has it.
            span.times = dict(self.times)
        return spans

    def checkpoint(self) -> Checkpoint:
        """Where to go on with this walk; with the tail never from later than the horizon."""
        checkpoint = super().checkpoint()
        if self.is_tail:
            checkpoint.start = checkpoint.then = min(self.start, self._shared.bounds.horizon)
        else:
            checkpoint.start, checkpoint.then = self.place, self.query.end
        checkpoint.end, checkpoint.query_start = self.query.end, self.query.start
        return checkpoint

    def _parts(self, page: Page) -> int:
        """In how many parts to split what remains after a page; one or none: not at all."""
        if self._stuck > 1:  # chains in a row have got no further
            return 2
        if self.is_tail or self.place == self.start or not page.next or self.cursor != page.next:
            return 1
        return math.ceil(self.left / (LEAF_PAGES * page.size))

    def _find_place(self, page: Page) -> None:
        """Move the place to go on from up to the least time of the last rows in order."""
        times = [row.time for row in page.rows if row.time and self.query.holds(row.time)]
        indexed_at = sort_value(page.next)
        # A readable cursor says where the index has the page's last row, whatever that shows: then
        # fewer rows will do, or chains of small pages would never get on.
        enough = EVIDENCE_ROWS if indexed_at is None else min(EVIDENCE_ROWS, page.size // 2 + 1)
        self._evidence = [*self._evidence, *times][-EVIDENCE_ROWS:]
        if len(self._evidence) >= enough:
            precision = self._shared.collection.precision
            read_to = min(self._evidence[-enough:])
            query_start = (self.query.start or 0) - precision.below
            if indexed_at is not None and indexed_at >= query_start:
                read_to = min(read_to, indexed_at)
            else:
                # What knows days only may sort by days: rows of one day stand in any order.
                read_to -= precision.above
            self._chain.has_moved |= read_to > self.place
            self.place = max(self.place, read_to)

    def _is_confirmed(self, page: Page) -> bool:
        """As `Walk`; the chain before has brought nothing new either."""
        return super()._is_confirmed(page) and self._before is not None and not self._before.fresh

    def _is_known(self, row: Row) -> bool:
        return not self._owns(row.time) or super()._is_known(row)

    def _owns(self, time: int | None) -> bool:
        """Tell whether a row is this span's, by its time: whatever stands on its pages, as a rule.

        Not what came only because the query was asked wider: that is a neighbour's, or was read.
        But what is younger than the horizon may stand here, at its old place, and nowhere else.
        """
        precision, horizon = self._shared.collection.precision, self._shared.bounds.horizon
        start, end = self.query.start or 0, self.query.end or horizon
        below = TimeRange(start - precision.below, start)
        above = TimeRange(end, min(end + precision.above, horizon))
        return time is None or not (below.holds(time) or above.holds(time))


def spans_of(resume: Checkpoint, shared: Shared) -> Iterator[Span]:
    """What is to be read: the rest of an earlier walk, the indexed part, the tail, what is new."""
    bounds, precision = shared.bounds, shared.collection.precision
    start, horizon = resume.goes_on_from or 0, min(bounds.horizon, bounds.end)
    if resume.has_walk:
        yield Span(resume, shared, is_tail=resume.end is None or (resume.then or 0) < resume.end)
    if horizon - start >= precision.shortest_span:
        yield Span(Checkpoint(start=start, end=horizon), shared)
        start = horizon
    if start < bounds.end:
        yield Span(Checkpoint(start=start, end=bounds.end), shared, is_tail=True)
    beyond, end = bounds.end + precision.above, bounds.user.end
    if end is None or end > beyond:
        yield Span(Checkpoint(start=beyond, end=end), shared)
