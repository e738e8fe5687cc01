"""A walk: pages that follow each other by cursor or number, until it is sure that they are over.

Cursors are refused, lead back or are not looked at; pages end too early; counts are capped, zero or
wrong. So a walk may begin anew: it costs requests, never rows.
"""

from __future__ import annotations

import logging
import typing as t
from dataclasses import dataclass, field

from tap_intercom_conversations.api.pagination import Position
from tap_intercom_conversations.errors import ApiError, LostPlace, Refused
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.checkpoint import Checkpoint

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_intercom_conversations.reading.bounds import Bounds
    from tap_intercom_conversations.reading.collection import Collection
    from tap_intercom_conversations.reading.pages import Page, Row

logger = logging.getLogger("tap-intercom-conversations.reading")

MOST_STUCK_CHAINS = 5
"""Chains of pages in a row that may get no further before the walk counts as lost."""
MOST_EMPTY_PAGES = 20
"""Pages in a row, empty or of rows read before, after which a chain leads nowhere."""
MOST_REMEMBERED = 500_000
"""Ids of a chain, and rows of a walk, that are remembered: 40 MB of memory each."""


@dataclass
class Shared:
    """What the walks of one reading share.

    Attributes:
        collection: What is read.
        bounds: From when until when.
        counts_lie: One of the API's counts was wrong: none is believed for the rest of the sync.
    """

    collection: Collection
    bounds: Bounds
    counts_lie: bool = False


@dataclass
class Chain:
    """One sequence of pages, each of which leads to the next.

    Attributes:
        cursor: The next page's position; empty for the first.
        rows: How many rows it has brought, each counted once.
        rows_to_cursor: How many of them came before the page at `cursor`, which may be asked for
            more than once.
        count: The greatest count that it was given; 0 if it was given none.
        counted: The last one.
        has_grown: Some count was greater than the one before.
        pages: How many pages it has brought; 0 if all that is known of it comes from STATE.
        barren_pages: How many of the last ones brought only rows that it had, or none.
        fresh: How many rows it was the first of the walk to bring.
        has_moved: The place to go on from has moved with it.
        keys: The ids of its rows, as far as they are remembered.
        last_key: The last row's.
        in_doubt: The page at `cursor` is asked for once more.
    """

    cursor: Position = field(default_factory=Position)
    rows: int = 0
    rows_to_cursor: int = 0
    count: int = 0
    counted: int = 0
    has_grown: bool = False
    pages: int = 0
    barren_pages: int = 0
    fresh: int = 0
    has_moved: bool = False
    keys: set[int] = field(default_factory=set)
    last_key: int | None = None
    in_doubt: bool = False

    def add(self, page: Page) -> None:
        """Count a page and its rows."""
        new = {row.key for row in page.rows} - self.keys
        self.keys = new if len(self.keys) >= MOST_REMEMBERED else self.keys | new
        self.rows += len(new)
        self.count = max(self.count, page.count or 0)
        self.has_grown |= 0 < self.counted < (page.count or 0)
        self.counted = page.count or 0
        self.pages += 1
        self.barren_pages = 0 if new else self.barren_pages + 1
        self.last_key = page.rows[-1].key if page.rows else self.last_key


class Walk:
    """Follows pages; says which rows are new, which page is next, and whether it is over.

    Args:
        origin: Where it begins: where an earlier walk was broken off, or from when on to read.
        shared: What the walks of a reading share.

    Attributes:
        start: From when on it reads, in epoch seconds; None for the beginning.
        query: What its pages are asked for.
        is_over: There are no more pages.
        is_tail: All that lies before it has to be read first.
        may_slide: Where pages have numbers, one row that goes and one that comes may cancel out
            while others slide to pages that were read.
        times: When the rows changed that were read, by their keys.
    """

    chain_type: type[Chain] = Chain
    is_tail = False
    may_slide = True

    def __init__(self, origin: Checkpoint, shared: Shared) -> None:
        self.start = origin.start
        query_start = origin.start if origin.query_start is None else origin.query_start
        self.query = TimeRange(query_start, origin.end)
        self.is_over = False
        self._shared = shared
        self.times: dict[int, int | None] = {}
        cursor, rows = origin.cursor, origin.rows
        self._chain = self.chain_type(cursor, rows, rows, origin.count, pages=1 if cursor else 0)
        # The chain before, if that came to an end.
        self._before = Chain(rows=origin.rows_before) if origin.rows_before else None
        self._stuck = 0  # chains in a row that got no further

    @property
    def cursor(self) -> Position:
        """The next page's position; empty for the first page of a chain."""
        return self._chain.cursor

    @property
    def left(self) -> int:
        """How many rows are still to come, as the API counts them; not above zero if none are."""
        return self._chain.count - self._chain.rows

    def checkpoint(self) -> Checkpoint:
        """Say which page is next, and what is known of those before."""
        found = Checkpoint(start=self.start, cursor=self.cursor, rows=self._chain.rows_to_cursor)
        found.count, found.rows_before = self._chain.count, self._before.rows if self._before else 0
        return found

    def split(self, page: Page) -> Sequence[Walk]:  # noqa: ARG002  a span may be split
        """Split off what remains after a page, to be read side by side; nothing, as a rule."""
        return []

    def take(self, page: Page) -> list[int]:
        """Take in the page at `cursor`.

        Returns:
            The indexes of those rows that were not read before.

        Raises:
            LostPlace: The walk gets no further.
        """
        chain = self._chain
        new = [index for index, row in enumerate(page.rows) if not self._is_known(row)]
        rows = [page.rows[index] for index in new]
        # What changes while it is read is the next sync's. It shows neither that the walk gets on
        # nor that it missed anything, or the walk of a busy list would never end.
        chain.fresh += sum(row.time is None or row.time < self._shared.bounds.end for row in rows)
        if len(self.times) < MOST_REMEMBERED:
            self.times.update(rows)
        chain.add(page)
        # A small page by number may: rows that change move to the top of a list, and shift others.
        # And a row that changes once it was read may come again, at the end of what is searched.
        leads_back = chain.barren_pages and page.rows and not new and "page" not in chain.cursor
        was_in_doubt, chain.in_doubt = chain.in_doubt, False
        if leads_back and not was_in_doubt:
            self.begin_anew("a page brought nothing but rows read before")
        elif chain.barren_pages > MOST_EMPTY_PAGES:
            self.begin_anew("its pages bring nothing")
        elif page.next:
            chain.cursor, chain.rows_to_cursor = page.next, chain.rows
        elif self._is_end(page):
            self.is_over = True
        elif self.left > 0 and chain.pages > 1 and not was_in_doubt:
            chain.in_doubt = True  # an end that is none may be gone when asked once more
        else:
            self.begin_anew("its pages may have ended early", has_ended=True)
        return new

    def fail(self, error: ApiError) -> None:
        """Go on after a page that could not be had: anew, if it was not a chain's first.

        A cursor that is refused is tried once more before that; other errors were tried often.

        Raises:
            ApiError: A first page cannot be had either, or the walk gets no further.
        """
        if not self.cursor or not error.is_of_its_page:
            raise error
        if isinstance(error, Refused) and not self._chain.in_doubt:
            self._chain.in_doubt = True
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
        self._stuck = 0 if self._chain.fresh or self._chain.has_moved else self._stuck + 1
        if self._stuck > MOST_STUCK_CHAINS:
            nowhere = f"The pages lead nowhere at {self}: {why}, again and again"
            raise LostPlace(f"{nowhere}; the next run goes on from there")
        logger.info("A walk begins anew at %s: %s", self, why)
        self._before = self._chain if has_ended else None
        self._chain = self.chain_type()

    def _is_end(self, page: Page) -> bool:
        """Tell whether the end of the pages is the end of the rows.

        At once only if the count bears it out; otherwise once another chain has brought nothing.
        """
        is_all = self._chain.pages == 1 and not page.is_full  # one page that had room for more
        is_complete = self.left <= 0
        is_trusted = bool(page.count) and not self._shared.counts_lie
        by_number = self.may_slide and "page" in self.cursor
        # A full last page looks as if the pages, and the count with them, were capped just there.
        is_counted = is_trusted and not page.is_full and not by_number
        if is_complete and (is_counted if page.rows else is_all):
            return True
        # Rows that change or go before they are read are in the greatest count for ever. In a busy
        # workspace some do in each chain: then the last count is reached, unless counts flicker.
        have_gone = is_trusted and self._chain.rows >= (page.count or 0)
        is_complete |= have_gone and not self._chain.has_grown
        may_be = is_complete or not (page.is_full or is_trusted)
        if not self._is_confirmed(page) or not (is_all or (page.rows and may_be)):
            return False
        if not (is_complete or self._shared.counts_lie):
            found = (self._chain.count, self._shared.collection.name, self._chain.rows)
            logger.warning("The API counts %d %s and has %d: its counts are not used", *found)
            self._shared.counts_lie = True
        return True

    def _is_confirmed(self, page: Page) -> bool:
        """Tell whether this chain came as far as the one before, and brought nothing new."""
        chain, before = self._chain, self._before
        if before is None:
            return False
        if not before.pages:
            # After a kill its length is all that is known, give or take a page. It must do, or
            # thousands of rows of one moment would be confirmed for ever.
            return abs(chain.rows - before.rows) <= page.size
        return not chain.fresh and (chain.rows >= before.rows or before.last_key in chain.keys)

    def _is_known(self, row: Row) -> bool:
        """Tell whether a row was read, as it is or as it became later: replicas may differ."""
        return row.key in self.times and (row.time or 0) <= (self.times[row.key] or 0)
