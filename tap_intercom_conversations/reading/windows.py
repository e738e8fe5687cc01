"""A span of time that one walk of the search reads upward, and how such spans are cut."""

from __future__ import annotations

import logging
import typing as t
from collections import deque

from tap_intercom_conversations.api.pagination import NextPage, Position, RepeatedCursor
from tap_intercom_conversations.errors import LostPlace, Refused
from tap_intercom_conversations.reading.pages import Query

if t.TYPE_CHECKING:
    from concurrent.futures import Future

    from tap_intercom_conversations.reading.activity import Activity
    from tap_intercom_conversations.reading.pages import Page

logger = logging.getLogger("tap-intercom-conversations.windows")

MOST_REOPENINGS = 5
"""Times that a walk may be re-opened at one moment before it counts as lost."""


SURPLUS = 10
"""Pages by which a chain may be longer than was counted."""
MOST_EMPTY = 100
"""Empty pages that may follow each other."""


class Resume(t.TypedDict):
    """Where an unfinished walk goes on, in epoch seconds.

    `position` is the next page's, `at` the last moment that was read; `settled` tells whether the
    index was complete up to `end` when this was read, so that nothing turns up there later.
    """

    start: int | None
    end: int
    position: Position
    at: int | None
    settled: bool


class Arrived(t.NamedTuple):
    """A page that waits for its turn, the rows of it that are the window's, and what follows."""

    page: Page
    places: list[int]
    resume: Resume | None


class Bound:
    """How far a chain of pages may go: cursors can lead round for ever and never be the same."""

    def __init__(self) -> None:
        self._rows = 0
        self._most = 0
        self._empty = 0

    def passed(self, page: Page) -> bool:
        """Count a page; tell whether there have been more rows than counted, or none for long.

        Some more may come while it is read; and where rows are hidden from the token, pages can
        be empty.
        """
        self._rows += len(page.moments)
        self._empty = 0 if page.moments else self._empty + 1
        if page.total is not None:
            self._most = max(self._most, page.total)
            if self._rows > self._most + SURPLUS * page.size:
                return True
        return self._empty > MOST_EMPTY


class Window:
    """A span of time that one walk reads upward.

    The index lags behind: a row stands where it stood before its last change, but already with its
    new `updated_at`. So a moment says where the walk is only if it is older than the index's lag;
    and a row with a younger one is emitted wherever it is found, as no other window may find it.

    Args:
        query: The span; pages go on being asked with it even if the window is cut meanwhile.
        settled: Up to when, exclusive, rows stand where their `updated_at` says.
        last: Where the last of all windows ends, exclusive.

    Attributes:
        start: Where the window begins, inclusive, wherever it was opened anew since.
        end: Where the window ends, exclusive.
        top: Where its last row can be at the latest, exclusive: below `end` if nothing is up there.
        position: The next page's.
        high: The latest settled moment read.
        left: Rows not yet read, as far as known.
        unsettled: No row of the last page tells how far the walk has come.
        surprise: How many rows fewer than thought it turned out to have.
        read: Rows read.
        future: The page that is being fetched.
        fetched: The pages that wait for their turn.
        error: What ended the walk early.
        cut_from: The window below that was being read when this one was cut off it.
        tail: It holds what is not settled, and is read when all else has been.
    """

    def __init__(self, query: Query, settled: int, last: int) -> None:
        self.query = query
        self.start = query.start
        self._settled = settled
        self._last = last
        self.end = self.top = query.end
        self._was_settled: bool | None = None  # of a window that an earlier sync left unfinished
        self.position: Position = {}
        self.high: int | None = None
        self.left: int | None = None
        self.unsettled = True
        self.surprise = 0
        self.read = 0
        self.opened = False
        self.ended = False
        self.error: Exception | None = None
        self.future: Future[Page] | None = None
        self.fetched: deque[Arrived] = deque()
        self.cut_from: Window | None = None
        self.tail = False
        self._bound = Bound()
        self._paginator = NextPage({})
        self._whole = True  # all pages of the query were read, so they can be counted
        self._chain_read = 0
        self._reopened_at: int | None = None
        self._reopenings = 0

    @classmethod
    def resumed(cls, resume: Resume, settled: int, last: int) -> Window:
        """Go on where an earlier walk was broken off."""
        window = cls(Query(resume["start"], resume["end"]), settled, last)
        window._was_settled = resume["settled"]
        if resume["position"]:
            window.position = resume["position"]
            window.high = resume["at"]
            window._paginator = NextPage(resume["position"])
            window._whole = False
        return window

    @property
    def settled(self) -> bool:
        """Whether the index was complete up to the query's end when that was first read."""
        if self._was_settled is not None:
            return self._was_settled
        return self.query.end <= self._settled

    @property
    def over(self) -> bool:
        """Nothing more will be fetched."""
        return self.ended or self.error is not None

    @property
    def waiting(self) -> bool:
        """Its next page can be asked for."""
        return not self.over and self.future is None

    def take(self, future: Future[Page]) -> None:
        """Take in the page that has arrived.

        Raises:
            ApiError: The fetch failed.
            LostPlace: The walk leads nowhere.
        """
        self.future = None
        try:
            page = future.result()
        except Refused:
            if not self.position:
                raise
            self._reopen("its cursor was refused")
            return
        if not self.opened:
            self._open(page)
        rows = len(page.moments)
        self.read += rows
        self._chain_read += rows
        self.left = max((self.left or 0) - rows, 0)
        places = self._own(page)
        passed = self._passed(page)
        self._advance(page)
        if passed:
            self.ended = True
        elif not self.ended and self.unsettled and self.end < self.query.end:
            # It was cut, and may have gone past its end.
            self.query = self.query.up_to(self.end)
            self._from_high()
        resume = None
        if not self.ended:
            resume = Resume(
                start=self.query.start,
                end=self.query.end,
                position=self.position,
                at=self.high,
                settled=self.settled,
            )
        self.fetched.append(Arrived(page, places, resume))

    def _own(self, page: Page) -> list[int]:
        """The places on a page whose rows are emitted here."""
        moments = page.moments
        return [
            place
            for place in page.within(self.query.up_to(self._last))
            if (moment := moments[place]) is None or moment < self.end or moment >= self._settled
        ]

    def _passed(self, page: Page) -> bool:
        """Note how far the walk has come; tell whether that is past the window's end."""
        settled = [
            moment for moment in page.moments if moment is not None and moment < self._settled
        ]
        self.unsettled = not settled
        if settled:
            self.high = max(*settled, self.high or settled[0])
        return any(moment >= self.end for moment in settled)

    def _open(self, page: Page) -> None:
        self.opened = True
        rows = page.total if page.total is not None else len(page.moments)
        self.surprise = 0 if self.left is None else self.left - rows
        self.left = rows

    def _advance(self, page: Page) -> None:
        try:
            self._paginator.advance(page.pages)
        except RepeatedCursor:
            self._reopen("its cursor leads back to a page read before")
            return
        if not self._paginator.finished:
            self.position = self._paginator.current_value or {}
            if self._bound.passed(page):
                self._reopen("its pages go on though all rows were read")
            elif "page" in self.position and (self.high or 0) > (self.query.start or 0):
                # By number, rows slide up into pages already read when one of those changes and
                # moves to the end; so numbers are for the rows of one moment only.
                self._from_high()
        elif self._whole and page.total is not None and self._chain_read < page.total:
            # Rows that left the span meanwhile are counted no more, so fewer than counted means
            # that the pages ended early, or that the index caught up behind us: look once more.
            self._whole = False
            self._from_high()
        else:
            self.ended = True

    def _reopen(self, why: str) -> None:
        """Begin the walk anew at the last moment read."""
        if self.high == self._reopened_at:
            self._reopenings += 1
            if self._reopenings > MOST_REOPENINGS:
                raise LostPlace(
                    f"The search gets no further than updated_at {self.high}: {why}, again and "
                    "again. Try another page_size, or conversations_endpoint: list."
                )
        else:
            self._reopened_at, self._reopenings = self.high, 1
        logger.warning("A walk of the search begins anew at %s: %s", self.high, why)
        self._from_high()

    def _from_high(self) -> None:
        if self.high is not None:
            self.query = Query(self.high, self.query.end)
        self.position = {}
        self._paginator = NextPage({})
        self._bound = Bound()
        self._chain_read = 0

    @property
    def bottom(self) -> int:
        """How far it was read."""
        return self.high if self.high is not None else (self.query.start or 0)

    def cut_tail(self) -> Window | None:
        """Leave what is not settled to a window that is read last.

        The index catches up meanwhile: a row that stood in a window goes to the tail, and if the
        tail was read by then and the window was not, neither has it.

        Returns:
            The tail; None if this window has none, or nothing else.
        """
        at = self._settled - 1
        if self.tail or self.end <= self._settled or self.bottom >= at:
            return None
        tail = Window(Query(at, self.end), self._settled, self._last)
        tail.tail = True
        tail.left = 0
        self.end, self.top = at, min(self.top, at)
        if not self.opened:
            self.query = self.query.up_to(at)
        return tail

    def cut(self, share: float, activity: Activity) -> Window | None:
        """Leave the upper part of what is unread to another window.

        Args:
            share: How much of what is unread to keep, from 0 to 1.
            activity: How that is spread over time.

        Returns:
            The other window; None if there is no second between them to cut at. There is none where
            a walk cannot tell that it has come to the cut: past what is settled.
        """
        at = max(activity.between(self.bottom, self.top, share), self.bottom + 1)
        at = min(at, self._settled - 1)
        if not self.bottom < at < self.top:
            return None
        upper = Window(Query(at, self.end), self._settled, self._last)
        upper.left = int((self.left or 0) * (1 - share))
        self.left = (self.left or 0) - upper.left
        upper.top = self.top
        self.end = self.top = at
        upper.cut_from = self if self.opened else self.cut_from
        if not self.opened:
            self.query = self.query.up_to(at)
        return upper
