"""What a stream does with the reading core: bookmarks, checkpoints, kills; in virtual time."""

from __future__ import annotations

import heapq
import itertools
import random
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, cast

import msgspec

from tap_intercom_conversations.reading import checkpoint as checkpoints
from tap_intercom_conversations.reading.bounds import Bounds, TimeRange
from tap_intercom_conversations.reading.changes import read_changes
from tap_intercom_conversations.reading.collection import SECONDS, Collection, Precision
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.reading.checkpoint import Checkpoint
    from tests.support.lying_api import LyingApi

LOOKBACK = 600
DAY = 86_400
ANY = TimeRange(None, None)
QUERY = 7
"""What identifies the query in STATE."""


def spread(rows: int, *, step: int = 1_000) -> dict[str, int]:
    """Rows evenly over time, the last of them a while ago."""
    return {f"{number:04d}": NOW - DAY - (rows - number) * step for number in range(rows)}


def bounds(start: int | None = None, user: TimeRange = ANY, *, whole: bool = False) -> Bounds:
    """The bounds of a sync that starts at `NOW`."""
    return Bounds(start, NOW, NOW - LOOKBACK, user, whole)


class Seen(msgspec.Struct):
    """What is looked at of a row."""

    id: str
    updated_at: int


def collection(
    page_size: int, *, is_list: bool = False, precision: Precision = SECONDS
) -> Collection:
    """A collection to be searched, or listed."""
    return Collection(
        "conversations",
        ("conversations",),
        "updated_at",
        page_size,
        search_path=None if is_list else "/x/search",
        list_path="/x",
        precision=precision,
    )


class VirtualWorkers:
    """Workers in virtual time: each request takes 1, or they come back in any order.

    Attributes:
        now: The time.
        busiest: The most requests that were under way at once.
        cancelled: How many were dropped.
    """

    def __init__(self, threads: int = 32, seed: int | None = None) -> None:
        self.threads = threads
        self.now = 0
        self.busiest = 0
        self._rng = None if seed is None else random.Random(seed)  # noqa: S311  draws an order
        self._number = itertools.count()
        self._under_way: list[tuple[float, int, Future[Any], Callable[[], Any]]] = []

    @property
    def under_way(self) -> list[Future[Any]]:
        """What was asked for, and neither came nor was given up."""
        return [future for _, _, future, _ in self._under_way if not future.done()]

    def submit(self, fetch: Callable[..., Any], *args: Any) -> Future[Any]:
        """As `Workers.submit`."""
        future: Future[Any] = Future()
        due = self.now + 1 if self._rng is None else self._rng.random()
        entry = (due, next(self._number), future, lambda: fetch(*args))
        heapq.heappush(self._under_way, entry)
        self.busiest = max(self.busiest, len(self.under_way))
        return future

    def wait_any(self, futures: Iterable[Future[Any]]) -> None:
        """As `Workers.wait_any`."""
        waiting = list(futures)
        assert waiting
        while not any(future.done() for future in waiting):
            due, _, future, fetch = heapq.heappop(self._under_way)
            if future.cancelled():
                continue
            self.now = max(self.now, int(due))
            try:
                future.set_result(fetch())
            except Exception as error:  # noqa: BLE001  raised where the result is taken
                future.set_exception(error)

    def result(self, future: Future[Any]) -> Any:
        """As `Workers.result`."""
        self.wait_any((future,))
        return future.result()


def read(
    api: LyingApi,
    bounds: Bounds,
    resume: Checkpoint | None = None,
    *,
    page_size: int = 15,
    is_list: bool = False,
    precision: Precision = SECONDS,
    workers: VirtualWorkers | None = None,
) -> Iterator[Batch]:
    """Read what changed."""
    what = collection(page_size, is_list=is_list, precision=precision)
    threads = workers or VirtualWorkers()
    return read_changes(cast("Client", api), cast("Workers", threads), what, bounds, resume)


def rows_of(batches: Iterable[Batch]) -> list[tuple[str, int]]:
    """The rows of batches: ids and times."""
    return [
        (row.id, row.updated_at)
        for batch in batches
        for row in batch.objects(Seen, ("conversations",))
    ]


class Table:
    """A table that syncs keep current, with their STATE.

    Args:
        api: What it is a copy of.
        is_list: Whether that is listed, not searched.
        user: The user's `start_date` and `end_date`.
        lookback: Seconds by which the index may be late.
        precision: How finely its search compares times.

    Attributes:
        rows: The greatest time of each row that was written.
        written: How many rows were written.
        bookmark: The greatest time of the last sync that was complete.
        unfinished: The checkpoint of one that was not, as STATE has it.
    """

    def __init__(
        self,
        api: LyingApi,
        *,
        is_list: bool = False,
        user: TimeRange = TimeRange(None, None),  # noqa: B008  a constant
        lookback: int = LOOKBACK,
        precision: Precision = SECONDS,
    ) -> None:
        self._api = api
        self._is_list = is_list
        self._user = user
        self._lookback = lookback
        self._precision = precision
        self.rows: dict[str, int] = {}
        self.written = 0
        self.bookmark: int | None = None
        self.unfinished: str | None = None

    def sync(
        self,
        now: int,
        *,
        kill_after: int | None = None,
        ahead: int = 0,
        page_size: int = 15,
        whole: bool = False,
        workers: VirtualWorkers | None = None,
    ) -> bool:
        """Run a sync.

        Args:
            now: The machine's time.
            kill_after: After how many pages it is killed.
            ahead: Seconds by which the API's clock is ahead.
            page_size: The setting.
            whole: All is read anew, as FULL_TABLE.
            workers: What fetches pages.

        Returns:
            Whether it was complete.
        """
        resume = None if whole else self._checkpoint(now)
        bounds = self._bounds(now, ahead, resume, whole=whole)
        batches = read(
            self._api,
            bounds,
            resume,
            page_size=page_size,
            is_list=self._is_list,
            precision=self._precision,
            workers=workers,
        )
        watermark = resume.watermark if resume is not None else None
        for number, batch in enumerate(batches, 1):
            for key, time in rows_of([batch]):
                self.rows[key] = max(self.rows.get(key, time), time)
                self.written += 1
            watermark = batch.watermark if batch.watermark is not None else watermark
            if batch.checkpoint is not None and not whole:
                self.unfinished = checkpoints.dump(QUERY, batch.checkpoint)
            if number == kill_after:
                batches.close()  # type: ignore[attr-defined]  # a generator
                return False
        self.unfinished = None
        reached = bounds.start if watermark is None else watermark
        if reached is not None:
            self.bookmark = max(self.bookmark or 0, reached)
        return True

    def missing(self) -> set[str]:
        """The rows that it has not, or not as they are."""
        return {key for key, time in self._api.times.items() if self.rows.get(key, -1) < time}

    def _checkpoint(self, now: int) -> Checkpoint | None:
        return checkpoints.load(self.unfinished, QUERY, latest=now + 3600)

    def _bounds(self, now: int, ahead: int, resume: Checkpoint | None, *, whole: bool) -> Bounds:
        start = self._user.start
        if resume is not None:
            start = resume.goes_on_from
        elif self.bookmark is not None and not whole:
            start = max(self.bookmark - self._lookback, start or 0)
        end = now + max(ahead, 0) + 1
        return Bounds(
            start=start,
            end=end if self._user.end is None else min(end, self._user.end),
            horizon=now + min(ahead, 0) - self._lookback,
            user=self._user,
            whole=whole,
        )
