"""Which conversations changed between two moments, in order: by time windows, or newest first.

`search` reads upward in `updated_at`. Pages follow each other by cursor, so one walk is as slow as
the API's answers are; therefore the span is cut into windows of time that are walked side by side
and emitted in order. A window is cut while it is read: its end moves down to the cut, and the rest
is another window. What answers say of a span's size (`total_count`) tells where to cut.

`list` reads downward, newest first, as far as the lower bound if the API does keep that order.

All of this runs in the main thread; only `PageReader.read` runs in workers.
"""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from tap_intercom_conversations.errors import ApiError, LostPlace, Refused
from tap_intercom_conversations.reading.activity import Survey
from tap_intercom_conversations.reading.listing import ListSteps
from tap_intercom_conversations.reading.pages import Page, PageReader, Query
from tap_intercom_conversations.reading.windows import Arrived, Resume, Window

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.settings import Settings

SEARCH_SHARE = 4
"""A search page is heavy: at most a quarter of the requests in flight are searches."""
READ_AHEAD = 6
"""Pages for each lane that may wait for their turn, packed as they came, whatever the span."""
BUFFER = 32 * 1024 * 1024
"""Bytes of them at most, should they be large, or come unpacked."""
LARGEST_WINDOW = 10
"""Pages that a window should have at most: the more, the longer those above it have to wait."""
CUTS_PER_PAGE = 0.13
"""A cut costs half a page, the last one of the lower part, so they are under 10 % in all. (That is
an average: where activity comes in bursts it can be a whole page.) A count costs a small one."""
LOWEST = 0.6
"""What the lowest of the first windows has of the size of the topmost: they shall be over one after
another, as all that comes of those above waits for them."""
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
    workers: Workers,
    bounds: Query,
    *,
    settled: int,
    resume: Resume | None = None,
) -> Changes:
    """Read the conversations whose `updated_at` lies within the bounds.

    Args:
        client: The API.
        settings: Which endpoint, filters, page size, how many requests in flight.
        workers: The worker threads.
        bounds: From when, inclusive, until when, exclusive.
        settled: Up to when the search's index is complete, in epoch seconds.
        resume: Where an earlier reading was broken off; that is finished first, in its own bounds.
    """
    reader = PageReader(client, settings)
    if reader.searches:
        return Search(reader, workers, bounds, settled, resume)
    return Listing(reader, workers, bounds, resume)


class Search:
    """Reads the search upward, in windows side by side."""

    def __init__(
        self,
        reader: PageReader,
        workers: Workers,
        bounds: Query,
        settled: int,
        resume: Resume | None,
    ) -> None:
        self._reader = reader
        self._workers = workers
        self._lanes = max(workers.threads // SEARCH_SHARE, 1)
        self._end = bounds.end if resume is None else max(bounds.end, resume["end"])
        self._windows = []
        start = bounds.start
        if resume is not None:
            resumed = Window.resumed(resume, settled, self._end)
            start = resumed.start if resumed.high is None else resumed.high
            self._windows.append(resumed)
        if bounds.start is None or bounds.start < bounds.end:
            self._windows.append(Window(bounds, settled, self._end))
        self._lowest = self._windows[0] if self._windows else None
        self._bounds = bounds
        self._settled = settled
        self._survey = Survey(
            Query(start, self._end),
            reader.size,
            lambda query: workers.submit(reader.count, query),
        )
        self._largest = 1  # bytes of the largest page that was held
        self._cuts = 0
        self.total = 0

    def batches(self) -> Iterator[Batch]:
        """Yield the pages of the leftmost window, while the others are read ahead."""
        if self._bounds.start is None and self._lanes > 1:
            self._survey.begin()  # of all there is: it will be cut
        try:
            while self._windows:
                head = self._windows[0]
                self._collect()
                self._keep_busy()
                if head.fetched:
                    arrived = head.fetched.popleft()
                    yield Batch(arrived.page, arrived.places, self._resume(head, arrived))
                elif head.error is not None:
                    raise head.error
                elif head.ended:
                    self._windows.pop(0)
                else:
                    self._workers.wait_any(self._futures())
        finally:
            for future in self._futures():
                future.cancel()

    def _resume(self, head: Window, arrived: Arrived) -> Resume | None:
        """Where to go on after a page of the first window.

        When that is over: at the next one, in one walk to the end. So, too, if one is to be read
        later that begins lower, such as the tail of what an earlier sync left unfinished.
        """
        lowest = min((other.start or 0 for other in self._windows[1:]), default=None)
        if lowest is None:
            return arrived.resume
        if arrived.resume is not None and (arrived.resume["start"] or 0) <= lowest:
            return arrived.resume
        settled = self._end <= self._settled
        return Resume(start=lowest, end=self._end, position={}, at=head.high, settled=settled)

    def _futures(self) -> list[Future[t.Any]]:
        futures: list[Future[t.Any]] = [
            window.future for window in self._windows if window.future is not None
        ]
        # A page that has just come stays in, or there might be nothing left to wait for.
        return futures + self._survey.futures

    def _collect(self) -> None:
        """Take in what has arrived.

        A window's failure waits until all before it has been emitted.
        """
        for window in self._windows:
            if window.future is None or not window.future.done():
                continue
            unopened, uncounted = not window.opened, window.left is None
            try:
                window.take(window.future)
            except (ApiError, LostPlace) as error:
                window.error = error
            if uncounted:
                self.total += window.read + (window.left or 0)
                if window is self._lowest:
                    self._survey.activity.learn(window.bottom, window.read)
                self._survey.expect(self.total)
            elif unopened:
                self._pass_on(window)
        self._survey.collect()

    def _pass_on(self, opened: Window) -> None:
        """Look for the rows that a window turned out not to have elsewhere."""
        above = self._windows[self._windows.index(opened) + 1 :]
        cut = (window for window in above if not window.opened and window.left is not None)
        other = next(cut, opened.cut_from)
        if other is not None:
            other.left = max((other.left or 0) + opened.surprise, 0)
        opened.cut_from = None  # or each window would keep all those below it

    def _keep_busy(self) -> None:
        """Ask for pages as long as lanes are free and there is room for what comes."""
        busy = len(self._futures())
        held = [arrived.page for window in self._windows for arrived in window.fetched]
        self._largest = max(self._largest, *(len(page.body.wire) for page in held), 1)
        room = min(READ_AHEAD * self._lanes, BUFFER // self._largest) - busy - len(held)
        for window in list(self._windows):
            if busy >= self._lanes:
                return
            # The head may always go on: everything else waits for it.
            allowed = window.opened if room > 0 else window is self._windows[0]
            if allowed and self._may_be_asked(window):
                self._ask(window)
                busy, room = busy + 1, room - 1
        while busy < self._lanes and room > 0 and (other := self._next_window()):
            self._ask(other)
            busy, room = busy + 1, room - 1
        self._survey.go_on(self._lanes - busy)

    def _may_be_asked(self, window: Window) -> bool:
        """Tell whether a window's next page can be asked for.

        The tail's once all else was read; and what follows on what an earlier sync left unfinished
        once that was, or its pages would wait all the time, and leave no room for others.
        """
        if not window.waiting:
            return False
        if window.tail:
            return all(other.over or other.tail for other in self._windows)
        below = self._windows[: self._windows.index(window)]
        return window.opened or window.left is not None or all(other.over for other in below)

    def _ask(self, window: Window) -> None:
        window.future = self._workers.submit(self._reader.read, window.query, window.position)

    def _next_window(self) -> Window | None:
        """Choose an unopened window to open, else one to cut, so that another lane has work."""
        for window in self._windows:
            if not window.opened and self._may_be_asked(window):
                if (window.left or 0) > self._worth():
                    self._cut(window)
                return window
        going = [window for window in self._windows if window.opened and not window.over]
        largest = max(going, key=lambda window: window.left or 0, default=None)
        if largest is None or (largest.left or 0) < WORTH_CUTTING * self._reader.size:
            return None
        upper = self._cut(largest)
        if upper is not None and (upper.left or 0) > self._worth():
            self._cut(upper)
        return upper

    def _worth(self) -> int:
        """Rows that a window should have: as many as would keep all lanes busy to the end."""
        size = self._reader.size
        going = [window for window in self._windows if not window.over]
        left = sum(window.left or 0 for window in going) / size
        cuts = self._cuts_left()
        # Some cuts are kept for those that turn out to be larger than thought.
        side_by_side = min(self._lanes, len(going) + cuts * 2 // 3)
        # And they have to last: without any, one lane would be left to read all the rest.
        pages = max(min(left / side_by_side, LARGEST_WINDOW), left / (len(going) + cuts))
        if left > READ_AHEAD * self._lanes and side_by_side > 1:
            pages *= LOWEST + (1 - LOWEST) * min(self._cuts / (side_by_side - 1), 1)
        return max(math.ceil(pages), 2) * size

    def _cuts_left(self) -> int:
        """How many cuts are within their cost, for what is known to be read; so are counts."""
        most = int(CUTS_PER_PAGE * self.total / self._reader.size)
        return max(most - self._cuts - self._survey.asked, 0)

    def _cut(self, window: Window) -> Window | None:
        """Cut a window, while cuts are within their cost; one that is read, in half at most.

        Not one that has come to what is not settled: so is all that follows, most likely.
        """
        if self._cuts_left() < 1 or (window.opened and window.unsettled):
            return None
        self._survey.begin()
        if not self._survey.over:
            return None
        if self._survey.rows is not None and not self._cuts:
            # A walk that goes on where an earlier sync was broken off counts what that has read.
            window.left = min(window.left or 0, self._survey.rows)
        if self._survey.last is not None:
            window.top = min(window.top, self._survey.last + 1)
        if (tail := window.cut_tail()) is not None:
            self._windows.append(tail)
            self._cuts += 1
        keep = min(self._worth() / (window.left or 1), 0.5 if window.opened else 1)
        upper = window.cut(keep, self._survey.activity)
        if upper is not None:
            self._windows.insert(self._windows.index(window) + 1, upper)
            self._cuts += 1
        return upper


class Listing:
    """Reads the list downward; the next page is asked for while one is emitted."""

    def __init__(
        self, reader: PageReader, workers: Workers, bounds: Query, resume: Resume | None
    ) -> None:
        self._reader = reader
        self._workers = workers
        self._walks = [] if resume is None else [resume]
        if bounds.start is None or bounds.start < bounds.end:
            fresh = Resume(start=bounds.start, end=bounds.end, position={}, at=None, settled=False)
            self._walks.append(fresh)
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
        future = self._workers.submit(self._reader.read, query, steps.position)
        try:
            while True:
                page = self._take(future, steps)
                self.total = max(self.total, page.total or 0)
                resume = None
                if not steps.over and not steps.past(query.start):
                    future = self._workers.submit(self._reader.read, query, steps.position)
                    resume = Resume(
                        start=query.start,
                        end=query.end,
                        position=steps.position,
                        at=None,
                        settled=False,
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
                page = self._workers.result(future)
            except Refused:
                if not steps.position:
                    raise
                steps.begin_anew("its cursor was refused")
                future = self._workers.submit(self._reader.read, Query(None, 0), {})
            else:
                steps.advance(page)
                return page
