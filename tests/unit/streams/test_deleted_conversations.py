"""Deleted conversations: down to the bookmark, and whatever slides while they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW, Runner, bookmarked
from tests.support.serving import Asked, Said
from tests.support.truth import differences, moment, rows

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Answer, Json, Run, Serve

DELETED = "deleted_conversations"


def deleted(server: Sandbox, since: int = 0) -> set[str]:
    """The ids of the conversations that were deleted since a moment."""
    return {row["id"] for row in rows(server, DELETED, {}) if row["deleted_at"] >= since}


def deletions(server: Sandbox) -> list[int]:
    """When conversations were deleted, in order."""
    return sorted(server.workspace.deleted.values())


def once(run: Run) -> set[str]:
    ids = run.ids(DELETED)
    assert len(ids) == len(set(ids))
    return set(ids)


def test_every_deletion_is_as_it_is(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=200)
    run = run_tap(server, DELETED)
    truth = {row["id"]: row for row in rows(server, DELETED, run.schema(DELETED))}

    assert run.status == 0
    assert once(run) == truth.keys()
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
    assert once(run) == deleted(server)


def test_down_to_the_bookmark_and_no_further(serve: Serve, run_tap: Runner) -> None:
    server = serve(200, deleted=200)
    first = run_tap(server, DELETED)
    server.counters.reset()
    gone = server.workspace.delete(server.workspace.ids()[:70])
    second = run_tap(server, DELETED, state=first.state, lookback_window=0)

    assert once(second) >= set(gone)
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

    assert once(run) == deleted(server, at - lookback)


def test_start_date_is_inclusive(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=100)
    start = deletions(server)[50]
    run = run_tap(server, DELETED, start_date=moment(start))

    assert once(run) == deleted(server, start)
    assert min(row["deleted_at"] for row in run.records(DELETED)) == moment(start)


def test_end_date_bounds_conversations_not_when_they_were_deleted(
    serve: Serve, run_tap: Runner
) -> None:
    """One that is within the span and was deleted later is gone all the same."""
    server = serve(10, deleted=100)
    start, end = deletions(server)[30], deletions(server)[60]
    run = run_tap(server, DELETED, start_date=moment(start), end_date=moment(end))

    assert once(run) == deleted(server, start)
    assert run.bookmark(DELETED) == moment(deletions(server)[-1])


@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
def test_a_bookmark_in_the_future_is_refused(serve: Serve, run_tap: Runner, method: str) -> None:
    server = serve(10, deleted=20)
    state = bookmarked("2999-01-01T00:00:00Z", DELETED)
    run = run_tap(server, DELETED, state=state, method=method)

    if method == "FULL_TABLE":
        assert (run.status, once(run)) == (0, deleted(server))
        return
    assert run.status == 1
    assert f"{DELETED}: its bookmark 2999-01-01T00:00:00Z lies in the future" in run.failures[0]
    assert run.bookmark(DELETED) == "2999-01-01T00:00:00Z"
    assert set(server.counters.by_endpoint) == {"me"}  # whose clock is wrong?


def test_a_deletion_of_the_future_is_loaded_and_moves_no_bookmark(
    run_tap: Runner, answer: Answer
) -> None:
    """Else the next sync would have to refuse it."""
    listed = [{"id": "2", "deleted_at": NOW * 2}, {"id": "1", "deleted_at": NOW - 5_000}]
    run = run_tap(answer(Said({"conversations": listed, "pages": None})), DELETED)

    assert run.ids(DELETED) == ["2", "1"]
    assert run.bookmark(DELETED) == moment(NOW - 5_000)


def test_full_table_is_all_of_it_every_time(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=100)
    state = bookmarked(moment(deletions(server)[-1]), DELETED)
    run = run_tap(server, DELETED, state=state, method="FULL_TABLE")

    assert once(run) == deleted(server)


def test_none_deleted(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=0)
    run = run_tap(server, DELETED)

    assert (run.status, run.records(DELETED)) == (0, [])
    assert run.bookmark(DELETED) is None


def test_deletions_while_it_is_read_push_none_out_of_sight(run_tap: Runner, answer: Answer) -> None:
    """Each page asked for finds two more on top, and so two of the page before at its own top."""
    gone = [{"id": str(number), "deleted_at": NOW - 9_000 + number} for number in range(200)]

    def said(asked: Asked) -> Said:
        number = int(asked.query.get("page", 1))
        newer = [{"id": f"new{n}", "deleted_at": NOW - 100 + n} for n in range(2 * (number - 1))]
        listed = (gone + newer)[::-1]
        more = number * 60 < len(listed)
        following = f"{server.url}/conversations/deleted?page={number + 1}&per_page=60"
        return Said(
            {
                "conversations": listed[(number - 1) * 60 : number * 60],
                "pages": {"type": "pages", "next": following if more else None},
            }
        )

    server = answer(said)
    run = run_tap(server, DELETED)

    assert once(run) == {row["id"] for row in gone}
    # What came meanwhile is after the bookmark.
    assert run.bookmark(DELETED) == moment(NOW - 9_000 + 199)


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


@pytest.mark.parametrize(
    "said", [{"conversations": None}, {}, {"conversations": [], "pages": {"next": [1]}}]
)
def test_an_answer_of_another_form_is_an_error_never_the_end(
    run_tap: Runner, answer: Answer, said: Json
) -> None:
    run = run_tap(answer(Said(said)), DELETED)

    assert run.status == 1
    assert run.failures[0].startswith(f"{DELETED}: ")


@pytest.mark.parametrize("entry", [None, 5, "a", ["a"], True], ids=repr)
def test_a_deletion_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, entry: Any
) -> None:
    def said(asked: Asked) -> Said:
        last = asked.query.get("page") == "2"
        row = {"id": "3" if last else "1", "deleted_at": NOW - 9_000}
        following = None if last else f"{server.url}/conversations/deleted?page=2"
        return Said({"conversations": [entry, row, entry], "pages": {"next": following}})

    server = answer(said)
    run = run_tap(server, DELETED)

    assert run.ids(DELETED) == ["1", "3"]
    assert run.status == 1
    # Of two on each of two pages; what has no id is told by its place, or a second pass that
    # must bring nothing new never would.
    assert "2 null or of another type" in run.failures[0]
