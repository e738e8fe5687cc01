"""The search: each row once and in order, side by side, within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from tap_intercom_conversations.errors import ApiError, Refused, Stopped, Unavailable
from tap_intercom_conversations.reading import changes as module
from tap_intercom_conversations.reading.bounds import Bounds, TimeRange
from tests.conftest import NOW
from tests.support.lying_api import LyingApi
from tests.support.readings import (
    DAY,
    LOOKBACK,
    VirtualWorkers,
    bounds,
    read,
    rows_of,
    spread,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.batch import Batch


# --- All of it, once, in order ---


@pytest.mark.parametrize("threads", [1, 4, 32, 100])
@pytest.mark.parametrize("rows", [0, 1, 14, 15, 16, 700])
@pytest.mark.parametrize("seed", [None, 1])
def test_each_row_once_and_in_order(rows: int, threads: int, seed: int | None) -> None:
    times = spread(rows)
    batches = read(LyingApi(times), bounds(), workers=VirtualWorkers(threads, seed))

    assert rows_of(batches) == list(times.items())


@pytest.mark.parametrize("inclusive", [False, True], ids=[">", ">="])
@pytest.mark.parametrize("threads", [1, 32])
def test_bounds_are_inclusive_below_and_exclusive_above(threads: int, *, inclusive: bool) -> None:
    times = {f"{number:03d}": NOW - DAY + number // 2 for number in range(600)}
    start, end = NOW - DAY + 50, NOW - DAY + 250
    within = TimeRange(start, end)
    found = rows_of(
        read(
            LyingApi(times, inclusive=inclusive),
            Bounds(start, end, NOW - LOOKBACK, within),
            workers=VirtualWorkers(threads),
        )
    )

    assert found == [(key, time) for key, time in times.items() if start <= time < end]


@pytest.mark.parametrize("start", [NOW, NOW + 50, NOW - LOOKBACK, NOW - LOOKBACK // 2])
def test_bounds_that_are_empty_or_of_the_tail_alone(start: int) -> None:
    """Clocks differ: the index horizon may lie before the start, and the start after the end."""
    times = {f"{number}": NOW - LOOKBACK + 10 * number for number in range(70)}
    found = rows_of(read(LyingApi(times), bounds(start)))

    assert {key for key, time in times.items() if time >= start} <= dict(found).keys()
    assert len(found) == len(dict(found))


@pytest.mark.parametrize(("start", "requests"), [(NOW - 60, 2), (NOW - 5_000, 3)])
def test_nothing_new_costs_two_or_three_requests(start: int, requests: int) -> None:
    api = LyingApi(spread(300))

    assert rows_of(read(api, bounds(start))) == []
    assert api.requests == requests


def test_spans_of_one_second() -> None:
    times = {f"{number:03d}": NOW - DAY + number % 3 for number in range(300)}
    found = rows_of(read(LyingApi(times), bounds(NOW - DAY)))

    assert found == sorted(times.items(), key=lambda row: (row[1], row[0]))


def test_a_third_of_all_rows_in_one_second() -> None:
    times = spread(300) | {f"t{number:03d}": NOW - 100 * DAY for number in range(150)}
    found = rows_of(read(LyingApi(times), bounds()))

    assert dict(found) == times
    assert len(found) == 450


def test_rows_without_a_time_or_an_id_are_written() -> None:
    """They end in a failure that tells of them, later on; they are not lost in silence here."""
    api = LyingApi(spread(100))
    api.times["0017"] = cast("int", None)
    api.times["0018"] = cast("int", "soon")
    written = [place for batch in read(api, bounds()) for place in batch.rows]

    assert len(written) == 100


def test_a_row_is_written_whatever_time_it_shows() -> None:
    """It stands at its old place in the index; where its time belongs, nobody would find it."""
    api = LyingApi(spread(600))
    for key, time in (("0040", NOW - 5), ("0041", NOW - DAY), ("0042", NOW - 2 * DAY)):
        api.touch(key, time, late=True)

    assert dict(rows_of(read(api, bounds()))) == api.times


# --- What changed after the sync had started ---


def test_rows_of_the_future_are_written_and_move_no_bookmark() -> None:
    api = LyingApi({"old": NOW - DAY, "future": NOW + 10**9})
    *_, last = batches = list(read(api, bounds()))

    assert dict(rows_of(batches)) == {"old": NOW - DAY, "future": NOW + 10**9}
    assert (last.watermark, last.checkpoint) == (NOW - DAY, None)


def test_nothing_after_the_users_end_is_written() -> None:
    api = LyingApi({"old": NOW - DAY, "late": NOW - 50, "future": NOW + 10**9})
    within = TimeRange(None, NOW - 100)
    batches = list(read(api, Bounds(None, NOW - 100, NOW - LOOKBACK, within)))

    assert [key for key, _ in rows_of(batches)] == ["old"]


@pytest.mark.parametrize(("whole", "rows"), [(False, 15), (True, 80)])
def test_what_changed_since_is_read_to_its_end_only_for_a_whole_copy(
    rows: int, *, whole: bool
) -> None:
    """A whole copy would have a target delete what it lacks."""
    times = {f"{number:02d}": NOW + number for number in range(80)}

    assert len(rows_of(read(LyingApi(times), bounds(whole=whole)))) == rows


def test_a_row_that_changes_while_all_is_read_is_found_where_it_went() -> None:
    api = LyingApi(spread(600))
    keys = sorted(api.times, reverse=True)

    def touch() -> None:
        api.touch(keys[api.requests], NOW + api.requests)

    api.between = touch
    found = rows_of(read(api, bounds(whole=True)))

    assert dict(found).keys() == api.times.keys()


@pytest.mark.parametrize("lies", [(), ("cursor opaque",)])
@pytest.mark.parametrize("gone", [False, True])
def test_rows_of_one_moment_are_read_to_their_end_while_some_of_them_change(
    lies: tuple[str, ...], *, gone: bool
) -> None:
    """In each chain some go before they are read: the greatest count is never reached."""
    api = LyingApi({f"{number:04d}": NOW - DAY for number in range(600)}, lies)
    keys = sorted(api.times, key=lambda key: key[::-1])

    def live() -> None:
        if api.requests % 10 == 0 and keys:
            key = keys.pop(0)
            if gone:
                api.delete(key)
            else:
                api.touch(key, NOW + api.requests)

    api.between = live
    found = dict(rows_of(read(api, bounds())))

    assert {key for key, time in api.times.items() if time < NOW} <= found.keys()
    assert api.requests <= 5 * 600 / 15


# --- Side by side, within limits ---


@pytest.mark.parametrize(("threads", "lanes"), [(1, 1), (7, 1), (8, 2), (32, 8), (100, 25)])
def test_at_most_a_quarter_of_the_requests_in_flight_are_searches(threads: int, lanes: int) -> None:
    workers = VirtualWorkers(threads)
    list(read(LyingApi(spread(9_000)), bounds(), workers=workers))

    assert workers.busiest == lanes


@pytest.mark.parametrize("threads", [1, 7, 32])
def test_a_count_and_pages_that_are_capped_alike_are_not_believed(threads: int) -> None:
    """The last page is not full, and as many rows came as are counted: only a split shows more."""

    class Capped(LyingApi):
        """Finds no more than a hundred rows at once."""

        def _page(self, ranked: Any, low: int, high: int, *rest: Any) -> dict[str, Any]:
            return super()._page(ranked, low, min(high, low + 100), *rest)

    times = spread(600)
    found = rows_of(read(Capped(times), bounds(), workers=VirtualWorkers(threads)))

    assert found == list(times.items())


def test_one_lane_costs_hardly_more_than_one_page_after_another() -> None:
    api = LyingApi(spread(3_000))
    list(read(api, bounds(), workers=VirtualWorkers(1)))

    assert api.requests <= 1.4 * 3_000 / 15


@pytest.mark.parametrize("bytes_ahead", [module.BYTES_AHEAD, 10_000])
def test_pages_are_not_read_far_ahead_of_a_slow_consumer(
    bytes_ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BYTES_AHEAD", bytes_ahead)
    api, workers = LyingApi(spread(3_000)), VirtualWorkers(32)
    ahead = largest = 0
    for consumed, batch in enumerate(read(api, bounds(), workers=workers), 1):
        largest = max(largest, len(batch.body.wire))
        ahead = max(ahead, api.requests + len(workers.under_way) - consumed)

    most = min(module.PAGES_AHEAD_PER_LANE * 8, bytes_ahead // largest)
    # And the page that the first span is always let ask for.
    assert ahead <= most + 1


def test_giving_up_leaves_nothing_under_way() -> None:
    workers = VirtualWorkers(32)
    batches = read(LyingApi(spread(3_000)), bounds(), workers=workers)
    for _ in range(10):
        next(batches)
    assert workers.under_way
    batches.close()  # type: ignore[attr-defined]  # a generator

    assert workers.under_way == []


def test_being_stopped_leaves_nothing_under_way() -> None:
    class Stopping(VirtualWorkers):
        def wait_any(self, futures: Any) -> None:
            if self.now > 5:
                raise Stopped
            super().wait_any(futures)

    workers = Stopping(32)
    with pytest.raises(Stopped):
        list(read(LyingApi(spread(3_000)), bounds(), workers=workers))

    assert workers.under_way == []


def test_says_how_many_there_are() -> None:
    *_, last = read(LyingApi(spread(700)), bounds())

    assert last.total == 700


@pytest.mark.parametrize("threads", [1, 32])
def test_more_are_counted_than_there_are_in_a_busy_tail(threads: int) -> None:
    """No time is evidence there, so its chains could not come to one page by going on."""
    times = {f"{number:03d}": NOW - LOOKBACK + number for number in range(400)}
    api = LyingApi(times, ["count tenfold"])

    assert rows_of(read(api, bounds(), workers=VirtualWorkers(threads))) == list(times.items())
    assert api.requests <= 15 * 400 / 15


# --- Failures ---


class Failing(LyingApi):
    """Fails where a query reaches above a time."""

    error: ApiError = Unavailable("POST /x", status=500)
    above = NOW - DAY - 300 * 1_000

    def fetch(self, *args: Any, **content: Any) -> Any:
        """As `Client.fetch`."""
        start = content["json"]["query"]["value"][0]["value"]
        if start > self.above:
            self.requests += 1
            raise self.error
        return super().fetch(*args, **content)


def written_before(batches: Iterator[Batch], error: type[Exception]) -> list[Batch]:
    """The batches that come before an error."""
    written: list[Batch] = []
    with pytest.raises(error):
        written.extend(batches)
    return written


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize(
    "error", [Unavailable("POST /x", status=500), Refused("POST /x", status=400)]
)
def test_all_before_a_failure_comes_out_first(error: ApiError, seed: int | None) -> None:
    times = spread(700)
    api = Failing(times)
    api.error = error
    batches = written_before(read(api, bounds(), workers=VirtualWorkers(32, seed)), type(error))
    written, resume = rows_of(batches), batches[-1].checkpoint

    assert written == list(times.items())[: len(written)]
    assert len(written) >= 300
    # And the next reading goes on right there.
    assert resume is not None
    rest = rows_of(read(LyingApi(times), bounds(resume.goes_on_from), resume))
    assert dict(written) | dict(rest) == times
    assert len(written) + len(rest) <= 700 + 15
