"""Reads a list downward, newest first, as far as the lower bound if it does keep that order.

Whether the list honours `sort` and `order` is not documented from 2.7 on: it is left early only if
it has shown that it does, and as long as it does.
"""

from __future__ import annotations

import typing as t
from collections import deque
from dataclasses import dataclass, field

from tap_intercom_conversations.api.pagination import Position
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.walk import Chain, Walk

if t.TYPE_CHECKING:
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
        end: Its last page, while the list's other end is asked for.
        first: The time of the first row that has one.
        newest: The times of the last rows.
    """

    is_descending: bool = True
    is_not_by_creation: bool = False
    end: Position = field(default_factory=Position)
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

    What changes while it is read moves to the top: some of it comes twice, some is missed. So what
    has changed since the walk began is read from the top afterwards.

    Args:
        origin: As for `Walk`.
        shared: As for `Walk`.
    """

    chain_type = ListChain
    _chain: ListChain

    def __init__(self, origin: Checkpoint, shared: Shared) -> None:
        super().__init__(origin, shared)
        # A walk that is left at its lower bound finds in no count what has moved to the top.
        is_left_early = shared.bounds.whole and origin.start is not None
        changed_since = shared.bounds.horizon if is_left_early else None
        # Down to when to read from the top after this chain; None if that is not needed.
        self._then = origin.then if origin.has_walk else changed_since

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
        checkpoint, bounds, first = super().checkpoint(), self._shared.bounds, self._chain.first
        checkpoint.cursor, checkpoint.then = self._chain.end or checkpoint.cursor, self._then
        if self._then is None and first is not None:
            checkpoint.then = min(first, bounds.end) - (bounds.end - bounds.horizon)
        return checkpoint

    def take(self, page: Page) -> list[int]:
        """Take in a page, as `Walk.take`, and see whether all that is to come is too old."""
        if "order" in self.cursor:
            self._compare_oldest(page)
            return []
        new = super().take(page)
        new = [index for index in new if self.query.holds(page.rows[index].time)]
        if self._chain.is_past(self.start):
            self.is_over = "page" not in self.cursor or self._is_confirmed(page)
            if not self.is_over:
                self.begin_anew("rows may have slid between numbered pages", has_ended=True)
        if self.is_over and self._then is not None:
            self._go_to_the_top()
        return new

    def begin_anew(self, why: str, *, has_ended: bool = False) -> None:
        """Begin another chain, as `Walk.begin_anew`; but see first if the oldest row was reached.

        Rows that moved up are missing in what was counted; after a kill nobody knows which, and all
        would be read again. But by cursor no row is passed over that stays where it is; unless some
        are gone, as a cursor may be a number in disguise.
        """
        chain = self._chain
        if has_ended and "starting_after" in chain.cursor and chain.counted == chain.count:
            chain.end, chain.cursor = chain.cursor, {"order": "asc"}  # turned round, if it can be
        else:
            super().begin_anew(why, has_ended=has_ended or "order" in self.cursor)

    def _compare_oldest(self, page: Page) -> None:
        """See whether the chain's last row is the first one of the list turned round."""
        if [row.key for row in page.rows[:1]] != [self._chain.last_key]:
            self.begin_anew("its pages may have ended early")
        elif self._then is None and not self._chain.fresh:
            self.is_over = True
        else:
            self._go_to_the_top()

    def _go_to_the_top(self) -> None:
        """Read what has changed since the walk began: all else was read."""
        then = self.checkpoint().then or 0
        self.start = max(then, self.start or then)
        self.query = TimeRange(self.start, None)
        self._chain, self._before, self._then, self.is_over = ListChain(), None, None, False

    def _is_confirmed(self, page: Page) -> bool:
        """As `Walk`; what lies below the lower bound need not be reached again."""
        if self._before is not None and self._chain.is_past(self.start):
            return not self._before.pages or not self._chain.fresh
        return super()._is_confirmed(page)
