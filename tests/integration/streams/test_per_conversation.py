"""Parts, handling events and side conversations against the simulated workspace: all, in order."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW, Json, Runner
from tests.support.truth import WHOLE, conversations, differences, moment, rows

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Serve

PARTS = "conversation_parts"
EVENTS = "conversation_handling_events"
SIDE = "side_conversation_parts"
ALL = (PARTS, EVENTS, SIDE)
NOT_FOUND_FORMS = ["not_found", "conversation_not_found", "mixed"]


def keys(records: list[Json], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(record[name] for name in names) for record in records]


def vanish(server: Sandbox, ids: list[str]) -> None:
    """Delete conversations, of which the search does not know yet."""
    server.switches.set(index_lag=1, index_lag_clock="manual")
    server.workspace.delete(ids)


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [entry.getMessage() for entry in caplog.records if entry.levelname == "WARNING"]


# --- All of it ---


@pytest.mark.parametrize("stream", ALL)
@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_every_row_is_as_it_is(serve: Serve, run_tap: Runner, stream: str, endpoint: str) -> None:
    server = serve(100)
    run = run_tap(server, stream, conversations_endpoint=endpoint, page_size=20, **WHOLE)
    truth = rows(server, stream, run.schema(stream))
    names = ("conversation_id", "timestamp" if stream == EVENTS else "id")
    by_key = dict(zip(keys(truth, *names), truth, strict=True))
    records = dict(zip(keys(run.records(stream), *names), run.records(stream), strict=True))

    assert run.status == 0
    assert len(run.records(stream)) == len(truth) > 100
    assert records.keys() == by_key.keys()
    assert [key for key, record in records.items() if differences(record, by_key[key])] == []


@pytest.mark.parametrize("stream", ALL)
def test_order_is_the_conversations_own_whatever_each_takes(
    serve: Serve, run_tap: Runner, stream: str
) -> None:
    server = serve(100, latency="0-0.02")
    run = run_tap(server, stream, max_concurrency=16, page_size=20)
    names = ("conversation_id", "timestamp" if stream == EVENTS else "id")
    truth = rows(server, stream, run.schema(stream))

    assert keys(run.records(stream), *names) == keys(truth, *names)
    assert server.counters.max_in_flight > 4


@pytest.mark.parametrize("threads", [1, 5])
def test_no_more_requests_are_in_flight_than_may_be(
    serve: Serve, run_tap: Runner, threads: int
) -> None:
    server = serve(40, latency=0.01)
    run = run_tap(server, PARTS, max_concurrency=threads)

    assert run.status == 0
    assert threads / 2 <= server.counters.max_in_flight <= threads


@pytest.mark.parametrize("stream", ALL)
def test_one_request_for_each_conversation_that_changed(
    serve: Serve, run_tap: Runner, stream: str
) -> None:
    server = serve(60)
    first = run_tap(server, stream)
    server.counters.reset()
    server.workspace.tick(600)
    touched = {identifier for identifier, _ in server.workspace.touch_some(5)}
    second = run_tap(server, stream, state=first.state, lookback_window=0)
    again = max(conversations(server).values())

    # The last one before is looked at again: the bookmark is inclusive.
    assert sum(server.counters.by_endpoint.values()) - server.counters.by_endpoint["search"] <= 7
    assert {record["conversation_id"] for record in second.records(stream)} - touched <= {
        first.records(stream)[-1]["conversation_id"]
    }
    assert second.bookmark(stream) == moment(again)


def test_a_reply_an_edit_and_a_redaction_come_with_their_conversation(
    serve: Serve, run_tap: Runner
) -> None:
    server = serve(30)
    first = run_tap(server, PARTS)
    chosen = server.workspace.ids()[3:6]
    server.workspace.tick(900)
    for identifier, kind in zip(chosen, ("reply", "edit", "redact"), strict=True):
        server.workspace.touch([identifier], kind=kind)
    second = run_tap(server, PARTS, state=first.state, lookback_window=0, **WHOLE)
    truth = [
        row for row in rows(server, PARTS, second.schema(PARTS)) if row["conversation_id"] in chosen
    ]
    records = [row for row in second.records(PARTS) if row["conversation_id"] in chosen]

    assert [differences(*pair) for pair in zip(records, truth, strict=True)] == [[]] * len(truth)


def test_side_conversations_beyond_the_first_page(
    serve: Serve, run_tap: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tap_intercom_conversations.streams.side_conversation_parts.PAGE_SIZE",
        1,
    )
    server = serve(60)
    run = run_tap(server, SIDE, **WHOLE)
    truth = rows(server, SIDE, run.schema(SIDE))
    names = ("conversation_id", "side_conversation_id", "id")

    assert keys(run.records(SIDE), *names) == keys(truth, *names)
    assert server.counters.by_endpoint["side_conversations"] > 60


# --- More than the API serves ---


@pytest.mark.parametrize("capped", [{}, {"total_count_capped": True}], ids=["true", "capped"])
def test_0_1_500_and_740_parts(
    serve: Serve,
    run_tap: Runner,
    caplog: pytest.LogCaptureFixture,
    capped: dict[str, bool],
) -> None:
    """Whether total_count goes past 500 is not documented."""
    exact = {0: 2, 1: 2, 500: 1, 740: 2}
    server = serve(20, exact_parts=exact, **capped)
    run = run_tap(server, PARTS)
    served = Counter(record["conversation_id"] for record in run.records(PARTS))
    totals = dict(keys(run.records(PARTS), "conversation_id", "conversation_total_parts"))

    for parts in exact:
        for identifier in server.workspace.exact(parts):
            assert served[identifier] == min(parts, 500)
            assert totals.get(identifier, 0) == parts
    assert all(totals[identifier] >= count for identifier, count in served.items())
    # One line says which, and that it is no fault of the tap's.
    [line] = warnings_of(caplog)
    assert line.startswith("2 conversations have more parts than the 500 that the API serves")
    assert all(identifier in line for identifier in server.workspace.exact(740))
    assert run.status == 0


def test_500_parts_are_no_reason_to_warn(
    serve: Serve, run_tap: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(10, exact_parts={500: 2})
    run_tap(server, PARTS)

    assert warnings_of(caplog) == []


def test_many_that_are_cut_off_do_not_fill_the_log(
    serve: Serve, run_tap: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(12, exact_parts={501: 12})
    run_tap(server, PARTS)
    [line] = warnings_of(caplog)

    assert len(re.findall(r"\b\d{10,}\b", line)) == 10
    assert line.endswith("...")


# --- Deleted meanwhile ---


@pytest.mark.parametrize("form", NOT_FOUND_FORMS)
@pytest.mark.parametrize("stream", ALL)
def test_what_was_deleted_meanwhile_is_passed_over(
    serve: Serve,
    run_tap: Runner,
    caplog: pytest.LogCaptureFixture,
    stream: str,
    form: str,
) -> None:
    server = serve(60, not_found_form=form)
    gone = server.workspace.ids()[10:40:6]
    before = {row["conversation_id"] for row in rows(server, stream, {})}
    vanish(server, gone)
    run = run_tap(server, stream)

    assert run.status == 0
    assert {record["conversation_id"] for record in run.records(stream)} == before - set(gone)
    assert "5 conversations were deleted meanwhile" in caplog.text
    # Not once more than needed: a 404 is final.
    assert len(gone) == 5
    assert server.counters.by_status["404"] == 5


# --- Settings ---


def test_plain_text(serve: Serve, run_tap: Runner) -> None:
    server = serve(30)
    html = run_tap(server, PARTS).records(PARTS)
    plain = run_tap(server, PARTS, body_format="plaintext").records(PARTS)
    bodies = [(before["body"], after["body"]) for before, after in zip(html, plain, strict=True)]

    assert any("<p>" in (before or "") for before, _ in bodies)
    assert not any(re.search(r"</?(p|b|a|br|div)\b", after or "") for _, after in bodies)
    assert all((before is None) == (after is None) for before, after in bodies)


@pytest.mark.parametrize("version", ["2.14", "2.16"])
def test_translations_only_if_they_are_asked_for(
    serve: Serve, run_tap: Runner, version: str
) -> None:
    server = serve(60)
    asked = run_tap(server, PARTS, api_version=version, include_translations=True).records(PARTS)
    not_asked = run_tap(server, PARTS, api_version=version).records(PARTS)

    assert any(record.get("translations") for record in asked)
    assert not any(record.get("translations") for record in not_asked)


def test_settings_of_the_conversations_apply(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    start = sorted(conversations(server).values())[40]
    run = run_tap(server, PARTS, start_date=moment(start), end_date=moment(NOW - 1))
    late = {identifier for identifier, at in conversations(server).items() if at >= start}

    assert {record["conversation_id"] for record in run.records(PARTS)} <= late
    assert server.counters.by_endpoint["conversation"] == len(late)


# --- Failing ---


@pytest.mark.usefixtures("no_backoff")
def test_one_stream_that_fails_does_not_stop_the_others(serve: Serve, run_tap: Runner) -> None:
    server = serve(30)
    server.switches.set(broken=(server.workspace.ids()[7],))
    run = run_tap(server, "conversations", *ALL, "tags", max_retries=1)

    assert run.status == 1
    assert [line.partition(":")[0] for line in run.failures] == [PARTS]
    assert len(run.records()) == 30
    assert len(run.records(EVENTS)) == len(rows(server, EVENTS, {}))
    assert len(run.records(SIDE)) == len(rows(server, SIDE, {}))
    assert run.records("tags")
