"""Pages are read once per sync: streams over the same conversations replay what the first read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.reading import kept_pages
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.conftest import Run, config_of
from tests.support.truth import key_of, rows

if TYPE_CHECKING:
    from tests.conftest import Json, Runner, Serve

SEVEN = (
    "conversations",
    "conversation_parts",
    "conversation_tags",
    "conversation_contacts",
    "conversation_teammates",
    "conversation_handling_events",
    "side_conversation_parts",
)
ENDPOINTS = pytest.mark.parametrize("endpoint", ["search", "list"])
"""The sandbox counts requests under the same names."""
SETTINGS: Json = {"page_size": 10}


def keys(run: Run) -> dict[str, set[tuple[Any, ...]]]:
    """What a run has of each stream."""
    return {
        stream: {
            (*key_of(stream, record), record.get("updated_at")) for record in run.records(stream)
        }
        for stream in SEVEN
    }


@ENDPOINTS
def test_seven_streams_cost_the_pages_of_one(serve: Serve, run_tap: Runner, endpoint: str) -> None:
    server = serve(400)
    settings: Json = {"conversations_endpoint": endpoint, **SETTINGS}
    alone = run_tap(server, "conversations", **settings)
    pages = server.counters.by_endpoint[endpoint]
    server.counters.reset()
    together = run_tap(server, *SEVEN, **settings)

    assert (alone.status, together.status) == (0, 0)
    assert server.counters.by_endpoint[endpoint] <= 1.05 * pages
    assert together.ids() == alone.ids()
    assert len(together.records("conversation_parts")) == len(rows(server, SEVEN[1], {}))
    assert {together.bookmark(stream) for stream in SEVEN} == {alone.bookmark()}


def test_all_show_one_picture_while_conversations_change(serve: Serve, run_tap: Runner) -> None:
    server = serve(150, churn=3)
    run_tap.now = server.workspace.now
    run = run_tap(server, "conversations", "conversation_contacts", **SETTINGS)
    seen = {record["id"]: record["updated_at"] for record in run.records()}
    links = run.records("conversation_contacts")

    assert run.status == 0
    assert len(links) > 100
    assert {link["conversation_id"]: link["conversation_updated_at"] for link in links}.items() <= (
        seen.items()
    )


@ENDPOINTS
def test_any_state_on_the_way_is_good_to_go_on_from_for_all(
    serve: Serve, run_tap: Runner, endpoint: str
) -> None:
    server = serve(60)
    settings: Json = {"conversations_endpoint": endpoint, **SETTINGS}
    whole = run_tap(server, *SEVEN, **settings)
    everything = keys(whole)
    places = [n for n, message in enumerate(whole.messages) if message["type"] == "STATE"]

    assert len(places) > 30
    for place in places[2::9]:
        server.counters.reset()
        state = whole.messages[place]["value"]
        rest = run_tap(server, *SEVEN, state=state, **settings)
        before = keys(Run(0, whole.messages[:place], []))
        after = keys(rest)
        assert rest.status == 0
        assert {stream: before[stream] | after[stream] for stream in SEVEN} == everything
        # Those that begin at the same place share its pages: there are three kinds at most, those
        # that are complete, the one that was broken off, and those that had not begun.
        assert server.counters.by_endpoint[endpoint] <= 3 * (60 // SETTINGS["page_size"] + 4)


def test_a_search_that_breaks_off_is_gone_on_with_by_the_next_stream(
    serve: Serve, run_tap: Runner
) -> None:
    """What was read until then is replayed; where it failed, each tries for itself."""
    server = serve(60)
    order = run_tap(server).ids()
    server.switches.set(stumbling=(order[45],))
    settings: Json = {"page_size": 20, "max_retries": 0, "max_concurrency": 1}
    run = run_tap(server, "conversations", "conversation_contacts", **settings)

    assert run.status == 1
    assert run.ids() == order[:45]
    linked = {record["conversation_id"] for record in run.records("conversation_contacts")}
    assert linked <= set(order[:45])
    assert set(order[40:45]) & linked
    server.switches.set(stumbling=())
    rest = run_tap(server, "conversations", "conversation_contacts", state=run.state, **settings)
    assert (rest.status, rest.ids()[-15:]) == (0, order[45:])


def test_what_there_is_no_room_for_is_read_again(
    serve: Serve, run_tap: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(60)
    whole = keys(run_tap(server, *SEVEN, **SETTINGS))
    pages = server.counters.by_endpoint["search"]
    server.counters.reset()
    monkeypatch.setattr(kept_pages, "MOST_BYTES", 20_000)
    run = run_tap(server, *SEVEN, **SETTINGS)

    assert (run.status, keys(run)) == (0, whole)
    assert server.counters.by_endpoint["search"] > 3 * pages


def test_a_full_disk_is_no_error(
    serve: Serve,
    run_tap: Runner,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    server = serve(30)
    whole = keys(run_tap(server, *SEVEN, **SETTINGS))
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    run = run_tap(server, *SEVEN, **SETTINGS)

    assert (run.status, keys(run)) == (0, whole)
    assert "Pages are read again by each stream: No space left on device" in caplog.text


def test_one_stream_alone_keeps_nothing(
    serve: Serve, run_tap: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("tempfile.TemporaryFile")

    assert run_tap(serve(30), **SETTINGS).status == 0


def test_a_try_of_each_stream_reads_a_page_of_each(serve: Serve, run_tap: Runner) -> None:
    """As `--test` does: it stops at the first record, in the middle of a page."""
    assert run_tap  # it puts the signals' handlers back
    server = serve(200)
    tap = TapIntercomConversations(config=config_of(server))
    for name in SEVEN:  # others, such as conversation_counts, ask the search for something else
        tap.run_sync_dry_run(streams=[tap.streams[name]])

    assert tap.close() == 0
    assert server.counters.by_endpoint["search"] <= 2 * len(SEVEN)


def test_streams_of_other_bounds_read_for_themselves(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    first = run_tap(server, "conversations", **SETTINGS)
    server.workspace.tick(600)
    touched = [identifier for identifier, _ in server.workspace.touch_some(5)]
    run_tap.now = server.workspace.now
    second = run_tap(server, *SEVEN, state=first.state, **SETTINGS)

    assert second.status == 0
    assert set(touched) <= set(second.ids())
    assert len(second.ids()) < 20
    assert len(second.records("conversation_parts")) == len(rows(server, SEVEN[1], {}))
