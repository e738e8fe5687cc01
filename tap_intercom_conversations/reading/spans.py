"""A span: the walk of a search over one range of time, and where the rest of it is split off.

The index lags behind: a row stands where it stood before its last change, but already with its new
time. So a time on a page is a hint and a place on a page is a fact: a span is over when the API has
no more pages for it, and the place to go on from is never one row's time.
"""

from __future__ import annotations

import math
import typing as t
from itertools import pairwise

from tap_intercom_conversations.api.pagination import sort_value
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.walk import CountTrust, Walk

if t.TYPE_CHECKING:
    from tap_intercom_conversations.reading.checkpoint import Checkpoint
    from tap_intercom_conversations.reading.pages import Page

EVIDENCE_ROWS = 10
"""Rows in a row whose least time says how far the walk has come."""
LEAF_PAGES = 4
"""Pages that are read one after another; more that remain are split."""
MOST_PARTS = 16
"""Parts that the rest of a span is split into."""
STUCK_CHAINS = 1
"""Chains that may get no further before a span is split."""


class Span(Walk):
    """A walk upward through one range of time.

    Args:
        start: From when, inclusive, in epoch seconds.
        end: Until when, exclusive; None for no end.
        sync_end: As for `Walk`.
        trust: As for `Walk`.
        is_tail: What is younger than the index horizon: times are no evidence there.
        is_beyond: What changed after the sync had started.
        times: Of rows that were read already, though they may lie in here, by their keys.
    """

    def __init__(
        self,
        start: int,
        end: int | None,
        sync_end: int,
        trust: CountTrust,
        *,
        is_tail: bool = False,
        is_beyond: bool = False,
        times: dict[int, int | None] | None = None,
    ) -> None:
        self.start = start
        self.end = end
        self.is_tail = is_tail or is_beyond
        self.is_beyond = is_beyond
        self.place = start
        super().__init__(sync_end, trust)
        self._times = times or {}

    @classmethod
    def resumed(cls, checkpoint: Checkpoint, sync_end: int, trust: CountTrust) -> Span:
        """Go on with the walk that an earlier sync left."""
        start, end = checkpoint.start or 0, checkpoint.end
        span = cls(
            *(start, end, sync_end, trust),
            is_tail=end is None or (checkpoint.then or 0) < end,
            is_beyond=start >= sync_end,
        )
        span.query = TimeRange(checkpoint.query_start, checkpoint.end)
        span.resume(checkpoint)
        return span

    def __str__(self) -> str:
        """Where the walk is, for a log line."""
        return f"updated_at {self.place}"

    def _begin_chain(self) -> None:
        super()._begin_chain()
        start = self.place if self.end is None else min(self.place, self.end - 1)
        self.query = TimeRange(start, self.end)
        self._evidence: list[int] = []

    def take(self, page: Page) -> list[int]:
        """Take in a page, as `Walk.take`, and see how far it has come."""
        by_number = "page" in self.cursor
        has_slid = by_number and page.count != self.chain_count
        before = self.place
        if page.next and not (self.is_tail or has_slid):
            self._find_place(page)
        new = super().take(page)
        if self.place > before:
            # What lies below is not asked for again.
            self._times = self._times_from(self.place)
        if has_slid and not self.is_over:
            # A row that changes leaves the span, and all behind it move up: some on to pages that
            # were read. So a number is good only as long as as many rows are counted.
            self.begin_anew("rows came or went while pages were counted by number")
        elif "page" in self.cursor and self.place > (self.query.start or 0):
            self.begin_anew("numbers lead through the rows of one moment only")
        return new

    def _find_place(self, page: Page) -> None:
        """Move the place to go on from up to the least time of the last rows in order."""
        times = [time for row in page.rows if self._is_inside(time := row.time)]
        self._evidence = (self._evidence + times)[-EVIDENCE_ROWS:]
        indexed_at = sort_value(page.next)
        # A readable cursor says where the index has the page's last row, whatever that shows: then
        # fewer rows will do, or chains of small pages would never get on.
        enough = EVIDENCE_ROWS if indexed_at is None else min(EVIDENCE_ROWS, page.size // 2 + 1)
        if len(self._evidence) >= enough:
            self.place = max(self.place, min(self._evidence[-enough:]))
        if indexed_at is not None and indexed_at >= self.start:
            self.place = min(self.place, indexed_at)

    def _gets_on(self) -> bool:
        return self._fresh > 0 or self.place > (self.query.start or 0)

    def _times_from(self, place: int) -> dict[int, int | None]:
        return {key: time for key, time in self._times.items() if time is None or time >= place}

    def _is_inside(self, time: int | None) -> t.TypeGuard[int]:
        return time is not None and self.query.holds(time)

    def split(self, page: Page, *, side_by_side: bool = True) -> list[Span]:
        """Split what remains after a page into equal times, if that is more than a few pages.

        A span whose chains get nowhere, as if there were more rows than its pages lead to, is split
        in two: in the end its parts have one page each, which is all that they have.

        Args:
            page: The page that was taken in last.
            side_by_side: Parts can be read at the same time; if not, only the latter is a reason.

        Returns:
            The parts; this span is over then. None if it is read on by cursor.
        """
        if self.end is None or self.is_over:
            return []
        seconds = self.end - self.place
        parts = min(self._parts(page, side_by_side=side_by_side), MOST_PARTS, seconds)
        if parts == 1:
            return []
        self.is_over = True
        edges = [self.place + seconds * part // parts for part in range(parts + 1)]
        # A row may show a time of another part than the one where the index has it.
        return [
            Span(
                *(low, high, self._sync_end, self._trust),
                is_tail=self.is_tail,
                times=self._times_from(self.place),
            )
            for low, high in pairwise(edges)
        ]

    def _parts(self, page: Page, *, side_by_side: bool) -> int:
        if self._stuck > STUCK_CHAINS:
            return 2
        is_going_on = bool(self.cursor) and self.cursor == page.next
        if self.is_tail or not (side_by_side and is_going_on and self.place > self.start):
            return 1
        return max(math.ceil(self.left / (LEAF_PAGES * page.size)), 1)

    def checkpoint(self) -> Checkpoint:
        """Where to go on with this walk."""
        checkpoint = super().checkpoint()
        checkpoint.start = self.place
        checkpoint.then = self.start if self.is_tail else self.end
        checkpoint.end = self.end
        checkpoint.query_start = self.query.start
        return checkpoint
