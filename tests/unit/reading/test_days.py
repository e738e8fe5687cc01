"""A search that knows days only, of a timezone that nobody knows: contacts, up to version 2.16."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.reading.bounds import Bounds, TimeRange
from tap_intercom_conversations.reading.collection import DAY, DAYS
from tests.support.lying_api import LyingApi
from tests.support.readings import LOOKBACK, Table, VirtualWorkers, read, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.reading.checkpoint import Checkpoint

NOW = 1_780_358_400 + 39_600
"""2026-06-02T11:00:00Z."""
HOUR = 3_600
TIMEZONES = pytest.mark.parametrize("days_of", [-12 * HOUR, 0, 5 * HOUR + 1_800, 14 * HOUR])


def over(days: int, rows: int) -> dict[str, int]:
    """Rows that changed at any moment of so many days, the last an hour ago."""
    rng = random.Random(days)  # noqa: S311  draws moments
    moments = sorted(rng.randrange(days * DAY) for _ in range(rows))
    return {f"{row:05d}": NOW - HOUR - days * DAY + at for row, at in enumerate(moments)}


def searched(
    api: LyingApi,
    start: int | None = None,
    resume: Checkpoint | None = None,
    *,
    user: TimeRange = TimeRange(None, None),  # noqa: B008  a constant
    **options: Any,
) -> Iterator[Batch]:
    end = NOW if user.end is None else user.end
    bounds = Bounds(start, end, NOW - LOOKBACK, user)
    return read(api, bounds, resume, precision=DAYS, **options)


@TIMEZONES
@pytest.mark.parametrize("threads", [1, 32])
@pytest.mark.parametrize("days", [3, 400])
def test_each_row_once_and_in_order(days: int, threads: int, days_of: int) -> None:
    times = over(days, 1_500)
    batches = searched(LyingApi(times, days_of=days_of), workers=VirtualWorkers(threads))

    assert rows_of(batches) == list(times.items())


@TIMEZONES
def test_bounds_are_of_seconds(days_of: int) -> None:
    times = over(100, 3_000)
    within = TimeRange(NOW - 60 * DAY + 5_000, NOW - 20 * DAY + 7_000)
    found = rows_of(searched(LyingApi(times, days_of=days_of), within.start, user=within))

    assert found == [(key, time) for key, time in times.items() if within.holds(time)]


@TIMEZONES
def test_a_sync_with_nothing_new_reads_three_days_at_most(days_of: int) -> None:
    times = over(100, 100 * 150)
    api = LyingApi(times, days_of=days_of)
    last = max(times.values())
    found = rows_of(searched(api, last - LOOKBACK, page_size=150))

    assert found == [row for row in times.items() if row[1] >= last - LOOKBACK]
    # As many pages as days, and a look at what lies in the future.
    assert api.requests <= 3 + 1


@pytest.mark.parametrize(("whole", "lies"), [(False, ()), (True, ()), (True, ("cursor opaque",))])
def test_what_changes_while_it_is_read_is_found(lies: tuple[str, ...], *, whole: bool) -> None:
    """At once by a whole copy; by the next sync otherwise."""
    api = LyingApi(over(200, 1_500), lies, days_of=5 * HOUR)
    keys = sorted(api.times)
    rng = random.Random(1)  # noqa: S311  draws a life

    def touch() -> None:
        api.catch_up(until=NOW + api.requests - 5)
        api.touch(rng.choice(keys), NOW + api.requests, late=True)

    api.between = touch
    table = Table(api, precision=DAYS)
    assert table.sync(NOW, whole=whole)
    assert not whole or table.rows.keys() == api.times.keys()
    api.between = lambda: None
    api.catch_up()
    assert table.sync(NOW + 2_000)

    assert table.missing() == set()


@pytest.mark.parametrize("cursor", [(), ("cursor opaque",)])
def test_rows_of_one_day_may_stand_in_any_order(cursor: tuple[str, ...]) -> None:
    moments = list(over(60, 6_000).values())
    random.Random(3).shuffle(moments)  # noqa: S311  draws an order
    times = {f"{row:05d}": time for row, time in enumerate(moments)}
    found = rows_of(searched(LyingApi(times, ("sorted by days", *cursor), days_of=0)))

    assert dict(found) == times


@pytest.mark.parametrize("seed", range(3))
def test_a_row_that_changes_costs_no_other_where_pages_have_numbers(seed: int) -> None:
    """It stays among those that are counted, and all behind its old place move up."""
    api = LyingApi(over(3, 500), ("by number",), days_of=0)
    keys, changed = sorted(api.times), set()
    rng = random.Random(seed)  # noqa: S311  draws a life

    def touch() -> None:
        if api.requests % 25 == 0:
            changed.add(key := rng.choice(keys))
            api.touch(key, NOW + api.requests)

    api.between = touch
    table = Table(api, precision=DAYS)

    assert table.sync(NOW)
    assert table.missing() <= changed


@pytest.mark.parametrize("lies", [(), ("count absent",)])
def test_a_busy_workspace_is_read_to_its_end_where_pages_have_numbers(
    lies: tuple[str, ...],
) -> None:
    """There is no place within days to begin anew at: it goes back as far as rows have slid."""
    api = LyingApi(over(200, 3_000), ("by number", *lies), days_of=0)
    keys = sorted(api.times)
    rng = random.Random(1)  # noqa: S311  draws a life

    def touch() -> None:
        if rng.random() < 1 / 5:
            api.touch(rng.choice(keys), NOW + api.requests)

    api.between = touch
    table = Table(api, precision=DAYS)
    assert table.sync(NOW)
    api.between = lambda: None
    assert table.sync(NOW + 7_200)

    assert table.missing() == set()
    assert api.requests <= 6 * 3_000 / 15


def test_rows_that_change_once_they_were_read_do_not_lead_back() -> None:
    """They come again, at the end of the same query, as it is asked for more days than the span."""
    api = LyingApi(over(1, 30), days_of=0)
    keys = sorted(api.times)

    def touch() -> None:
        if api.requests % 3 == 1:
            api.touch(keys[api.requests // 3 % 15], NOW + api.requests)

    api.between = touch

    assert Table(api, precision=DAYS).sync(NOW)
    assert api.requests <= 12


def test_a_row_of_the_future_is_found() -> None:
    times = {"old": NOW - DAY, "tomorrow": NOW + DAY, "far": NOW + 1_000 * DAY}
    *_, last = batches = list(searched(LyingApi(times, days_of=-5 * HOUR)))

    assert dict(rows_of(batches)) == times
    assert (last.watermark, last.checkpoint) == (NOW - DAY, None)


@pytest.mark.parametrize("threads", [1, pytest.param(32, marks=pytest.mark.thorough)])
def test_a_reading_goes_on_from_any_batch(threads: int) -> None:
    times = over(100, 600)
    api = LyingApi(times, days_of=14 * HOUR)
    whole = list(searched(api, workers=VirtualWorkers(threads)))
    for number, batch in enumerate(whole[:-1]):
        written, resume = rows_of(whole[: number + 1]), batch.checkpoint
        assert resume is not None
        rest = rows_of(searched(LyingApi(times, days_of=14 * HOUR), resume.goes_on_from, resume))

        assert dict(written) | dict(rest) == times
        assert len(written) + len(rest) <= 600 + 2 * 15


@pytest.mark.parametrize("shape", ["even", pytest.param("growth", marks=pytest.mark.thorough)])
def test_it_is_four_times_as_fast_as_one_page_after_another(shape: str) -> None:
    """Each request takes 1, so nothing here depends on the machine."""
    rng = random.Random(7)  # noqa: S311  draws moments
    share = 1 / 3 if shape == "growth" else 1
    moments = sorted(int(400 * DAY * rng.random() ** share) for _ in range(50_000))
    times = {f"{row:05d}": NOW - HOUR - 400 * DAY + at for row, at in enumerate(moments)}
    api, workers = LyingApi(times, days_of=9 * HOUR), VirtualWorkers(32)
    found = rows_of(searched(api, page_size=150, workers=workers))

    assert dict(found) == times
    assert 50_000 / 150 / workers.now >= 4
    assert api.requests <= 1.4 * 50_000 / 150
