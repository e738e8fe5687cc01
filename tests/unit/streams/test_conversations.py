"""conversations: as the search or the list has them; entries that can be no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.settings.schema import MOST_FILTERS
from tests.support.few import LATELY, Few
from tests.support.serving import Asked, Said
from tests.support.truth import conversations, moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Runner, Serve

ENDPOINTS = pytest.mark.parametrize("endpoint", ["search", "list"])


# --- Pages ---


@ENDPOINTS
def test_a_next_page_on_another_host_is_never_asked_for_there(
    run_tap: Runner, answer: Answer, endpoint: str
) -> None:
    elsewhere = answer(Said())
    few = Few({"id": "1", "updated_at": LATELY}, {"id": "2", "updated_at": LATELY + 1})

    def said(asked: Asked) -> Said:
        found = few(asked)
        if asked.path != "/me":
            url = f'"{elsewhere.url}/conversations?starting_after=1&per_page=1"'
            found.body = found.body.replace(b'{"starting_after": "1"}', url.encode())
        return found

    run = run_tap(answer(said), conversations_endpoint=endpoint, page_size=1)

    assert sorted(run.ids()) == ["1", "2"]
    assert elsewhere.asked == []


@ENDPOINTS
@pytest.mark.parametrize("envelope", ["data", "null", "none"])
def test_rows_under_another_key_or_none(
    serve: Serve, run_tap: Runner, endpoint: str, envelope: str
) -> None:
    server = serve(20, envelope=envelope)
    run = run_tap(server, conversations_endpoint=endpoint)

    assert run.status == (0 if envelope == "data" else 1)
    assert sorted(run.ids()) == (sorted(conversations(server)) if envelope == "data" else [])


# --- Settings of its own ---


def test_search_filters_hold_as_well_as_the_bounds(serve: Serve, run_tap: Runner) -> None:
    server = serve(200)
    start = sorted(conversations(server).values())[50]
    states = {record["id"]: record["state"] for record in run_tap(server).records()}
    filters = [{"field": "state", "operator": "=", "value": "open"}]
    run = run_tap(server, search_filters=filters, start_date=moment(start))
    late = [identifier for identifier, at in conversations(server).items() if at >= start]
    wanted = sorted(identifier for identifier in late if states[identifier] == "open")

    assert sorted(run.ids()) == wanted
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


# --- Entries that can be no rows, and rows that no decoder likes ---


@ENDPOINTS
@pytest.mark.parametrize("entry", [None, 5, "a", ["a"], True], ids=repr)
@pytest.mark.parametrize("stream", ["conversations", "conversation_tags", "conversation_parts"])
def test_an_entry_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, stream: str, entry: Any, endpoint: str
) -> None:
    row = {"id": "1", "updated_at": LATELY, "tags": [{"id": "7"}]}
    parts = Said({"conversation_parts": {"conversation_parts": [{"id": "7"}]}})
    few = Few(entry, row, entry, else_where=lambda a: parts if a.path.endswith("/1") else None)
    run = run_tap(answer(few), stream, conversations_endpoint=endpoint, max_retries=0)

    assert len(run.records(stream)) == 1
    assert run.bookmark(stream) == moment(LATELY)
    assert run.failures == [
        (
            f"{stream}: the API sent what cannot be a row: 2 null or of another type than an "
            "object; all other rows are written"
        )
    ]
    assert run.status == 1


HEAD = b'{"id": "2", "updated_at": %d, "tags": [{"id": "7"}], "custom_attributes": {"a": ' % LATELY
GOOD = ({"id": "1", "updated_at": LATELY - 1}, {"id": "3", "updated_at": LATELY + 1})


@ENDPOINTS
@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"NaN", "NaN"),
        (b"-Infinity", "-Infinity"),
        (b"1e400", "1e400"),
        (b'"a\tb"', "a\tb"),
        (b'"caf\xe9"', "caf\ufffd"),
        (b'"\\ud83d"', "?"),
    ],
)
def test_a_value_that_is_no_json_is_kept_as_well_as_it_can_be(
    run_tap: Runner, answer: Answer, value: bytes, kept: str, endpoint: str
) -> None:
    row = HEAD + value + b"}}"
    streams = ("conversations", "conversation_tags")
    run = run_tap(answer(Few(*GOOD, row)), *streams, conversations_endpoint=endpoint, max_retries=0)
    records = {record["id"]: record for record in run.records()}

    assert (run.status, sorted(records)) == (0, ["1", "2", "3"])
    assert records["2"]["custom_attributes"] == {"a": kept}
    # What looks at other fields has them.
    assert [record["conversation_id"] for record in run.records("conversation_tags")] == ["2"]


@ENDPOINTS
@pytest.mark.parametrize("stream", ["conversations", "conversation_contacts"])
@pytest.mark.parametrize(
    "row",
    [
        b'{"id": "2", "updated_at": %d, "contacts": 1e400}' % LATELY,
        b'{"id": "2", "updated_at": %d, "created_at": 1e400}' % LATELY,
    ],
)
def test_a_number_that_no_float_holds_costs_no_row(
    run_tap: Runner, answer: Answer, row: bytes, stream: str, endpoint: str
) -> None:
    run = run_tap(answer(Few(*GOOD, row)), stream, conversations_endpoint=endpoint, max_retries=0)

    assert run.status == 0
    assert len(run.records(stream)) == (3 if stream == "conversations" else 0)
    assert run.bookmark(stream) == moment(LATELY + 1)


@ENDPOINTS
@pytest.mark.parametrize(
    "value", [b"[" * 3_000 + b"]" * 3_000, b"7" * 5_000], ids=["nested", "digits"]
)
def test_a_row_that_cannot_be_read_is_told_and_kept_and_costs_no_other(
    run_tap: Runner, answer: Answer, value: bytes, endpoint: str
) -> None:
    server = answer(Few(*GOOD, HEAD + value + b"}}"))
    run = run_tap(server, conversations_endpoint=endpoint, max_retries=0)

    assert sorted(run.ids()) == ["1", "3"]
    assert run.status == 1
    assert run.failures[0].startswith("conversations: 1 could not be read: 2 (")
    assert run.bookmark() == moment(LATELY + 1)
    assert run.state["bookmarks"]["conversations"]["unreadable"] == '["2"]'


@pytest.mark.parametrize("fields", [{}, {"updated_at": None}, {"updated_at": "soon"}])
def test_a_row_without_its_time_is_told_and_kept(
    run_tap: Runner, answer: Answer, fields: Json
) -> None:
    run = run_tap(answer(Few(*GOOD, {"id": "2", **fields})))

    assert run.ids() == ["1", "3"]
    assert run.failures[0].startswith("conversations: 1 could not be read: 2 (")


@pytest.mark.parametrize("fields", [{}, {"id": None}, {"id": ["1"]}])
def test_a_row_without_its_id_can_only_be_told(
    run_tap: Runner, answer: Answer, fields: Json
) -> None:
    run = run_tap(answer(Few(*GOOD, {"updated_at": LATELY, **fields})))

    assert run.ids() == ["1", "3"]
    assert run.failures == [
        "conversations: the API sent what cannot be a row: 1 without id; all other rows are written"
    ]
    assert run.state["bookmarks"]["conversations"]["unreadable"] is None
