"""conversation_parts: all parts that the API serves of a conversation, and how many it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.few import LATELY, Few
from tests.support.serving import Said

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Run, Runner

PARTS = "conversation_parts"
ROW = {"id": "1", "updated_at": LATELY}


def read(run_tap: Runner, answer: Answer, body: Any, **settings: Any) -> Run:
    """Read a workspace of one conversation that its own GET shows like this."""
    own = Said(body)
    few = Few(ROW, else_where=lambda asked: own if asked.path == "/conversations/1" else None)
    return run_tap(answer(few), PARTS, max_retries=0, **settings)


def parts(number: int) -> list[Json]:
    """So many parts."""
    return [{"id": str(part)} for part in range(number)]


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ({"total_count": 3}, 3),
        ({"total_count": "3"}, 3),
        ({"total_count": 1}, 2),
        ({"total_count": None}, 2),
        ({}, 2),
    ],
)
def test_the_number_of_parts_is_the_apis_unless_more_came(
    run_tap: Runner, answer: Answer, said: Json, total: int
) -> None:
    run = read(run_tap, answer, {"conversation_parts": {"conversation_parts": parts(2), **said}})

    assert (run.status, run.ids(PARTS)) == (0, ["0", "1"])
    assert {record["conversation_total_parts"] for record in run.records(PARTS)} == {total}


def test_of_500_parts_the_statistics_may_know_better(run_tap: Runner, answer: Answer) -> None:
    block = {"conversation_parts": parts(500), "total_count": 500}
    statistics = {"count_conversation_parts": 740}
    run = read(run_tap, answer, {"conversation_parts": block, "statistics": statistics})

    assert run.records(PARTS)[0]["conversation_total_parts"] == 740


def test_a_count_that_no_number_holds_is_none(run_tap: Runner, answer: Answer) -> None:
    body = b'{"conversation_parts": {"conversation_parts": [{"id": "7"}], "total_count": 1e400}}'
    run = read(run_tap, answer, body)

    assert (run.status, run.ids(PARTS)) == (0, ["7"])
    assert run.records(PARTS)[0]["conversation_total_parts"] == 1


@pytest.mark.parametrize("block", [None, {}, {"conversation_parts": None}])
def test_a_conversation_whose_parts_are_null_has_none(
    run_tap: Runner, answer: Answer, block: Any
) -> None:
    run = read(run_tap, answer, {"conversation_parts": block})

    assert (run.status, run.records(PARTS)) == (0, [])


@pytest.mark.parametrize(
    "body",
    [
        {"conversation_parts": None, "statistics": {"count_conversation_parts": 4}},
        {"conversation_parts": {"conversation_parts": [], "total_count": 4}},
        {"conversation_parts": {"conversation_parts": [{"id": "7"}]}, "id": "another"},
    ],
)
def test_parts_that_are_missing_are_told_and_asked_for_again(
    run_tap: Runner, answer: Answer, body: Json
) -> None:
    run = read(run_tap, answer, body)

    assert (run.status, run.records(PARTS)) == (1, [])
    assert run.state["bookmarks"][PARTS]["unreadable"] is not None


@pytest.mark.parametrize("body", [{}, {"conversation_parts": []}, {"conversation_parts": "none"}])
def test_an_answer_without_parts_is_not_taken_for_none(
    run_tap: Runner, answer: Answer, body: Json
) -> None:
    run = read(run_tap, answer, body)

    assert run.status == 1
    assert run.failures[0].startswith(f"{PARTS}: 1 could not be read: 1 (GET /conversations/1: ")


@pytest.mark.parametrize("value", [b"[" * 3_000 + b"]" * 3_000, b"7" * 5_000])
def test_one_part_that_cannot_be_read_costs_no_other(
    run_tap: Runner, answer: Answer, value: bytes
) -> None:
    body = b'{"conversation_parts": {"conversation_parts": [{"id": "7"}, {"id": "8", "a": %b}]}}'
    run = read(run_tap, answer, body % value)

    assert run.ids(PARTS) == ["7"]
    assert run.status == 1
    assert run.failures[0].startswith(f"{PARTS}: 1 could not be read: 1 (")


@pytest.mark.parametrize(
    ("settings", "asked_for"),
    [
        ({}, {}),
        ({"body_format": "plaintext"}, {"display_as": "plaintext"}),
        ({"include_translations": True}, {"include_translations": "true"}),
    ],
)
def test_settings_of_its_own(
    run_tap: Runner, answer: Answer, settings: Json, asked_for: Json
) -> None:
    server = answer(Few(ROW))
    run_tap(server, PARTS, **settings)
    [asked] = [asked for asked in server.asked if asked.path == "/conversations/1"]

    assert asked.query == asked_for
