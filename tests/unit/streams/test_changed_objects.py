"""What streams over changed objects share: bounds, bookmark, STATE on the way and at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOW, Run, Runner, bookmarked
from tests.support.truth import conversations, moment

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Serve

ENDPOINTS = ["search", "list"]
READINGS = pytest.mark.parametrize(
    "inclusive", [{}, {"inclusive_comparisons": True}], ids=["strict", "inclusive"]
)
LOOKBACK = 600


def within(server: Sandbox, start: int = 0, end: int = NOW) -> set[str]:
    """The ids of the conversations that were updated within bounds."""
    found = conversations(server).items()
    return {identifier for identifier, updated_at in found if start <= updated_at < end}


def once(run: Run) -> set[str]:
    """The ids of a run's conversations, of which there are no two of a kind."""
    ids = run.ids()
    assert len(ids) == len(set(ids))
    return set(ids)


# --- Bounds ---


def test_full_table_keeps_to_the_bounds(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    start = sorted(conversations(server).values())[30]
    run = run_tap(server, method="FULL_TABLE", start_date=moment(start))

    assert once(run) == within(server, start)


@READINGS
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_start_date_is_inclusive_and_end_date_exclusive(
    serve: Serve, run_tap: Runner, endpoint: str, inclusive: dict[str, bool]
) -> None:
    server = serve(60, **inclusive)
    moments = sorted(conversations(server).values())
    start, end = moments[20], moments[40]
    run = run_tap(
        server,
        start_date=moment(start),
        end_date=moment(end),
        conversations_endpoint=endpoint,
        page_size=7,
    )

    assert once(run) == within(server, start, end)
    assert min(record["updated_at"] for record in run.records()) == moment(start)
    assert end in moments


@READINGS
@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("lookback", [0, 1, LOOKBACK])
def test_a_sync_starts_again_so_long_before_the_bookmark(
    serve: Serve, run_tap: Runner, endpoint: str, lookback: int, inclusive: dict[str, bool]
) -> None:
    server = serve(60, **inclusive)
    at = NOW - 5_000
    ids = server.workspace.ids()
    for number, ago in enumerate((LOOKBACK + 1, LOOKBACK, 2, 1, 0, -1)):
        server.workspace.touch([ids[number]], at - ago)
    run = run_tap(
        server,
        state=bookmarked(moment(at)),
        lookback_window=lookback,
        conversations_endpoint=endpoint,
    )

    assert once(run) == within(server, at - lookback)
    assert len(run.records()) == {0: 2, 1: 3, LOOKBACK: 5}[lookback]
    assert run.bookmark() == moment(at + 1)


def test_the_lookback_does_not_reach_before_start_date(serve: Serve, run_tap: Runner) -> None:
    server = serve(10)
    at = NOW - 5_000
    server.workspace.touch(server.workspace.ids()[:1], at - 100)
    run = run_tap(server, state=bookmarked(moment(at)), start_date=moment(at - 50))

    assert run.records() == []


def test_what_is_later_than_the_start_of_the_sync_is_left_to_the_next(
    serve: Serve, run_tap: Runner
) -> None:
    server = serve(20)
    later = server.workspace.create(3, NOW + 60)
    first = run_tap(server)
    run_tap.now = NOW + 3_600
    second = run_tap(server, state=first.state)

    assert once(first) == within(server)
    assert once(second) >= set(later)


# --- Bookmarks ---


def test_the_lists_bookmark_is_final_only_at_the_end(serve: Serve, run_tap: Runner) -> None:
    """It comes newest first: any bookmark before the end would lose what is older."""
    server = serve(200)
    run = run_tap(server, page_size=30, conversations_endpoint="list")
    bookmarks = [
        state["bookmarks"]["conversations"].get("replication_key_value") for state in run.states
    ]

    assert len(bookmarks) > 5
    assert set(bookmarks[:-1]) == {None}
    assert bookmarks[-1] == moment(max(conversations(server).values()))


def test_a_bookmark_of_another_tap_is_gone_on_from(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    at = sorted(conversations(server).values())[30]
    state = {"bookmarks": {"conversations": {"updated_at": at}}}
    run = run_tap(server, state=state, lookback_window=0)

    assert once(run) == within(server, at)


def test_nothing_at_all(serve: Serve, run_tap: Runner) -> None:
    server = serve(0)
    run = run_tap(server)

    assert (run.status, run.records()) == (0, [])
    assert run.bookmark() is None
    assert server.counters.requests <= 2


def test_a_bookmark_never_goes_back(serve: Serve, run_tap: Runner) -> None:
    server = serve(20)
    at = moment(NOW - 60)
    run = run_tap(server, state=bookmarked(at))

    assert run.records() == []
    assert run.bookmark() == at


def test_a_bookmark_a_little_ahead_is_a_clock_that_was(serve: Serve, run_tap: Runner) -> None:
    server = serve(20)

    assert run_tap(server, state=bookmarked(moment(NOW + 3_600))).status == 0


def test_a_bookmark_far_ahead_fails_loudly(serve: Serve, run_tap: Runner) -> None:
    server = serve(20)
    run = run_tap(server, state=bookmarked(moment(NOW + 86_400)))

    assert run.status == 1
    assert "lies in the future" in run.failures[0]
    assert run.bookmark() == moment(NOW + 86_400)


# --- STATE ---


def test_other_filters_do_not_go_on_where_a_sync_with_the_old_ones_was_broken_off(
    serve: Serve, run_tap: Runner
) -> None:
    server = serve(60)
    filters = [{"field": "state", "operator": "=", "value": "open"}]
    some = next(
        state
        for state in run_tap(server, page_size=5).states
        if "unfinished" in state["bookmarks"].get("conversations", {})
    )
    del some["bookmarks"]["conversations"]["replication_key_value"]
    whole = run_tap(server, search_filters=filters)

    assert once(run_tap(server, state=some, search_filters=filters)) == once(whole)
