"""Bookmarks, and STATE on the way and at the end, of syncs of the simulated workspace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.conftest import NOW, Runner, bookmarked
from tests.support.truth import conversations, moment, within

if TYPE_CHECKING:
    from tests.conftest import Json, Serve


def _bookmark(state: Json) -> Any:
    return state["bookmarks"].get("conversations", {}).get("replication_key_value")


def at(seconds: int, *identifiers: str) -> list[Json]:
    """Conversations that changed at a moment."""
    return [{"id": identifier, "updated_at": seconds} for identifier in identifiers]


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

    assert run.once() == within(server, at)


def test_nothing_at_all(serve: Serve, run_tap: Runner) -> None:
    server = serve(0)
    run = run_tap(server)

    assert (run.status, run.records()) == (0, [])
    assert run.bookmark() is None
    # The clock, what is settled, what is younger than the lookback, what is later than now.
    assert server.counters.requests == 4


def test_nothing_new_costs_a_handful_of_requests(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    first = run_tap(server)
    server.counters.reset()
    run_tap.now += 3_600
    second = run_tap(server, state=first.state)

    assert second.bookmark() == first.bookmark()
    assert server.counters.requests <= 5


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


# --- STATE on the way ---


def test_the_bookmark_on_the_way_follows_the_place_to_go_on_from(
    serve: Serve, run_tap: Runner
) -> None:
    """Never a time that was seen: what stands before it in the index may not have come yet."""
    server = serve(60)
    run = run_tap(server, page_size=20)
    written: list[str] = []
    for message in run.messages:
        if message["type"] == "RECORD":
            written.append(message["record"]["updated_at"])
        elif message["type"] == "STATE" and (kept := message["value"]["bookmarks"]):
            unfinished = kept["conversations"]["unfinished"]
            if unfinished and json.loads(unfinished)["checkpoint"].get("cursor"):
                assert _bookmark(message["value"]) <= sorted(written)[-10]

    assert _bookmark(run.state) == max(written)


def test_a_complete_sync_leaves_a_bookmark_and_nothing_else(serve: Serve, run_tap: Runner) -> None:
    run = run_tap(serve(30), "conversations", "conversation_parts", page_size=5)
    on_the_way = run.states[2]["bookmarks"]["conversations"]

    # A text: Meltano merges objects deeply, and would mix two of them.
    assert isinstance(on_the_way["unfinished"], str)
    for kept in run.state["bookmarks"].values():
        assert (kept["unfinished"], kept["unreadable"]) == (None, None)


def test_other_filters_do_not_go_on_where_a_sync_with_the_old_ones_was_broken_off(
    serve: Serve, run_tap: Runner
) -> None:
    server = serve(60)
    filters = [{"field": "state", "operator": "=", "value": "open"}]
    some = next(
        state
        for state in run_tap(server, page_size=5).states
        if state["bookmarks"].get("conversations", {}).get("unfinished")
    )
    some["bookmarks"]["conversations"].pop("replication_key_value", None)
    whole = run_tap(server, search_filters=filters)

    assert run_tap(server, state=some, search_filters=filters).once() == whole.once()
