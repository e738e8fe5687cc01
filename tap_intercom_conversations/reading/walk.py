"""A walk: pages that follow each other by cursor or number, until it is sure that they are over.

Cursors are refused, lead back or are not looked at; pages end too early; counts are capped, zero or
wrong. So a walk may begin anew: it costs requests, never rows.
"""

from __future__ import annotations

import logging
import typing as t

import requests

from tap_intercom_conversations.errors import ApiError, LostPlace, Refused, Unauthorized
from tap_intercom_conversations.reading.checkpoint import Checkpoint

if t.TYPE_CHECKING:
    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.pages import Page, Row

logger = logging.getLogger("tap-intercom-conversations.reading")

MOST_STUCK_CHAINS = 5
"""Chains of pages in a row that may get no further before the walk counts as lost."""
MOST_EMPTY_PAGES = 20
"""Pages in a row, empty or of rows read before, after which a chain leads nowhere."""
MOST_REMEMBERED = 500_000
"""Ids of a chain, and rows of a walk, that are remembered: 40 MB of memory each."""


class CountTrust:
    """Whether the API's counts are believed; not for the rest of the sync once one was wrong."""

    def __init__(self) -> None:
        self.is_lost = False

    def lose(self, count: int, came: int) -> None:
        """Note a count that nothing bears out, and tell it once."""
        if not self.is_lost:
            logger.warning("The API counts %d rows and has %d: counts are not used", count, came)
        self.is_lost = True


class Walk:
    """Follows pages; says which rows are new, which page is next, and whether it is over.

    Args:
        sync_end: What changed from this epoch second on is the next sync's. It goes on changing
            while pages are read, so it shows neither that the walk gets on nor that it missed
            anything: the walk of a busy list would never end.
        trust: Whether counts are believed.

    Attributes:
        cursor: The next page's position; empty for the first page of a chain.
        is_over: There are no more pages.
    """

    def __init__(self, sync_end: int, trust: CountTrust) -> None:
        self.cursor: Position = {}
        self.is_over = False
        self._sync_end = sync_end
        self._trust = trust
        self._keys: set[int] = set()  # ids of the chain's rows
        self._before = 0  # rows of the chain that are not among them
        self._last_key: int | None = None
        self._rows_of_last_pass = 0  # of the chain before, if that came to an end
        self._end_of_last_pass: int | None = None
        self._times: dict[int, int | None] = {}  # of the rows read, by their keys
        self._barren = 0  # chains in a row that brought nothing new
        self._stuck = 0  # chains in a row that got no further
        self._begin_chain()

    def _begin_chain(self) -> None:
        self.cursor = {}
        self._keys = set()
        self._before = 0
        self._last_key = None
        self._count = 0  # the greatest that the chain was given
        self._pages = 0
        self._empty = 0
        self._fresh = 0  # rows of this sync that were new to the walk
        self._asked_again = False
        self._is_resumed_pass = False  # all that it knows of the pass before is how many rows

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on where an earlier walk was broken off."""
        self.cursor = checkpoint.cursor
        self._before, self._count = checkpoint.rows, checkpoint.count
        self._rows_of_last_pass = checkpoint.rows_before
        self._is_resumed_pass = checkpoint.rows_before > 0
        self._pages = 1 if self.cursor else 0

    @property
    def chain_rows(self) -> int:
        """How many rows the chain has brought."""
        return self._before + len(self._keys)

    @property
    def chain_count(self) -> int:
        """The greatest count that the chain was given; 0 if it was given none."""
        return self._count

    @property
    def left(self) -> int:
        """How many rows are still to come, as the API counts them; not above zero if none are."""
        return self._count - self.chain_rows

    def checkpoint(self) -> Checkpoint:
        """Say which page is next; the first while a page is in doubt, as its rows are counted."""
        if self._asked_again:
            return Checkpoint(start=None, rows_before=self._rows_of_last_pass)
        return Checkpoint(
            start=None,
            cursor=self.cursor,
            rows=self.chain_rows,
            count=self.chain_count,
            rows_before=self._rows_of_last_pass,
        )

    def take(self, page: Page) -> list[int]:
        """Take in the page at `cursor`.

        Returns:
            Which of its rows were not read before.

        Raises:
            LostPlace: The walk gets no further.
        """
        new = [place for place, row in enumerate(page.rows) if not self._is_known(row)]
        self._fresh += sum(self._is_of_this_sync(page.rows[place].time) for place in new)
        self._remember(page, new)
        brings_nothing = not self._note_keys(page)
        # A small page by number may: rows that change move to the top of a list, and shift others.
        leads_back = brings_nothing and bool(page.rows) and "page" not in self.cursor
        self._pages += 1
        self._count = max(self._count, page.count or 0)
        self._empty = self._empty + 1 if brings_nothing else 0
        asked_again, self._asked_again = self._asked_again, False
        if leads_back and not asked_again:
            self.begin_anew("a page brought nothing but rows read before")
        elif self._empty > MOST_EMPTY_PAGES:
            self.begin_anew("its pages bring nothing")
        elif page.next:
            self.cursor = page.next
        elif self._is_end(page):
            self.is_over = True
        elif self.left > 0 and self._pages > 1 and not asked_again:
            self._asked_again = True  # an end that is none may be gone when asked once more
        else:
            self.begin_anew("its pages may have ended early", has_ended=True)
        return new

    def fail(self, error: ApiError) -> None:
        """Go on after a page that could not be had: anew, if it was not a chain's first.

        A cursor that is refused is tried once more before that; other errors were tried often.

        Raises:
            ApiError: A first page cannot be had either, or the walk gets no further.
        """
        is_of_no_page = error.status in {None, requests.codes.too_many_requests} and not error.slow
        if not self.cursor or is_of_no_page or isinstance(error, Unauthorized):
            raise error
        if isinstance(error, Refused) and not self._asked_again:
            self._asked_again = True
            return
        try:
            self.begin_anew("its next page cannot be had")
        except LostPlace:
            raise error from None

    def begin_anew(self, why: str, *, has_ended: bool = False) -> None:
        """Begin another chain of pages.

        Args:
            why: For messages.
            has_ended: This one came to an end; another one is to confirm that.

        Raises:
            LostPlace: Several in a row have got no further.
        """
        self._barren = 0 if self._fresh else self._barren + 1
        self._stuck = 0 if self._gets_on() else self._stuck + 1
        if self._stuck > MOST_STUCK_CHAINS:
            raise LostPlace(f"The pages lead nowhere at {self}: {why}, again and again.")
        logger.info("A walk begins anew at %s: %s", self, why)
        self._rows_of_last_pass = self.chain_rows if has_ended else 0
        self._end_of_last_pass = self._last_key if has_ended else None
        self._begin_chain()

    def _gets_on(self) -> bool:
        """Tell whether the chain has got any further than those before."""
        return self._fresh > 0

    def _is_end(self, page: Page) -> bool:
        """Tell whether the end of the pages is the end of the rows.

        At once only if the count bears it out; otherwise once another chain has brought nothing.
        """
        trusted = bool(page.count) and not self._trust.is_lost
        alone = self._pages == 1 and not page.is_full  # then it is all there is
        complete = self.left <= 0
        if complete and self._count_suffices(page):
            if alone and (trusted or not page.rows):
                return True
            if trusted and page.rows and not self._may_hide_more(page):
                return True
        if not self._is_confirmed(page):
            return False
        if not alone and not (page.rows and (complete or not (page.is_full or trusted))):
            return False
        if not complete:
            self._trust.lose(self._count, self.chain_rows)
        return True

    def _count_suffices(self, page: Page) -> bool:  # noqa: ARG002  a list's answer depends on it
        """Tell whether a count that is reached shows that nothing was missed."""
        return True

    def _may_hide_more(self, page: Page) -> bool:
        """Tell whether a last page looks as if the pages, and the count, were capped just there."""
        return page.is_full

    def _is_confirmed(self, page: Page) -> bool:
        """Tell whether chains before this one came to the same end, and it brought nothing new."""
        if self._is_resumed_pass:
            return self._is_as_long(page)
        return self._barren > 0 and self._fresh == 0 and self._came_as_far()

    def _is_as_long(self, page: Page) -> bool:
        """Tell whether this chain is as long as the one before, give or take a page.

        What that had brought is not known any more after a kill. Its length must do, or thousands
        of rows of one moment would be confirmed for ever.
        """
        return abs(self.chain_rows - self._rows_of_last_pass) <= page.size

    def _came_as_far(self) -> bool:
        """Tell whether this chain came as far as the one before."""
        as_many = self.chain_rows >= self._rows_of_last_pass
        return as_many or self._end_of_last_pass in self._keys

    def _is_of_this_sync(self, time: int | None) -> bool:
        return time is None or time < self._sync_end

    def _remember(self, page: Page, new: list[int]) -> None:
        if len(self._times) < MOST_REMEMBERED:
            rows = (page.rows[place] for place in new)
            self._times.update((row.key, row.time) for row in rows)

    def _is_known(self, row: Row) -> bool:
        """Tell whether a row was read, as it is or as it became later: replicas may differ."""
        if row.key not in self._times:
            return False
        known = self._times[row.key]
        return row.time is None or (known is not None and row.time <= known)

    def _note_keys(self, page: Page) -> bool:
        """Note the page's rows; tell whether the chain had not all of them already."""
        keys = {row.key for row in page.rows} - self._keys
        if page.rows:
            self._last_key = page.rows[-1].key
        if len(self._keys) >= MOST_REMEMBERED:
            self._before += len(self._keys)
            self._keys = set()
        self._keys |= keys
        return bool(keys)
