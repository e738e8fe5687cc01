"""The list: newest first as far as needed, to its end where no order shows, by cursor or number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.errors import LostPlace, Refused, Unavailable
from tap_intercom_conversations.reading.bounds import Bounds, TimeRange
from tests.support.lying_api import LyingApi
from tests.support.readings import LOOKBACK, Table, VirtualWorkers, read, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.reading.checkpoint import Checkpoint

NOW = 1_780_358_400
"""2026-06-02T00:00:00Z."""
ANY = TimeRange(None, None)
DAY = 86_400


def spread(rows: int) -> dict[str, int]:
    """Rows over time in an order that is not that of their creation."""
    return {
        f"{number:04d}": NOW - DAY - (number * 37 % rows) * 1_000 - number for number in range(rows)
    }


def listed(
    api: LyingApi,
    start: int | None = None,
    resume: Checkpoint | None = None,
    *,
    user: TimeRange = ANY,
    **options: Any,
) -> Iterator[Batch]:
    bounds = Bounds(start, NOW, NOW - LOOKBACK, user)
    return read(api, bounds, resume, is_list=True, **options)


def newest_first(times: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(times.items(), key=lambda row: -row[1])


# --- All of it ---


@pytest.mark.parametrize("lies", [(), ("by number",), ("count absent",), ("cursor opaque",)])
@pytest.mark.parametrize("rows", [0, 1, 15, 16, 300])
def test_each_row_once_and_newest_first(rows: int, lies: tuple[str, ...]) -> None:
    times = spread(rows)

    assert rows_of(listed(LyingApi(times, lies))) == newest_first(times)


@pytest.mark.parametrize(
    "lie", ["order ignored", "order by creation", "order ascending", "size ignored", "size capped"]
)
@pytest.mark.parametrize("start", [None, NOW - DAY - 150_000])
def test_a_list_in_no_order_is_read_to_its_end(lie: str, start: int | None) -> None:
    """Whether `sort` is honoured is not documented from 2.7 on."""
    times = spread(300)
    found = rows_of(listed(LyingApi(times, [lie]), start))

    assert dict(found) == {key: time for key, time in times.items() if time >= (start or 0)}
    assert len(found) == len(dict(found))


def test_a_list_in_order_is_read_no_further_than_the_bound() -> None:
    api = LyingApi(spread(300))
    start = sorted(api.times.values())[-30]

    assert len(rows_of(listed(api, start))) == 30
    assert api.requests <= 3


def test_a_list_in_the_order_of_creation_only_looks_like_one_in_that_of_change() -> None:
    """At its top, where what was created last was changed last; what was reopened lies below."""
    times = {f"{number:03d}": NOW - DAY + number for number in range(100)}
    api = LyingApi(times, ["order by creation"])
    api.touch("005", NOW - 10)

    assert rows_of(listed(api, NOW - 60)) == [("005", NOW - 10)]


def test_nothing_new_costs_a_request() -> None:
    api = LyingApi(spread(300))

    assert rows_of(listed(api, NOW - 60)) == []
    assert api.requests == 1


def test_only_what_lies_within_the_users_bounds_is_written() -> None:
    times = spread(300)
    within = TimeRange(NOW - DAY - 200_000, NOW - DAY - 100_000)
    found = rows_of(listed(LyingApi(times), within.start, user=within))

    assert dict(found) == {key: time for key, time in times.items() if within.holds(time)}


def test_rows_of_the_future_move_no_watermark() -> None:
    *_, last = listed(LyingApi({"old": NOW - DAY, "future": NOW + 10**9}))

    assert (last.rows, last.watermark, last.checkpoint) == ([0, 1], NOW - DAY, None)


def test_the_next_page_is_asked_for_while_one_is_written() -> None:
    api, workers = LyingApi(spread(300)), VirtualWorkers()
    batches = listed(api, workers=workers)
    next(batches)
    assert len(workers.under_way) == 1
    batches.close()  # type: ignore[attr-defined]  # a generator

    assert workers.under_way == []


# --- Rows that move while it is read ---


@pytest.mark.parametrize(
    "lies", [("by number",), ("by number", "count absent"), ("cursor is a number",), ()]
)
@pytest.mark.parametrize("vanish", [1, 20])
def test_rows_that_slide_up_are_not_missed(vanish: int, lies: tuple[str, ...]) -> None:
    api = LyingApi(spread(200), lies)
    newest = [key for key, _ in newest_first(api.times)]

    def act() -> None:
        if api.requests == 4:
            for key in newest[:vanish]:
                api.delete(key)

    api.between = act
    found = dict(rows_of(listed(api)))

    assert api.times.keys() <= found.keys()


def test_a_deletion_and_a_creation_that_cancel_out() -> None:
    """There are as many as before, and one has moved up unseen."""
    api = LyingApi(spread(200), ["by number"])
    oldest = newest_first(api.times)[-1][0]

    def act() -> None:
        if api.requests == 3:
            api.delete(newest_first(api.times)[0][0])
        if api.requests == 8:
            api.touch("new", NOW - 1)

    api.between = act
    found = dict(rows_of(listed(api)))

    assert oldest in found
    assert api.times.keys() <= found.keys()


@pytest.mark.parametrize("lies", [("by number",), ("count absent",), ()])
def test_a_busy_list_comes_to_an_end(lies: tuple[str, ...]) -> None:
    """With each page some rows change; they are the next sync's, not a reason to read on."""
    api = LyingApi(spread(300), lies)
    keys = sorted(api.times)
    api.between = lambda: api.touch(keys[api.requests % 300], NOW + api.requests)
    table = Table(api, is_list=True)
    assert table.sync(NOW)
    assert api.requests <= 4 * 20
    api.between = lambda: None
    assert table.sync(NOW + 1_000)

    assert table.missing() == set()


@pytest.mark.parametrize("lies", [("by number",), ("count absent",), ("order ignored",), ()])
@pytest.mark.parametrize("start", [None, NOW - DAY - 250_000])
def test_a_whole_copy_has_what_moved_to_the_top_while_it_was_read(
    start: int | None, lies: tuple[str, ...]
) -> None:
    """It may replace a table: a row that it lacks is gone from there until the next copy."""
    api = LyingApi(spread(300), lies)
    wanted = [key for key, time in newest_first(api.times) if time >= (start or 0)]
    deepest = wanted[-30:]

    def act() -> None:
        if api.requests % 3 == 0 and deepest:
            api.touch(deepest.pop(), NOW + api.requests)

    api.between = act
    table = Table(api, is_list=True, user=TimeRange(start, None))

    assert table.sync(NOW, whole=True)
    assert not deepest or api.requests < 90
    assert set(wanted) <= table.rows.keys()


# --- From anywhere ---


@pytest.mark.parametrize("lies", [(), ("by number",), ("count absent",), ("order ignored",)])
def test_a_reading_goes_on_from_any_batch(lies: tuple[str, ...]) -> None:
    times = spread(200)
    whole = list(listed(LyingApi(times, lies)))
    assert whole[-1].checkpoint is None
    for number, batch in enumerate(whole[:-1]):
        written, resume = rows_of(whole[: number + 1]), batch.checkpoint
        assert resume is not None
        rest = rows_of(listed(LyingApi(times, lies), resume.goes_on_from, resume))

        assert dict(written) | dict(rest) == times


def test_what_changed_since_stands_at_the_top_and_is_read_after_the_rest() -> None:
    api = LyingApi(spread(200))
    table = Table(api, is_list=True)
    assert not table.sync(NOW, kill_after=5)
    api.touch("0003", NOW + 50)
    assert not table.sync(NOW + 100, kill_after=3)
    api.touch("0004", NOW + 150)
    assert table.sync(NOW + 200)

    assert table.missing() == set()


@pytest.mark.parametrize("lies", [(), ("by number",), ("by number", "count absent")])
def test_killed_after_each_few_pages_it_still_gets_on(lies: tuple[str, ...]) -> None:
    """No sync has time for all of it, let alone for the second look that a list by number needs."""
    api = LyingApi(spread(200), lies)
    table = Table(api, is_list=True)
    syncs = 1
    while not table.sync(NOW + syncs, kill_after=5):
        syncs += 1
        assert syncs < 15

    assert table.missing() == set()


@pytest.mark.parametrize("lies", [(), ("count absent",)])
@pytest.mark.parametrize("kill_after", range(1, 45, 4))
def test_a_busy_list_is_not_read_all_over_again_after_a_kill(
    kill_after: int, lies: tuple[str, ...]
) -> None:
    """Rows that move up while it is read are missing below, and nobody knows any more which."""
    api = LyingApi(spread(600), lies)
    keys = sorted(api.times)
    api.between = lambda: api.touch(keys[api.requests * 7 % 600], NOW + api.requests)
    table = Table(api, is_list=True)
    is_complete = table.sync(NOW, kill_after=kill_after)
    changed = api.requests
    while not is_complete:
        is_complete = table.sync(NOW + api.requests, kill_after=50)

    assert table.written <= 600 + changed + api.requests
    assert api.requests <= 600 / 15 + 15
    api.between = lambda: None
    assert table.sync(NOW + 1_000)
    assert table.missing() == set()


@pytest.mark.parametrize("sizes", [(15, 4), (4, 15), (15, 7, 30)])
@pytest.mark.parametrize("lie", ["size ignored", "size capped", "size too heavy"])
def test_a_page_number_means_a_place_only_with_the_size_that_was_served(
    sizes: tuple[int, ...], lie: str
) -> None:
    """Killed, and gone on with another page_size, at a server that minds none or caps it."""
    api = LyingApi(spread(200), ["by number", lie], seed=3)
    table = Table(api, is_list=True)
    for number, size in enumerate(sizes):
        assert not table.sync(NOW + number, kill_after=4, page_size=size)
    assert table.sync(NOW + 10, page_size=10)

    assert table.missing() == set()


@pytest.mark.parametrize(
    "error",
    [
        Refused("GET /x", status=400, code="client_error"),
        Unavailable("GET /x", status=404),
        Unavailable("GET /x", status=500),
    ],
)
def test_a_cursor_of_state_that_is_of_no_use_costs_rows_read_twice_never_rows(
    error: Exception,
) -> None:
    class Renewed(LyingApi):
        """Knows no cursors but its own."""

        is_known = False

        def fetch(self, *args: Any, **content: Any) -> Any:
            """As `Client.fetch`."""
            self.is_known |= "starting_after" not in content["params"]
            if not self.is_known:
                raise error
            return super().fetch(*args, **content)

    table = Table(LyingApi(spread(200)), is_list=True)
    assert not table.sync(NOW, kill_after=5)
    renewed = Table(Renewed(spread(200)), is_list=True)
    renewed.rows, renewed.unfinished = table.rows, table.unfinished
    assert renewed.sync(NOW + 10)

    assert renewed.missing() == set()


# --- Lies ---


@pytest.mark.parametrize("count", ["count capped", "count tenfold", "count zero"])
def test_counts_that_lie_cost_requests_never_rows(count: str) -> None:
    times = spread(300)

    assert dict(rows_of(listed(LyingApi(times, [count])))) == times


def test_a_count_that_is_too_high_is_an_error_if_the_list_cannot_be_turned_round() -> None:
    """It cannot be told from a list that ends early."""
    api = LyingApi(spread(300), ["count tenfold", "order never turned round"])

    with pytest.raises(LostPlace, match="the list of conversations"):
        list(listed(api))


def test_a_false_end_is_not_believed_if_more_are_counted() -> None:
    times = spread(300)

    assert dict(rows_of(listed(LyingApi(times, ["false end once"])))) == times


@pytest.mark.parametrize(
    "lie",
    ["chain ends", "chain ends empty", "chain ends short", "cursor ignored", "empty for ever"],
)
def test_pages_that_never_lead_to_all_rows_end_in_an_error(lie: str) -> None:
    api = LyingApi(spread(300), [lie])

    with pytest.raises(LostPlace, match="again and again"):
        list(listed(api))
    assert api.requests <= 200
