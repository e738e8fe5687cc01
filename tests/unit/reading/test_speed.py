"""How much faster spans side by side are than one page after another: in virtual time.

Each request takes 1, so nothing here depends on the machine.
"""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from tap_intercom_conversations.reading.bounds import Bounds, TimeRange
from tests.support import lying_api
from tests.support.lying_api import LyingApi
from tests.support.readings import LOOKBACK, VirtualWorkers, read, rows_of

NOW = 1_780_358_400
"""2026-06-02T00:00:00Z."""
DAYS = 400
PAGE = 150
MOST_COUNTED = 10_000
"""Where counts are capped."""
SHAPES = ("even", "growth", "bursts", "bulk", "ties")


def moments(shape: str, rows: int) -> list[int]:
    """When so many rows changed last.

    growth: cubic; bursts: twelve; bulk: half of all within two hours; ties: a third in one second.
    """
    rng = random.Random(7)  # noqa: S311  draws shapes
    seconds = DAYS * 86_400

    def moment(row: int) -> float:
        if shape == "growth":
            return float(seconds * rng.random() ** (1 / 3))
        if shape == "bursts":
            return seconds * (rng.randrange(12) + rng.betavariate(1, 30)) / 12
        if shape == "bulk" and row % 2:
            return seconds * 2 / 3 + rng.randrange(7_200)
        if shape == "ties" and row < rows / 3:
            return seconds / 2
        return seconds * ((row + rng.random()) / rows if shape == "even" else rng.random())

    return sorted(NOW - 2 * LOOKBACK - seconds + int(moment(row)) for row in range(rows))


class Cost(NamedTuple):
    """What a first load cost.

    Attributes:
        faster: How many times faster it was than one page after another.
        more: How many more requests were made than the least, as a share.
    """

    faster: float
    more: float


def cost(
    shape: str, rows: int, lanes: int, monkeypatch: pytest.MonkeyPatch, *, is_capped: bool = False
) -> Cost:
    """Load all rows, which must come once and in order."""
    monkeypatch.setattr(lying_api, "CAP", MOST_COUNTED)
    times = moments(shape, rows)
    lies = ["count capped"] if is_capped else []
    api = LyingApi({f"{row:06d}": time for row, time in enumerate(times)}, lies)
    workers = VirtualWorkers(4 * lanes)
    bounds = Bounds(None, NOW, NOW - LOOKBACK, TimeRange(None, None))
    found = rows_of(read(api, bounds, page_size=PAGE, workers=workers))

    assert found == sorted(api.times.items(), key=lambda row: (row[1], row[0]))
    least = rows / PAGE
    return Cost(least / workers.now, api.requests / least - 1)


@pytest.mark.parametrize(
    "is_capped", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["", "capped"]
)
@pytest.mark.parametrize("shape", SHAPES)
def test_with_8_lanes(shape: str, monkeypatch: pytest.MonkeyPatch, *, is_capped: bool) -> None:
    faster, more = cost(shape, 30_000, 8, monkeypatch, is_capped=is_capped)

    assert faster >= (2.0 if shape == "ties" else 4.5)
    assert more < 0.4


@pytest.mark.thorough
@pytest.mark.parametrize("shape", SHAPES)
def test_with_25_lanes(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    faster, more = cost(shape, 30_000, 25, monkeypatch)

    assert faster >= (2.0 if shape == "ties" else 10)
    assert more < 0.4


@pytest.mark.parametrize("shape", SHAPES)
def test_a_short_load(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    faster, more = cost(shape, 12_000, 8, monkeypatch)

    assert faster >= (2.0 if shape == "ties" else 4.0)
    assert more < 0.5


@pytest.mark.thorough
@pytest.mark.parametrize("shape", ["growth", "bursts"])
def test_a_long_load(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lying_api, "MOST_REQUESTS", 10_000)
    faster, more = cost(shape, 150_000, 8, monkeypatch)

    assert faster >= 6
    assert more < 0.4
