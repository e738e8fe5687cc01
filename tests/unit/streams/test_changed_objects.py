"""What streams over changed objects share: bounds, bookmark, STATE on the way and at the end."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.api.client import Client
from tests.conftest import NOW, Run, Runner, bookmarked
from tests.support.few import LATELY, Few
from tests.support.serving import Said
from tests.support.truth import conversations, moment

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Answer, Json, Serve

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


def at(seconds: int, *identifiers: str) -> list[Json]:
    """Conversations that changed at a moment."""
    return [{"id": identifier, "updated_at": seconds} for identifier in identifiers]


IN_2050 = 2_540_000_000


@pytest.mark.parametrize("later", [NOW + 1, NOW + 60, IN_2050])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_is_later_than_the_start_of_the_sync_comes_now_and_again(
    run_tap: Runner, answer: Answer, endpoint: str, later: int
) -> None:
    """It may have been written by a wrong clock, so it must not wait, nor move the bookmark."""
    server = answer(Few(*at(LATELY, "1"), *at(later, "2")))
    first = run_tap(server, conversations_endpoint=endpoint)
    run_tap.now = NOW + 3_600
    second = run_tap(server, state=first.state, conversations_endpoint=endpoint)

    assert (first.status, second.status) == (0, 0)
    assert (once(first), once(second)) == ({"1", "2"}, {"1", "2"})
    assert first.bookmark() == moment(LATELY)
    # By then the clocks have come to it, unless it is of 2050.
    assert second.bookmark() == moment(LATELY if later == IN_2050 else later)


def test_a_sync_looks_at_one_page_of_what_is_later(run_tap: Runner, answer: Answer) -> None:
    """A workspace where everything is of 2050 costs no full load each time."""
    rows = [row for number in range(9) for row in at(IN_2050 + number, str(number))]
    run = run_tap(answer(Few(*rows)), page_size=3)

    assert (run.status, run.ids()) == (0, ["0", "1", "2"])
    assert run.state["bookmarks"]["conversations"].get("replication_key_value") is None


def test_a_full_table_has_all_of_what_is_later(run_tap: Runner, answer: Answer) -> None:
    """What changes while it is read stands there, and no next sync looks for it."""
    rows = [row for number in range(9) for row in at(IN_2050 + number, str(number))]
    run = run_tap(answer(Few(*rows)), method="FULL_TABLE", page_size=3)

    assert (run.status, len(once(run))) == (0, 9)


def test_nothing_later_than_end_date_is_loaded(run_tap: Runner, answer: Answer) -> None:
    server = answer(Few(*at(LATELY, "1"), *at(NOW + 60, "2"), *at(IN_2050, "3")))

    assert run_tap(server, end_date=moment(NOW - 1)).ids() == ["1"]
    assert run_tap(server, end_date=moment(NOW + 3_600)).ids() == ["1", "2"]


# --- Clocks ---


def test_an_api_whose_clock_is_ahead_has_no_future_until_then(
    serve: Serve, run_tap: Runner
) -> None:
    """What it says has changed just now counts, and is where the next sync begins."""
    server = serve(5, clock_offset=900)
    server.workspace.touch(server.workspace.ids()[:1], NOW + 800)
    run = run_tap(server)

    assert (run.status, once(run)) == (0, within(server, 0, NOW + 900))
    assert run.bookmark() == moment(NOW + 800)


def test_an_api_whose_clock_is_behind_may_be_late_from_then_on(
    serve: Serve, run_tap: Runner
) -> None:
    """No STATE on the way leads past what its index is sure to hold."""
    server = serve(60, clock_offset=-900)
    server.workspace.touch(server.workspace.ids()[:30], NOW - 1_400)
    run = run_tap(server, page_size=11)
    *on_the_way, last = [_bookmark(state) for state in run.states if _bookmark(state)]

    assert (run.status, once(run)) == (0, within(server))
    assert len(on_the_way) > 3
    assert max(on_the_way) <= moment(NOW - 900 - LOOKBACK)
    assert last == moment(NOW - 1_400)


def _bookmark(state: Json) -> Any:
    return state["bookmarks"].get("conversations", {}).get("replication_key_value")


def test_the_clock_is_asked_for_once_a_sync(serve: Serve, run_tap: Runner) -> None:
    server = serve(5)
    run_tap(server, "conversations", "conversation_tags", "deleted_conversations")

    assert server.counters.by_endpoint["me"] == 1


def test_all_streams_of_a_sync_have_the_same_bounds(
    serve: Serve, run_tap: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an answer tells of the clock may be a second off; pages are shared even so."""
    told = count(-3)
    monkeypatch.setattr(Client, "clock_ahead", property(lambda _: float(next(told))))
    server = serve(20)
    run_tap(server, "conversations", "conversation_tags", "conversation_contacts")

    assert server.counters.by_endpoint["search"] == 3


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_clock_that_is_not_told_is_this_machines(
    run_tap: Runner, answer: Answer, status: int
) -> None:
    """A token may not be permitted to see /me, and still read conversations."""
    few = Few(*at(LATELY, "1"), else_where=lambda a: Said({}, status) if a.path == "/me" else None)
    run = run_tap(answer(few), max_retries=1)

    assert (run.status, run.ids()) == (0, ["1"])


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


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_span_without_rows_leaves_its_lower_bound(
    run_tap: Runner, answer: Answer, endpoint: str
) -> None:
    """Else each sync would look through the whole span again."""
    start = moment(NOW - 86_400)
    server = answer(Few(*at(NOW - 90_000, "1")))
    run = run_tap(server, conversations_endpoint=endpoint, start_date=start)

    assert (run.status, run.records()) == (0, [])
    assert run.state["bookmarks"]["conversations"] == {
        "replication_key": "updated_at",
        "replication_key_value": start,
        "unfinished": None,
        "unreadable": None,
    }


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
    run = run_tap(server, page_size=12)
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


@pytest.mark.parametrize("unfinished", ["{", "[]", "{}", '{"query":1}', 7, {"a": 1}, None])
def test_a_checkpoint_that_is_none_is_passed_over(
    run_tap: Runner, answer: Answer, unfinished: Any
) -> None:
    state = bookmarked(moment(LATELY))
    state["bookmarks"]["conversations"]["unfinished"] = unfinished
    run = run_tap(answer(Few(*at(LATELY, "1"))), state=state)

    assert (run.status, run.ids()) == (0, ["1"])
    assert run.state["bookmarks"]["conversations"]["unfinished"] is None


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

    assert once(run_tap(server, state=some, search_filters=filters)) == once(whole)


# --- Versions of a table ---


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_version_is_activated_after_a_search_only(
    run_tap: Runner, answer: Answer, endpoint: str
) -> None:
    """What changes while a list is read moves up and out of sight."""
    run = run_tap(
        answer(Few(*at(LATELY, "1"))),
        method="FULL_TABLE",
        conversations_endpoint=endpoint,
        emit_activate_version_messages=True,
    )
    kinds = [message["type"] for message in run.messages]

    assert (run.status, kinds.count("RECORD")) == (0, 1)
    assert kinds.count("ACTIVATE_VERSION") == (endpoint == "search")
