"""The user's bounds, and both clocks, in syncs of the simulated workspace."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.api.client import Client
from tests.conftest import NOW, Runner, bookmarked
from tests.support.truth import conversations, moment, within

if TYPE_CHECKING:
    from tests.conftest import Json, Serve

ENDPOINTS = ["search", "list"]
READINGS = pytest.mark.parametrize(
    "inclusive", [{}, {"inclusive_comparisons": True}], ids=["strict", "inclusive"]
)
LOOKBACK = 600


def test_full_table_keeps_to_the_bounds(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    start = sorted(conversations(server).values())[30]
    run = run_tap(server, method="FULL_TABLE", start_date=moment(start))

    assert run.once() == within(server, start)


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

    assert run.once() == within(server, start, end)
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

    assert run.once() == within(server, at - lookback)
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


# --- Clocks ---


def test_an_api_whose_clock_is_ahead_has_no_future_until_then(
    serve: Serve, run_tap: Runner
) -> None:
    """What changed by its clock is read; but one of the two clocks is wrong: no bookmark yet."""
    server = serve(5, clock_offset=900)
    server.workspace.touch(server.workspace.ids()[:1], NOW + 800)
    run = run_tap(server)

    assert (run.status, run.once()) == (0, within(server, 0, NOW + 900))
    assert run.bookmark() == moment(
        max(conversations(server).values(), key=lambda at: at * (at <= NOW))
    )


def test_an_api_whose_clock_is_behind_may_be_late_from_then_on(
    serve: Serve, run_tap: Runner
) -> None:
    """No STATE on the way leads past what its index is sure to hold."""
    server = serve(60, clock_offset=-900)
    server.workspace.touch(server.workspace.ids()[:30], NOW - 1_400)
    run = run_tap(server, page_size=11)
    *on_the_way, last = [_bookmark(state) for state in run.states if _bookmark(state)]

    assert (run.status, run.once()) == (0, within(server))
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
