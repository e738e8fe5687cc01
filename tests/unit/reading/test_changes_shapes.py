"""Windows over all shapes of activity and sizes of pages: all of it, and never a halt."""

from __future__ import annotations

import random
import time
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, cast

import pytest

from tap_intercom_conversations.api.body import Body
from tap_intercom_conversations.api.workers import Workers
from tap_intercom_conversations.reading import changes
from tap_intercom_conversations.reading.changes import Search
from tap_intercom_conversations.reading.pages import Count, Page, PageReader, Query
from tap_intercom_conversations.reading.windows import Resume
from tests.conftest import NOW

if TYPE_CHECKING:
    from tap_intercom_conversations.api.pagination import Position

YEAR = 365 * 86_400
LOOKBACK = 600
SIZES = ((10,), (10, 10, 10, 3_000_000), (100_000, 8_000_000))
"""Bytes that pages may have."""


class Reader:
    """Reads from a sorted list of moments; a cursor is a place in it."""

    def __init__(self, moments: list[int], rng: random.Random) -> None:
        self.moments = moments
        self.size = rng.choice((3, 10, 20))
        self.windows: Counter[int | None] = Counter()  # pages, by where their window begins
        self.counts_from = rng.choice((0, 0, NOW))  # queries that end earlier are not counted
        self.counts = 0
        self._sizes = rng.choice(SIZES)
        self._rng = rng

    def read(self, query: Query, position: Position) -> Page:
        """Read a page; how long that takes, nobody knows."""
        time.sleep(self._rng.choice((0, 0, 0.0005, 0.001)))
        self.windows[query.start] += 1
        first = bisect_left(self.moments, query.start or 0)
        end = bisect_left(self.moments, query.end)
        at = int(position.get("starting_after", first))
        following = min(at + self.size, end)
        pages = {"next": {"starting_after": str(following)}} if following < end else {}
        body = Body(bytes(self._rng.choice(self._sizes)), packed=False)
        return Page(body, list(self.moments[at:following]), end - first, pages, self.size)

    def count(self, query: Query) -> Count | None:
        """Count, if that does not fail."""
        first = bisect_left(self.moments, query.start or 0)
        end = bisect_left(self.moments, query.end)
        if query.end < self.counts_from:
            return None
        self.counts += 1
        return Count(end - first, self.moments[end - 1] if end > first else None)


def activity(rng: random.Random) -> list[int]:
    """When conversations changed last: bursts and lulls, imports in one second, growth."""
    moments: list[int] = []
    for _ in range(rng.randint(1, 5)):
        centre = NOW - rng.randint(0, 2 * YEAR)
        width = rng.choice((0, 1, 1_000, 1_000_000, YEAR))
        rows = rng.choice((5, 100, 800))
        moments += [min(centre + rng.randint(-width, width), NOW) for _ in range(rows)]
    return sorted(moments)


@pytest.mark.parametrize("seed", range(60))
def test_all_of_any_activity(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "BUFFER", 16_000_000)
    rng = random.Random(seed)  # noqa: S311  draws shapes
    reader = Reader(activity(rng), rng)
    start = rng.choice((None, None, reader.moments[len(reader.moments) // 3]))
    workers = Workers(rng.choice((8, 16, 32, 64)))
    search = Search(
        cast("PageReader", reader), workers, Query(start, NOW + 1), NOW - LOOKBACK, None
    )
    try:
        found = [
            cast("int", batch.page.moments[at]) for batch in search.batches() for at in batch.places
        ]
    finally:
        workers.close()
    wanted = [moment for moment in reader.moments if start is None or moment >= start]
    settled = [moment for moment in found if moment < NOW - LOOKBACK]
    # Once and in order, but what may still come to stand elsewhere: that may come twice.
    assert settled == [moment for moment in wanted if moment < NOW - LOOKBACK]
    assert not Counter(wanted) - Counter(found)


@pytest.mark.parametrize("unfinished", ["nothing", "most", "little"])
@pytest.mark.parametrize("seed", range(3))
def test_windows_of_growing_activity_are_of_like_size(seed: int, unfinished: str) -> None:
    """As much in the last quarter of the time as in all before it."""
    rng = random.Random(seed)  # noqa: S311  draws shapes
    end = NOW - LOOKBACK
    reader = Reader([end - 1 - int(YEAR * (1 - (n / 20_000) ** 0.4)) for n in range(20_000)], rng)
    reader.counts_from = 0
    bounds, resume, rows = Query(None, end), None, 20_000
    if unfinished != "nothing":
        read, until = 2_000, end - 86_400 if unfinished == "most" else reader.moments[3_000]
        bounds, rows = Query(until, end), rows - read
        resume = Resume(
            start=None,
            end=until,
            position={"starting_after": str(read)},
            at=reader.moments[read - 1],
            settled=True,
        )
    workers = Workers(32)
    search = Search(cast("PageReader", reader), workers, bounds, end, resume)
    try:
        assert sum(len(batch.places) for batch in search.batches()) == rows
    finally:
        workers.close()
    pages = rows / reader.size
    assert max(reader.windows.values()) <= 2 * changes.LARGEST_WINDOW
    assert sum(reader.windows.values()) + reader.counts <= 1.1 * pages
