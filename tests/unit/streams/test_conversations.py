"""conversations: as the search or the list has them; entries that can be no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.settings.schema import MOST_FILTERS
from tests.conftest import NOW, Runner
from tests.support.serving import Asked, Said
from tests.support.truth import conversations, moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Serve

ENDPOINTS = pytest.mark.parametrize("endpoint", ["search", "list"])


# --- Pages ---


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_next_page_on_another_host_is_never_asked_for_there(
    run_tap: Runner, answer: Answer, endpoint: str
) -> None:
    elsewhere = answer(Said())

    def said(asked: Asked) -> Said:
        second = "starting_after" in (asked.body["pagination"] if asked.body else asked.query)
        row = {"id": "2" if second else "1", "updated_at": NOW - 5_000}
        more = {"next": f"{elsewhere.url}/conversations?starting_after=abc&per_page=1"}
        pages = {} if second else more
        return Said({"conversations": [row], "pages": pages, "total_count": 2})

    run = run_tap(answer(said), conversations_endpoint=endpoint)

    assert run.ids() == ["1", "2"]
    assert elsewhere.asked == []


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("envelope", ["data", "null", "none"])
def test_rows_under_another_key_or_none(
    serve: Serve, run_tap: Runner, endpoint: str, envelope: str
) -> None:
    server = serve(60, envelope=envelope)
    run = run_tap(server, conversations_endpoint=endpoint)

    assert run.status == (0 if envelope == "data" else 1)
    assert once(run) == (within(server) if envelope == "data" else set())


# --- Settings of its own ---


def test_search_filters_hold_as_well_as_the_bounds(serve: Serve, run_tap: Runner) -> None:
    server = serve(200)
    start = sorted(conversations(server).values())[50]
    states = {record["id"]: record["state"] for record in run_tap(server).records()}
    filters = [{"field": "state", "operator": "=", "value": "open"}]
    run = run_tap(server, search_filters=filters, start_date=moment(start))
    wanted = {identifier for identifier in within(server, start) if states[identifier] == "open"}

    assert once(run) == wanted
    assert 0 < len(wanted) < 150


def test_as_many_search_filters_as_the_api_takes(serve: Serve, run_tap: Runner) -> None:
    """It takes 15 in a group; two are the bounds."""
    server = serve(20)
    filters = [{"field": "state", "operator": "!=", "value": "none"}] * MOST_FILTERS
    run = run_tap(server, search_filters=filters)

    assert (run.status, len(run.records())) == (0, 20)


@pytest.mark.parametrize(
    "settings",
    [
        {"api_version": "2.16"},
        {"api_version": "Preview"},
        {"api_version": "Preview", "conversations_endpoint": "list"},
    ],
)
def test_qa_only_if_it_is_asked_for(
    serve: Serve, run_tap: Runner, settings: dict[str, Any]
) -> None:
    server = serve(60)
    asked = run_tap(server, include_qa=True, **settings).records()
    not_asked = run_tap(server, **settings).records()

    for name in ("monitor_evaluations", "scorecards"):
        assert any(record.get(name) for record in asked)
        assert not any(record.get(name) for record in not_asked)


# --- Entries that can be no rows ---


@pytest.mark.parametrize("endpoint", ["search", "list"])
@pytest.mark.parametrize("entry", [None, 5, "a", ["a"], True], ids=repr)
@pytest.mark.parametrize("stream", ["conversations", "conversation_tags", "conversation_parts"])
def test_an_entry_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, stream: str, entry: Any, endpoint: str
) -> None:
    row = {"id": "1", "updated_at": NOW - 5_000, "tags": [{"id": "7"}]}

    def said(asked: Asked) -> Said:
        if asked.path == "/conversations/1":
            return Said({"conversation_parts": {"conversation_parts": [{"id": "7"}]}})
        return Said({"conversations": [entry, row, entry], "pages": {}, "total_count": 3})

    run = run_tap(answer(said), stream, conversations_endpoint=endpoint, max_retries=0)

    assert len(run.records(stream)) == 1
    assert run.bookmark(stream) == moment(NOW - 5_000)
    assert run.status == 1
    assert "cannot be a row: 2 " in run.failures[0]
