"""conversations: pages that lead elsewhere, and entries that can be no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.few import LATELY, NO_OBJECTS, Few
from tests.support.serving import Asked, Said
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Runner

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


# --- Entries that can be no rows, and rows that no decoder likes ---


@ENDPOINTS
@pytest.mark.parametrize("entry", NO_OBJECTS, ids=repr)
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
