"""What streams share that ask for something of each conversation: order, and what cannot be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.streams.base import NO_OBJECT
from tests.support.few import LATELY, NO_OBJECTS, NO_SUCH, Few
from tests.support.serving import Said
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Run, Runner
    from tests.support.serving import Asked

PARTS = "conversation_parts"
EVENTS = "conversation_handling_events"
SIDE = "side_conversation_parts"
ALL = (PARTS, EVENTS, SIDE)
STREAMS = pytest.mark.parametrize("stream", ALL)
ROWS: dict[str, Json] = {
    PARTS: {"id": "7"},
    EVENTS: {"type": "paused", "timestamp": "2026-05-31T09:30:00Z"},
    SIDE: {"id": "7"},
}
CONVERSATION = {"id": "1", "updated_at": LATELY}


def served(stream: str, *entries: Any) -> Said:
    """The answer about a conversation, with these entries."""
    side = {"side_conversation_id": "5", "conversation_parts": entries}
    answers: dict[str, Json] = {
        PARTS: {"conversation_parts": {"conversation_parts": entries}},
        EVENTS: {"handling_events": entries},
        SIDE: {"side_conversations": [side]},
    }
    return Said(answers[stream])


def workspace(stream: str, *conversations: Any, **told: Said) -> Few:
    """Conversations, each with one row of a stream, but for what is `told` of some: `_2=Said()`."""

    def about_one(asked: Asked) -> Said | None:
        _, _, identifier, *_ = *asked.path.split("/"), "", ""
        if identifier in {"", "search"}:
            return None
        return told.get(f"_{identifier}", served(stream, ROWS[stream]))

    return Few(*conversations, else_where=about_one)


def of_conversations(run: Run, stream: str) -> list[str]:
    """Which conversations a run's rows are of."""
    return [record["conversation_id"] for record in run.records(stream)]


def many(count: int) -> list[Json]:
    """So many conversations, of ids from 1 on."""
    return [{"id": str(number + 1), "updated_at": LATELY + number} for number in range(count)]


@STREAMS
def test_rows_come_in_the_order_of_their_conversations(
    run_tap: Runner, answer: Answer, stream: str
) -> None:
    run = run_tap(answer(workspace(stream, *many(9))), stream, page_size=4, max_concurrency=5)

    assert (run.status, of_conversations(run, stream)) == (0, list("123456789"))
    assert run.bookmark(stream) == moment(LATELY + 8)
    assert [record["conversation_updated_at"] for record in run.records(stream)] == [
        moment(row["updated_at"]) for row in many(9)
    ]


@STREAMS
def test_conversations_without_rows_move_the_bookmark_too(
    run_tap: Runner, answer: Answer, stream: str
) -> None:
    run = run_tap(answer(workspace(stream, CONVERSATION, _1=served(stream))), stream)

    assert (run.status, run.records(stream)) == (0, [])
    assert run.bookmark(stream) == moment(LATELY)


# --- Gone meanwhile ---


@STREAMS
def test_what_was_deleted_meanwhile_is_passed_over(
    run_tap: Runner, answer: Answer, caplog: pytest.LogCaptureFixture, stream: str
) -> None:
    server = answer(workspace(stream, *many(3), _2=Said(NO_SUCH, 404)))
    run = run_tap(server, stream)

    assert (run.status, of_conversations(run, stream)) == (0, ["1", "3"])
    assert "1 conversations were deleted meanwhile" in caplog.text
    # Not once more than needed: what the API itself says is final.
    assert sum(asked.path.startswith("/conversations/2") for asked in server.asked) == 1


@pytest.mark.usefixtures("no_backoff")
@STREAMS
def test_a_gateways_404_does_not_say_that_a_conversation_is_gone(
    run_tap: Runner, answer: Answer, stream: str
) -> None:
    page = Said(b"<html>404 Not Found</html>", 404)
    server = answer(workspace(stream, *many(3), _2=page))
    run = run_tap(server, stream, max_retries=2)

    assert of_conversations(run, stream) == ["1", "3"]
    assert run.status == 1
    assert run.failures[0].startswith(f"{stream}: 1 could not be read: 2 (")
    assert sum(asked.path.startswith("/conversations/2") for asked in server.asked) == 3


@STREAMS
def test_so_many_that_are_gone_cannot_be_true(run_tap: Runner, answer: Answer, stream: str) -> None:
    """A gateway may say it in the API's own words."""
    few = Few(
        *many(40),
        else_where=lambda asked: (
            Said(NO_SUCH, 404) if asked.path.count("/") > 1 and asked.method == "GET" else None
        ),
    )
    run = run_tap(answer(few), stream)

    assert (run.status, run.records(stream)) == (1, [])
    assert "20 of 20 conversations were found and are said not to exist" in run.failures[0]
    assert "api_url" in run.failures[0]


# --- Entries that can be no rows ---


@pytest.mark.parametrize("entry", NO_OBJECTS, ids=repr)
@STREAMS
def test_an_entry_that_is_no_object_costs_no_other(
    run_tap: Runner, answer: Answer, stream: str, entry: Any
) -> None:
    few = workspace(stream, *many(2), _1=served(stream, entry, ROWS[stream], entry))
    run = run_tap(answer(few), stream)

    assert of_conversations(run, stream) == ["1", "2"]
    assert run.status == 1
    assert run.failures[0].startswith(f"{stream}: 1 could not be read: 1 ({NO_OBJECT}). ")
    assert run.state["bookmarks"][stream]["unreadable"] == '["1"]'


@STREAMS
def test_many_bad_entries_of_one_conversation_are_one_failure(
    run_tap: Runner, answer: Answer, stream: str
) -> None:
    few = workspace(stream, *many(3), _1=served(stream, *[None] * 30))
    run = run_tap(answer(few), stream)

    assert of_conversations(run, stream) == ["2", "3"]
    assert run.failures[0].startswith(f"{stream}: 1 could not be read: 1 (")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"id": None}, "the API sent what cannot be a row: 1 without id"),
        ({"id": ["1"]}, "the API sent what cannot be a row: 1 without id"),
        ({"updated_at": None}, "1 could not be read: 1 (without updated_at)"),
    ],
)
@STREAMS
def test_a_conversation_without_its_key_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, stream: str, fields: Json, why: str
) -> None:
    server = answer(workspace(stream, {**CONVERSATION, **fields}, *many(3)[1:]))
    run = run_tap(server, stream)

    assert of_conversations(run, stream) == ["2", "3"]
    assert run.status == 1
    assert run.failures[0].startswith(f"{stream}: {why}")
    # What is no id is not asked for.
    assert {asked.path.split("/")[2] for asked in server.asked if asked.path != "/me"} == {
        "search",
        "2",
        "3",
    }


@STREAMS
def test_an_id_is_a_part_of_a_path_whatever_it_is(
    run_tap: Runner, answer: Answer, stream: str
) -> None:
    row = {"id": "../admins?a=1#b", "updated_at": LATELY}
    server = answer(workspace(stream, row))
    run_tap(server, stream, max_retries=0)

    assert [asked.path for asked in server.asked if "admins" in asked.path] == [
        asked.path
        for asked in server.asked
        if "/conversations/..%2Fadmins%3Fa%3D1%23b" in asked.path
    ]
    assert any("admins" in asked.path for asked in server.asked)
