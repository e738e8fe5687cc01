"""Which conversations changed between two moments, in order: by time windows, or newest first.

`search` reads upward in `updated_at`. Pages follow each other by cursor, so one walk is as slow as
the API's answers are; therefore the span is cut into windows of time that are walked side by side
and emitted in order. A window is cut while it is read: its end moves down to the cut, and the rest
is another window. What the first answer says of a window's size (`total_count`) tells where to cut.

`list` reads downward, newest first, as far as the lower bound if the API does keep that order.

All of this runs in the main thread; only `PageReader.read` runs in workers.
"""

from __future__ import annotations

import logging
import math
import typing as t
from dataclasses import dataclass

from tap_intercom_conversations.errors import ApiError, LostPlace, Refused
from tap_intercom_conversations.pages import Page, PageReader, Query
from tap_intercom_conversations.pagination import NextPage, RepeatedCursor
from tap_intercom_conversations.windows import MOST_REOPENINGS, Resume, Window

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tap_intercom_conversations.client import Client
    from tap_intercom_conversations.pagination import Position
    from tap_intercom_conversations.prefetch import Prefetcher
    from tap_intercom_conversations.settings import Settings

logger = logging.getLogger("tap-intercom-conversations.changes")

SEARCH_SHARE = 4
"""A search page is heavy: at most a quarter of the requests in flight are searches."""
WINDOW_PAGES = 8
"""Pages a window should have: few enough to read ahead, enough to waste little on last pages."""
BUFFERED_PAGES = 40
"""Pages that may be held or in flight at once, whatever the span."""
CUTS_PER_PAGE = 0.15
"""A cut costs half a page on average, the last one of the lower part: under 10 % in all."""
WORTH_CUTTING = 3
"""Pages that must be left in a window for a cut to gain anything."""


@dataclass
class Batch:
    """A page's worth of changes, to be emitted in this order.

    Attributes:
        page: The page that they are on.
        places: Which of its rows they are.
        resume: Where to go on once they are written; None if nothing is left.
    """

    page: Page
    places: list[int]
    resume: Resume | None


class Changes(t.Protocol):
    """One reading of what changed; `total` is how many there are, as far as known."""

    total: int

    def batches(self) -> Iterator[Batch]:
        """Read; raises `ApiError`, `LostPlace` or `Stopped` after all that could be emitted."""


def read_changes(
    client: Client,
    settings: Settings,
    prefetcher: Prefetcher,
    bounds: Query,
    *,
    settled: int,
    resume: Resume | None = None,
) -> Changes:
    """Read the conversations whose `updated_at` lies within the bounds.

    Args:
        client: The API.
        settings: Which endpoint, filters, page size, how many requests in flight.
        prefetcher: The worker threads.
        bounds: From when, inclusive, until when, exclusive.
        settled: Up to when the search's index is complete, in epoch seconds.
        resume: Where an earlier reading was broken off; that is finished first.
    """
    reader = PageReader(client, settings)
    if reader.searches:
        return Search(reader, prefetcher, bounds, settled, resume)
    return Listing(reader, prefetcher, bounds, resume)


class Search:
    """Reads the search upward, in windows side by side."""

    def __init__(
        self,
        reader: PageReader,
        prefetcher: Prefetcher,
        bounds: Query,
        settled: int,
        resume: Resume | None,
    ) -> None:
        self._reader = reader
        self._prefetcher = prefetcher
        self._lanes = max(prefetcher.threads // SEARCH_SHARE, 1)
        self._end = bounds.end
        self._windows = [Window(bounds, settled, bounds.end)]
        if resume is not None:
            self._windows = [Window.resumed(resume, settled, bounds.end)]
            if resume["end"] < bounds.end:
                rest = Query(resume["end"], bounds.end)
                self._windows.append(Window(rest, settled, bounds.end))
        self._cuts = 0
        self.total = 0

    def batches(self) -> Iterator[Batch]:
        """Yield the pages of the leftmost window, while the others are read ahead."""
        try:
            while self._windows:
                head = self._windows[0]
                self._collect()
                self._keep_busy()
                if head.fetched:
                    arrived = head.fetched.popleft()
                    yield Batch(arrived.page, arrived.places, arrived.resume or self._after(head))
                elif head.error is not None:
                    raise head.error
                elif head.ended:
                    self._windows.pop(0)
                else:
                    self._prefetcher.wait_any(self._futures())
        finally:
            for future in self._futures():
                future.cancel()

    def _after(self, window: Window) -> Resume | None:
        """Where to go on when a window is over: at the next one."""
        if len(self._windows) == 1:
            return None
        return Resume(start=window.end, end=self._end, position={}, at=window.high)

    def _futures(self) -> list[Future[Page]]:
        return [window.future for window in self._windows if window.future is not None]

    def _collect(self) -> None:
        """Take in the pages that have arrived.

        A window's failure waits until all before it has been emitted.
        """
        for window in self._windows:
            if window.future is None or not window.future.done():
                continue
            uncounted = not window.opened and window.left is None
            try:
                window.take(window.future)
            except (ApiError, LostPlace) as error:
                window.error = error
            if uncounted:
                self.total += window.read + (window.left or 0)

    def _keep_busy(self) -> None:
        """Ask for pages as long as lanes are free and there is room for what comes."""
        busy = len(self._futures())
        room = BUFFERED_PAGES - busy - sum(len(window.fetched) for window in self._windows)
        for window in list(self._windows):
            if busy >= self._lanes:
                return
            # The head may always go on: everything else waits for it.
            if window.waiting and window.opened and (room > 0 or window is self._windows[0]):
                self._ask(window)
                busy, room = busy + 1, room - 1
        while busy < self._lanes and room > 0 and (other := self._next_window()):
            self._ask(other)
            busy, room = busy + 1, room - 1

    def _ask(self, window: Window) -> None:
        window.future = self._prefetcher.submit(self._reader.read, window.query, window.position)

    def _next_window(self) -> Window | None:
        """Choose an unopened window to open, else one to cut, so that another lane has work."""
        size = self._reader.size
        pages = self.total / size
        worth = min(WINDOW_PAGES, max(math.ceil(pages / self._lanes), 2)) * size
        may_cut = self._cuts + 1 <= CUTS_PER_PAGE * pages
        for window in self._windows:
            if window.waiting and not window.opened:
                if may_cut and (window.left or 0) > worth:
                    self._cut(window, worth / (window.left or 1))
                return window
        going = [window for window in self._windows if window.opened and not window.over]
        if not may_cut or not going:
            return None
        largest = max(going, key=lambda window: window.left or 0)
        left = largest.left or 0
        if left < WORTH_CUTTING * size:
            return None
        upper = self._cut(largest, min(0.5, worth / left))
        if (
            upper is not None
            and (upper.left or 0) > worth
            and self._cuts + 1 <= CUTS_PER_PAGE * pages
        ):
            self._cut(upper, worth / (upper.left or 1))
        return upper

    def _cut(self, window: Window, fraction: float) -> Window | None:
        upper = window.cut(fraction)
        if upper is not None:
            self._windows.insert(self._windows.index(window) + 1, upper)
            self._cuts += 1
        return upper


class Listing:
    """Reads the list downward; the next page is asked for while one is emitted."""

    def __init__(
        self, reader: PageReader, prefetcher: Prefetcher, bounds: Query, resume: Resume | None
    ) -> None:
        self._reader = reader
        self._prefetcher = prefetcher
        self._walks = [Resume(start=bounds.start, end=bounds.end, position={}, at=None)]
        if resume is not None:
            newer = Resume(start=resume["end"], end=bounds.end, position={}, at=None)
            self._walks = [resume, newer] if resume["end"] < bounds.end else [resume]
        self.total = 0

    def batches(self) -> Iterator[Batch]:
        """Yield the pages as they come; the last batch of all has nothing to resume."""
        for place, walk in enumerate(self._walks):
            following = self._walks[place + 1] if place + 1 < len(self._walks) else None
            for batch in self._walk(walk):
                yield Batch(batch.page, batch.places, batch.resume or following)

    def _walk(self, walk: Resume) -> Iterator[Batch]:
        query = Query(walk["start"], walk["end"])
        steps = ListSteps(walk["position"])
        future = self._prefetcher.submit(self._reader.read, query, steps.position)
        try:
            while True:
                page = self._take(future, steps)
                self.total = max(self.total, page.total or 0)
                resume = None
                if not steps.over and not steps.past(query.start):
                    future = self._prefetcher.submit(self._reader.read, query, steps.position)
                    resume = Resume(
                        start=query.start, end=query.end, position=steps.position, at=None
                    )
                yield Batch(page, page.within(query), resume)
                if resume is None:
                    return
        finally:
            future.cancel()

    def _take(self, future: Future[Page], steps: ListSteps) -> Page:
        """The page that was asked for; if its cursor is refused, the list's first page instead."""
        while True:
            try:
                page = self._prefetcher.result(future)
            except Refused:
                if not steps.position:
                    raise
                steps.begin_anew("its cursor was refused")
                future = self._prefetcher.submit(self._reader.read, Query(None, 0), {})
            else:
                steps.advance(page)
                return page


class ListSteps:
    """The steps of one walk down the list: which page is next, and whether it is still in order."""

    def __init__(self, position: Position) -> None:
        self.position = position
        self.over = False
        self._paginator = NextPage(position)
        self._descending = True
        self._last: int | None = None
        self._total: int | None = None
        self._begun_anew = 0

    def past(self, start: int | None) -> bool:
        """Tell whether all that is still to come lies below the bound.

        Whether the list honours `sort` and `order` is not documented from 2.7 on: only as long as
        the answers do descend.
        """
        below = start is not None and self._last is not None and self._last < start
        return below and self._descending

    def advance(self, page: Page) -> None:
        """Take one step.

        Raises:
            LostPlace: The cursors have led back several times.
        """
        for moment in page.moments:
            if moment is not None:
                self._descending &= self._last is None or moment <= self._last
                self._last = moment
        fallen = (self._total or 0) - (page.total or 0)
        self._total = page.total
        if fallen > 0 and "page" in self.position:
            # By page number, rows slide up into pages already read when others vanish.
            back = math.ceil(fallen / page.size)
            self.position = {"page": max(int(self.position["page"]) - back, 1)}
            self._paginator = NextPage(self.position)
            return
        try:
            self._paginator.advance(page.pages)
        except RepeatedCursor:
            self.begin_anew("its cursor leads back to a page read before")
            return
        self.over = self._paginator.finished
        if not self.over:
            self.position = self._paginator.current_value or {}

    def begin_anew(self, why: str) -> None:
        """Go back to the first page; it costs rows read twice, never rows lost."""
        self._begun_anew += 1
        if self._begun_anew > MOST_REOPENINGS:
            raise LostPlace(f"The list of conversations leads nowhere: {why}, again and again.")
        logger.warning("The walk down the list begins anew: %s", why)
        self.position = {}
        self._paginator = NextPage({})
        self._last = None
