"""Reads a list downward, newest first, as far as the lower bound if it does keep that order.

Whether the list honours `sort` and `order` is not documented from 2.7 on: it is left early only if
it has shown that it does, and as long as it does.
"""

from __future__ import annotations

import typing as t
from collections import deque
from dataclasses import dataclass, field

from tap_intercom_conversations.reading.walk import Chain, Walk

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.checkpoint import Checkpoint
    from tap_intercom_conversations.reading.pages import Page
    from tap_intercom_conversations.reading.walk import Shared

ORDER_SHOWS_ROWS = 10
"""Rows in descending order after which the list may be taken to honour `order`."""


@dataclass
class ListChain(Chain):
    """A chain of a list's pages, and what their rows show of its order.

    Attributes:
        is_descending: Each row changed no later than the one above it.
        is_not_by_creation: The order cannot be that of creation.
        first: The time of the first row that has one.
        newest: The times of the last rows.
    """

    is_descending: bool = True
    is_not_by_creation: bool = False
    first: int | None = None
    newest: deque[int] = field(default_factory=lambda: deque(maxlen=ORDER_SHOWS_ROWS))

    def add(self, page: Page) -> None:
        """Count a page and its rows, as `Chain.add`, and look at their order."""
        super().add(page)
        if self.in_doubt:
            return  # it was looked at before
        self.is_not_by_creation |= page.is_not_by_creation
        for time in (row.time for row in page.rows if row.time is not None):
            self.first = time if self.first is None else self.first
            self.is_descending &= not self.newest or time <= self.newest[-1]
            self.newest.append(time)

    def is_past(self, start: int | None) -> bool:
        """Tell whether all that is still to come lies below a bound, in epoch seconds.

        Newest first by creation looks the same, if what was created last was changed last: so an
        older row has to stand above a younger one somewhere.
        """
        if start is None or self.first is None or len(self.newest) < ORDER_SHOWS_ROWS:
            return False
        shows_order = self.is_descending and self.first > self.newest[-1]
        # All of the last rows: one row with an odd time must not cost those below it.
        return shows_order and self.is_not_by_creation and self.newest[0] < start


class ListWalk(Walk):
    """A walk down a list.

    Args:
        start: Down to when, in epoch seconds; None for all.
        shared: As for `Walk`.
        then: Down to when to read once more from the top, after this walk; None if it is to be seen
            from what this walk finds there.
    """

    chain_type = ListChain
    is_tail = True
    _chain: ListChain

    def __init__(self, start: int | None, shared: Shared, then: int | None = None) -> None:
        super().__init__(start, shared)
        self._then = then
        self._newest = 0  # of the rows of this sync

    def __str__(self) -> str:
        """What is walked down, for a log line."""
        return f"the list of {self._shared.collection.name}"

    @property
    def left(self) -> int:
        """As `Walk.left`; what changed while it was read has moved up, to where other chains began.

        So chains count together.
        """
        return min(super().left, self._chain.count - len(self.times))

    def checkpoint(self) -> Checkpoint:
        """Where to go on; then from below the newest row: what has changed since stands above."""
        checkpoint, bounds = super().checkpoint(), self._shared.bounds
        lookback = bounds.end - bounds.horizon
        checkpoint.then = self._newest - lookback if self._then is None else self._then
        return checkpoint

    def take(self, page: Page) -> list[int]:
        """Take in a page, as `Walk.take`, and see whether all that is to come is too old."""
        by_number = "page" in self.cursor or "page" in page.next
        sync_end = self._shared.bounds.end
        times = (row.time or 0 for row in page.rows)
        self._newest = max([self._newest, *(time for time in times if time < sync_end)])
        new = super().take(page)
        if self.cursor and not self.is_over:
            if not self._chain.is_past(self.start):
                self.is_over = not by_number and self._has_caught_up()
            elif not by_number or self._is_confirmed(page):
                self.is_over = True
            else:
                why = "rows may have slid while pages were counted by number"
                self.begin_anew(why, has_ended=True)
        return [index for index in new if self.query.holds(page.rows[index].time)]

    def _has_caught_up(self) -> bool:
        """Tell whether the chain before was short of rows, and this one found them at the top."""
        before = self._before
        if before is None or self._shared.counts_lie:
            return False
        return before.rows < max(before.count, self._chain.count) <= len(self.times)

    def _count_shows_all(self, page: Page) -> bool:  # noqa: ARG002  a search's answer depends on it
        """By page number, one deletion and one creation cancel out, and a row slides unseen.

        A full last page hides nothing: another walk from the top would end at the same row.
        """
        return "page" not in self.cursor

    def _is_confirmed(self, page: Page) -> bool:
        """As `Walk`; what lies below the lower bound need not be reached again."""
        if self._before is not None and self._chain.is_past(self.start):
            return not self._before.pages or not self._chain.fresh
        return super()._is_confirmed(page)


def list_walks_of(resume: Checkpoint, shared: Shared) -> Iterator[ListWalk]:
    """What is to be read: the rest of an earlier walk, and what has changed since.

    A row that changes while the list is read may move from below to above all that is still to
    come. A walk to the end misses it in the count. One that is left at its lower bound does not, so
    for a whole copy another one looks through what has changed since the sync began.
    """
    if resume.has_walk:
        rest = ListWalk(resume.start, shared, then=resume.then)
        rest.resume(resume)
        yield rest
    yield ListWalk(resume.goes_on_from, shared)
    if shared.bounds.whole and resume.goes_on_from is not None:
        yield ListWalk(shared.bounds.horizon, shared)
