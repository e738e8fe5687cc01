"""Deleted conversations of the simulated workspace: all, and whatever slides meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import Runner, bookmarked
from tests.support.truth import differences, moment, rows

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Serve

DELETED = "deleted_conversations"


def deleted(server: Sandbox, since: int = 0) -> set[str]:
    """The ids of the conversations that were deleted since a moment."""
    return {row["id"] for row in rows(server, DELETED, {}) if row["deleted_at"] >= since}


def deletions(server: Sandbox) -> list[int]:
    """When conversations were deleted, in order."""
    return sorted(server.workspace.deleted.values())


def test_every_deletion_is_as_it_is(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=200)
    run = run_tap(server, DELETED)
    truth = {row["id"]: row for row in rows(server, DELETED, run.schema(DELETED))}

    assert run.status == 0
    assert run.once(DELETED) == truth.keys()
    assert [differences(row, truth[row["id"]]) for row in run.records(DELETED)] == [[]] * 200
    assert run.bookmark(DELETED) == moment(deletions(server)[-1])
    # 60 a page is the most that the endpoint allows; and rows may have slid from page to page, so
    # that all are passed a second time. One request more asks for the clock.
    assert server.counters.requests == 1 + 2 * 4


@pytest.mark.parametrize("last", ["missing", "null", "empty-object", "null-cursor"])
def test_the_last_page_in_all_its_forms(serve: Serve, run_tap: Runner, last: str) -> None:
    server = serve(10, deleted=130, last_form=last)
    run = run_tap(server, DELETED)

    assert run.status == 0
    assert run.once(DELETED) == deleted(server)


def test_down_to_the_bookmark_and_no_further(serve: Serve, run_tap: Runner) -> None:
    server = serve(200, deleted=200)
    first = run_tap(server, DELETED)
    server.counters.reset()
    gone = server.workspace.delete(server.workspace.ids()[:70])
    second = run_tap(server, DELETED, state=first.state, lookback_window=0)

    assert second.once(DELETED) >= set(gone)
    assert len(second.records(DELETED)) <= 71
    # One page more may be asked for while the last is written, in each of two passes.
    assert server.counters.requests <= 1 + 2 * 3
    assert second.bookmark(DELETED) == moment(deletions(server)[-1])


@pytest.mark.parametrize("lookback", [0, 100_000])
def test_looks_back_as_the_others_do(serve: Serve, run_tap: Runner, lookback: int) -> None:
    server = serve(10, deleted=150)
    at = deletions(server)[100]
    state = bookmarked(moment(at), DELETED)
    run = run_tap(server, DELETED, state=state, lookback_window=lookback)

    assert run.once(DELETED) == deleted(server, at - lookback)


def test_start_date_is_inclusive(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=100)
    start = deletions(server)[50]
    run = run_tap(server, DELETED, start_date=moment(start))

    assert run.once(DELETED) == deleted(server, start)
    assert min(row["deleted_at"] for row in run.records(DELETED)) == moment(start)


def test_end_date_bounds_conversations_not_when_they_were_deleted(
    serve: Serve, run_tap: Runner
) -> None:
    """One that is within the span and was deleted later is gone all the same."""
    server = serve(10, deleted=100)
    start, end = deletions(server)[30], deletions(server)[60]
    run = run_tap(server, DELETED, start_date=moment(start), end_date=moment(end))

    assert run.once(DELETED) == deleted(server, start)
    assert run.bookmark(DELETED) == moment(deletions(server)[-1])


@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
def test_a_bookmark_in_the_future_is_refused(serve: Serve, run_tap: Runner, method: str) -> None:
    server = serve(10, deleted=20)
    state = bookmarked("2999-01-01T00:00:00Z", DELETED)
    run = run_tap(server, DELETED, state=state, method=method)

    if method == "FULL_TABLE":
        assert (run.status, run.once(DELETED)) == (0, deleted(server))
        return
    assert run.status == 1
    assert f"{DELETED}: its bookmark 2999-01-01T00:00:00Z lies in the future" in run.failures[0]
    assert run.bookmark(DELETED) == "2999-01-01T00:00:00Z"
    assert set(server.counters.by_endpoint) == {"me"}  # whose clock is wrong?


def test_full_table_is_all_of_it_every_time(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=100)
    state = bookmarked(moment(deletions(server)[-1]), DELETED)
    run = run_tap(server, DELETED, state=state, method="FULL_TABLE")

    assert run.once(DELETED) == deleted(server)


def test_none_deleted(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=0)
    run = run_tap(server, DELETED)

    assert (run.status, run.records(DELETED)) == (0, [])
    assert run.bookmark(DELETED) is None


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("bookmark", [None, "2020-01-01T00:00:00Z"])
def test_a_failure_on_the_way_leaves_the_bookmark_where_it_was(
    serve: Serve, run_tap: Runner, bookmark: str | None
) -> None:
    """It comes newest first: a bookmark before the end would lose what is older."""
    server = serve(10, deleted=200)
    state = None if bookmark is None else bookmarked(bookmark, DELETED)
    server.switches.set(fault_endpoints=("deleted",))
    gate, number = server.gate, 0
    draw = gate.faults.draw

    def third_fails(endpoint: str, signature: bytes) -> str:
        nonlocal number
        number += 1
        return "500" if number > 2 else draw(endpoint, signature)

    gate.faults.draw = third_fails  # type: ignore[method-assign]
    run = run_tap(server, DELETED, state=state, max_retries=1)

    assert run.status == 1
    assert 0 < len(run.records(DELETED)) <= 120
    assert run.bookmark(DELETED) == bookmark
    gate.faults.draw = draw  # type: ignore[method-assign]
    # What was written comes again: nothing else shows that no row has slid meanwhile.
    assert set(run_tap(server, DELETED, state=run.state).ids(DELETED)) == deleted(server)
