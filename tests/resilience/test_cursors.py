"""Cursors that repeat, go back and forth or are refused: never a silent end, never a loop."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOW
from tests.resilience.copy import Copy
from tests.resilience.harness import BOTH, say
from tests.support.serving import Asked, Said
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Run, Runner, Serve

FAULTS = ("same", "alternate", "refuse")
USELESS: tuple[Json, ...] = (
    {"cursor": {"starting_after": "bm90IGEgY3Vyc29y"}},
    {"cursor": {"starting_after": ""}},
    {"cursor": {}},
    {"cursor": "nonsense"},
    {"cursor": {"page": 2, "per_page": 0, "served": 5}},
    {"cursor": {"page": "2", "per_page": "x"}},
    {"cursor": {"page": -1}},
    {"start": "nonsense"},
    {"start": None},
    {"start": 10**11},
    {"start": -1},
    {"then": 10**12},
    {"end": 10**12},
    {"end": -1},
    {"query_start": 10**12},
    {"watermark": 10**15},
    {"rows": -1},
    {"count": 10**9},
    {"is_second_pass": 7},
    {"query": 1},
)


def copied(*runs: Run) -> Copy:
    copy = Copy()
    for run in runs:
        copy.take(run.messages)
    return copy


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_a_few_bad_cursors(serve: Serve, run_tap: Runner, endpoint: str, fault: str) -> None:
    settings: Json = {"conversations_endpoint": endpoint, "page_size": 5, "max_concurrency": 4}
    server = serve(60, seed=5, cursor_fault=fault)
    # All of one moment, so that the search is one chain of pages, too: it cannot be split.
    server.workspace.bulk_touch(server.workspace.ids(), server.workspace.now - 50_000)
    for page, times in product((3, 5), (1, 3)):
        server.switches.set(cursor_fault_page=page, cursor_fault_times=times)
        run = run_tap(server, *BOTH, **settings, **WHOLE)
        assert (run.status, run.failures) == (0, [])
        assert server.switches.cursor_fault_times == 0
        rows = copied(run).check(server.workspace, *BOTH)
    say(f"{endpoint}, cursors of pages 3 and 5 {fault} once and three times: {rows} rows right")


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_cursors_for_ever_are_got_round_on_the_search(
    serve: Serve, run_tap: Runner, fault: str
) -> None:
    server = serve(60, seed=5, cursor_fault=fault)
    run = run_tap(server, *BOTH, page_size=5, max_concurrency=1, **WHOLE)
    assert (run.status, run.failures) == (0, [])
    rows = copied(run).check(server.workspace, *BOTH)
    say(f"search, every cursor of page 3 {fault}: {rows} rows right")


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [("list", "same"), ("list", "alternate"), ("list", "refuse"), ("search", "alternate")],
)
def test_what_cannot_be_got_round_ends_in_an_error(
    serve: Serve, run_tap: Runner, endpoint: str, fault: str
) -> None:
    server = serve(60, seed=5, cursor_fault=fault)
    # All of one moment, so that the search can go on from no other.
    server.workspace.bulk_touch(server.workspace.ids(), server.workspace.now)
    settings: Json = {"conversations_endpoint": endpoint, "page_size": 5, "max_concurrency": 4}
    run = run_tap(server, **settings, **WHOLE)
    assert run.status == 1
    # What the API says is told; if it says nothing, that the pages lead nowhere.
    why = "bad 'starting_after'" if fault == "refuse" else "again and again"
    assert why in run.failures[0]
    # A search that gets nowhere is asked for ever shorter spans, down to the second of the ties.
    assert server.counters.requests < (200 if endpoint == "search" else 60)
    server.switches.cursor_fault = ""
    again = run_tap(server, state=run.state, **settings, **WHOLE)
    assert again.status == 0
    rows = copied(run, again).check(server.workspace, "conversations")
    say(f"{endpoint}, every cursor {fault} among ties: an error; next run, {rows} rows right")


def unfinished(state: Json, **changes: object) -> Json:
    """The state with something else in what it says to be unfinished."""
    bookmark = state["bookmarks"]["conversations"]
    kept = json.loads(bookmark["unfinished"])
    checkpoint = {**kept["checkpoint"], **changes}
    query = kept["query"] + checkpoint.pop("query", 0)
    text = json.dumps({"query": query, "checkpoint": checkpoint})
    return {"bookmarks": {"conversations": {**bookmark, "unfinished": text}}}


@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_a_state_whose_cursor_is_of_no_use(serve: Serve, run_tap: Runner, endpoint: str) -> None:
    server = serve(60, seed=5)
    settings: Json = {"conversations_endpoint": endpoint, "page_size": 5, "max_concurrency": 4}
    run = run_tap(server, **settings, **WHOLE)
    broken_off = [state for state in run.states if "cursor" in str(state)][3]
    written = run.messages[: run.messages.index({"type": "STATE", "value": broken_off}) + 1]
    for changes in USELESS:
        copy = Copy()
        copy.take(written)
        run = run_tap(server, state=unfinished(broken_off, **changes), **settings, **WHOLE)
        copy.take(run.messages)
        assert (run.status, run.failures) == (0, []), changes
        assert run.state is not None
        assert run.state["bookmarks"]["conversations"]["unfinished"] is None
        rows = copy.check(server.workspace, "conversations")
    say(f"{endpoint}, STATE with {len(USELESS)} kinds of useless cursors: {rows} rows right each")


def conversation(number: int) -> Json:
    return {"type": "conversation", "id": str(number), "updated_at": NOW - 9_000 + number}


@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_cursors_that_lead_round_and_are_never_the_same(
    answer: Answer, run_tap: Runner, endpoint: str
) -> None:
    """A cursor holds the page's number: going A, B, A, B it is another each time."""

    def said(asked: Asked) -> Said:
        if asked.path == "/me":
            return Said()
        given = asked.query if endpoint == "list" else asked.body["pagination"]
        number = int(given.get("starting_after", 1))
        place = number if number < 4 else 2 + number % 2
        rows = [conversation(place * 5 + row) for row in range(5)]
        pages = {"next": {"page": number + 1, "starting_after": str(number + 1)}}
        return Said({"conversations": rows, "total_count": 20, "pages": pages})

    server = answer(said)
    settings: Json = {"conversations_endpoint": endpoint, "page_size": 5, "max_concurrency": 1}
    run = run_tap(server, **settings)

    assert run.status == 1
    assert "again and again" in run.failures[0]
    assert len(set(run.ids())) == 15
    say(f"{endpoint}, cursors that lead round: an error after {len(server.asked)} requests")


def test_counts_that_differ_by_one_from_page_to_page(answer: Answer, run_tap: Runner) -> None:
    """Two replicas answer in turn, and one of them does not know of the newest row."""

    def said(asked: Asked) -> Said:
        number = int(asked.query.get("page", "1"))
        rows = [conversation(1_000 - 5 * number - row) for row in range(5)]
        following = number + 1 if number < 20 else None
        total = 100 - number % 2
        return Said({"conversations": rows, "total_count": total, "pages": {"next": following}})

    server = answer(said)
    run = run_tap(server, conversations_endpoint="list", page_size=5)

    assert (run.status, len(set(run.ids()))) == (0, 100)
    # All is passed a second time: rows may have slid, as pages have numbers.
    assert len(server.asked) < 45
    say(f"list, counts that flicker: 100 rows in {len(server.asked)} requests")
