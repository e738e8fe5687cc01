"""The steps of a walk down the list, newest first: which page is next, and if it is in order."""

from __future__ import annotations

import logging
import math
import typing as t

from tap_intercom_conversations.api.pagination import NextPage, RepeatedCursor
from tap_intercom_conversations.errors import LostPlace
from tap_intercom_conversations.reading.windows import MOST_REOPENINGS, Bound

if t.TYPE_CHECKING:
    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.pages import Page

logger = logging.getLogger("tap-intercom-conversations.listing")

ORDER_SHOWS = 10
"""Rows in descending order after which the list may be taken to honour `order`."""


class ListSteps:
    """The steps of one walk down the list: which page is next, and whether it is still in order."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self.over = False
        self._paginator = NextPage(position)
        self._descending = True
        self._first: int | None = None
        self._last: int | None = None
        self._moments = 0
        self._by_change = False
        self._bound = Bound()
        counted = position.get("total_count")  # also of an earlier sync that was broken off
        self._lowest = self._highest = counted if isinstance(counted, int) else None
        self._begun_anew = 0

    def past(self, start: int | None) -> bool:
        """Tell whether all that is still to come lies below the bound.

        Whether the list honours `sort` and `order` is not documented from 2.7 on: only if it has
        shown that it does, and as long as it does. Newest first by `created_at` looks the same, if
        what was created last was changed last: somewhere, an older row has to stand above.
        """
        if start is None or self._first is None or self._last is None or self._last >= start:
            return False
        shown = self._descending and self._moments >= ORDER_SHOWS and self._first > self._last
        return shown and self._by_change

    def advance(self, page: Page) -> None:
        """Take one step.

        Raises:
            LostPlace: The cursors have led back several times.
        """
        self._by_change |= page.older_above
        for moment in page.moments:
            if moment is not None:
                self._first = moment if self._first is None else self._first
                self._descending &= self._last is None or moment <= self._last
                self._last = moment
                self._moments += 1
        if "page" in self.position and (fallen := self._fallen(page.total)) > 0:
            # By page number, rows slide up into pages already read when others vanish.
            back = math.ceil(fallen / int(self.position.get("per_page", page.size)))
            self.position = {**self.position, "page": max(int(self.position["page"]) - back, 1)}
            self._paginator = NextPage(self.position)
            self._last = None
            return
        try:
            self._paginator.advance(page.pages)
        except RepeatedCursor:
            self.begin_anew("its cursor leads back to a page read before")
            return
        self.over = self._paginator.finished
        if self.over:
            return
        self.position = self._paginator.current_value or {}
        if self._bound.passed(page):
            self.begin_anew("its pages go on though all rows were read")

    def _fallen(self, total: int | None) -> int:
        """By how many rows the list is shorter than ever since it was longest.

        Not than the page before: replicas may not agree on it, and counts go up and down by one.
        """
        if total is None:
            return 0
        if self._highest is None or total > self._highest:
            self._lowest = self._highest = total
        before, self._lowest = self._lowest, min(total, self._lowest or total)
        return 0 if before is None else before - self._lowest

    def begin_anew(self, why: str) -> None:
        """Go back to the first page; it costs rows read twice, never rows lost."""
        self._begun_anew += 1
        if self._begun_anew > MOST_REOPENINGS:
            raise LostPlace(f"The list of conversations leads nowhere: {why}, again and again.")
        logger.warning("The walk down the list begins anew: %s", why)
        self.position = {}
        self._paginator = NextPage({})
        self._bound = Bound()
        self._last = None
