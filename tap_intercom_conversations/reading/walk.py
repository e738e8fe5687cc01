"""A walk: pages that follow each other by cursor or number, until it is sure that they are over.

Cursors are refused, lead back or are not looked at; pages end too early; counts are capped, zero or
wrong. So a walk may begin anew: it costs requests, never rows.
"""

from __future__ import annotations

import logging
import typing as t

import requests

from tap_intercom_conversations.errors import ApiError, LostPlace, Refused, Unauthorized

if t.TYPE_CHECKING:
    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.checkpoint import Checkpoint
    from tap_intercom_conversations.reading.pages import Page

logger = logging.getLogger("tap-intercom-conversations.reading")

MOST_BARREN_CHAINS = 5
"""Chains of pages in a row that may bring nothing new before the walk counts as lost."""
MOST_EMPTY_PAGES = 20
"""Empty pages in a row after which a chain leads nowhere."""
MOST_REMEMBERED = 500_000
"""Ids of a chain, and versions of rows of a walk, that are remembered: 40 MB of memory each."""


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

    Attributes:
        cursor: The next page's position; empty for the first page of a chain.
        is_over: There are no more pages.
    """

    def __init__(self, trust: CountTrust) -> None:
        self.cursor: Position = {}
        self.is_over = False
        self._trust = trust
        self._versions: dict[int, int | None] = {}  # of the rows read: their times
        self._barren = 0  # chains in a row that brought nothing new
        self._begin_chain()

    def _begin_chain(self) -> None:
        self.cursor = {}
        self._keys: set[int] = set()  # ids of the chain's rows
        self._before = 0  # rows of the chain that are not among them
        self._count = 0  # the greatest that the chain was given
        self._pages = 0
        self._empty = 0
        self._fresh = 0  # rows that were new to the walk
        self._asked_again = False

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on where an earlier walk was broken off."""
        self.cursor = checkpoint.cursor
        self._before, self._count = checkpoint.rows, checkpoint.count
        self._pages = 1

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

    @property
    def kept_cursor(self) -> Position:
        """The cursor for a checkpoint; none while its page is in doubt: its rows are counted."""
        return {} if self._asked_again else self.cursor

    def take(self, page: Page) -> list[int]:
        """Take in the page at `cursor`.

        Returns:
            Which of its rows were not read before.

        Raises:
            LostPlace: The walk gets no further.
        """
        new = [place for place, row in enumerate(page.rows) if row.version not in self._versions]
        self._fresh += len(new)
        self._remember(page, new)
        leads_back = self._is_repeated(page)
        self._pages += 1
        self._count = max(self._count, page.count or 0)
        self._empty = 0 if page.rows else self._empty + 1
        asked_again, self._asked_again = self._asked_again, False
        if leads_back and not asked_again:
            self.begin_anew("a page brought nothing but rows read before")
        elif self._empty > MOST_EMPTY_PAGES:
            self.begin_anew("its pages are empty")
        elif page.next:
            self.cursor = page.next
        elif self._is_end(page):
            self.is_over = True
        elif self.left > 0 and self._pages > 1 and not asked_again:
            self._asked_again = True  # an end that is none may be gone when asked once more
        else:
            self.begin_anew("its pages may have ended early")
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

    def begin_anew(self, why: str) -> None:
        """Begin another chain of pages.

        Raises:
            LostPlace: Several in a row have brought nothing new.
        """
        self._barren = 0 if self._fresh else self._barren + 1
        if self._barren > MOST_BARREN_CHAINS:
            raise LostPlace(f"The pages lead nowhere at {self}: {why}, again and again.")
        logger.info("A walk begins anew at %s: %s", self, why)
        self._begin_chain()

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
        if not self._is_confirmed():
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

    def _is_confirmed(self) -> bool:
        """Tell whether enough chains have brought nothing new."""
        return self._barren > 0 and self._fresh == 0

    def _remember(self, page: Page, new: list[int]) -> None:
        if len(self._versions) < MOST_REMEMBERED:
            rows = (page.rows[place] for place in new)
            self._versions.update((row.version, row.time) for row in rows)

    def _is_repeated(self, page: Page) -> bool:
        """Note the page's rows; tell whether the chain had all of them already."""
        keys = {row.key for row in page.rows} - self._keys
        if len(self._keys) >= MOST_REMEMBERED:
            self._before += len(self._keys)
            self._keys = set()
        self._keys |= keys
        return bool(page.rows) and not keys
