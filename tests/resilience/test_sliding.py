"""Rows that move among pages, orders that only seem so, windows left behind: nothing slips by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.resilience.harness import at_each_request
from tests.support.truth import conversations

if TYPE_CHECKING:
    from tests.conftest import Json, Run, Runner, Serve

BY_NUMBER = {"search_by_page": True, "next_form": "page"}


def checkpoint(state: Json) -> dict[str, Any]:
    """Where a state says to go on; empty if nothing is left."""
    unfinished = state["bookmarks"]["conversations"].get("unfinished")
    return json.loads(unfinished)["checkpoint"] if unfinished else {}


def written_until(run: Run, state: Json) -> set[str]:
    """The conversations that were written before a state was."""
    before = run.messages[: run.messages.index({"type": "STATE", "value": state})]
    return {message["record"]["id"] for message in before if message["type"] == "RECORD"}


def test_rows_created_and_deleted_while_a_list_is_read_by_number(
    serve: Serve, run_tap: Runner
) -> None:
    """In the end it is as long as in the beginning, but has moved up by twenty in between."""
    server = serve(200, exact_parts={})
    workspace = server.workspace
    made: list[str] = []

    def act(number: int) -> None:
        if number == 5:
            made.extend(workspace.create(20))
        if number == 13:
            workspace.delete(made)

    options: dict[str, Any] = {"conversations_endpoint": "list", "api_version": "2.5"}
    with at_each_request(server, act):
        run = run_tap(server, page_size=10, max_concurrency=1, **options)

    assert made
    assert run.status == 0
    assert set(workspace.ids()) <= set(run.ids())


def test_a_list_in_the_order_of_creation_looks_like_one_in_that_of_change(
    serve: Serve, run_tap: Runner
) -> None:
    """At its top, where what was created last was changed last; what was reopened lies below."""
    server = serve(100, exact_parts={}, list_honours_order=False)
    workspace = server.workspace
    workspace.tick(3_600)
    for _ in range(40):
        workspace.create(1)
        workspace.tick(60)
    workspace.tick(7_200)
    run_tap.now = workspace.now
    options: dict[str, Any] = {"conversations_endpoint": "list", "page_size": 20}
    first = run_tap(server, **options)
    workspace.tick(3_600)
    reopened = workspace.ids()[5]
    workspace.touch([reopened])
    workspace.tick(60)
    workspace.create(1)
    workspace.tick(100)
    run_tap.now = workspace.now

    assert set(first.ids()) == set(workspace.ids()[:140])
    assert reopened in run_tap(server, state=first.state, **options).ids()


@pytest.mark.parametrize("method", ["FULL_TABLE", "INCREMENTAL"])
@pytest.mark.parametrize("ahead", [0, 86_400])
def test_rows_that_move_to_the_end_of_a_search_by_number(
    serve: Serve, run_tap: Runner, method: str, ahead: int
) -> None:
    """There are as many as before, and all behind the one that moved stand one place higher."""
    server = serve(200, exact_parts={}, **BY_NUMBER)
    workspace = server.workspace

    def act(number: int) -> None:
        if number in {5, 8, 12}:
            moments = conversations(server)
            workspace.touch([min(moments, key=lambda key: moments[key])])

    run_tap.now = workspace.now + ahead
    options: dict[str, Any] = {"method": method, "page_size": 10, "max_concurrency": 1}
    with at_each_request(server, act):
        first = run_tap(server, **options)
    run_tap.now += 1
    second = run_tap(server, state=first.state, **options)

    assert (first.status, second.status) == (0, 0)
    found = set(first.ids()) if method == "FULL_TABLE" else {*first.ids(), *second.ids()}
    assert found == set(workspace.ids())


def test_what_waits_to_be_read_last_is_read_after_two_kills(serve: Serve, run_tap: Runner) -> None:
    """The second sync's clock is behind, so its tail begins before the span that it adds."""
    server = serve(1_500, exact_parts={})
    workspace = server.workspace
    workspace.tick(3_600)
    now, behind = workspace.now + 700, 10
    ids = workspace.ids()
    workspace.touch([ids[7]], now - behind - 601)
    for place in range(60):
        workspace.touch([ids[200 + place]], now - 590 + place)

    run_tap.now = now
    first = run_tap(server, page_size=10, max_concurrency=1)
    killed = [state for state in first.states if checkpoint(state).get("cursor")][3]
    run_tap.now = now - behind
    second = run_tap(server, page_size=10, max_concurrency=64, state=killed)
    late = [state for state in second.states if (checkpoint(state).get("start") or 0) > now - 700]
    run_tap.now = now + 100
    assert late
    for again in late:
        third = run_tap(server, page_size=10, max_concurrency=16, state=again)
        found = written_until(first, killed) | written_until(second, again) | set(third.ids())
        assert found == set(workspace.ids())
