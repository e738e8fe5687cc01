"""What streams share that ask for something of each conversation: order, and what cannot be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Json, Runner
from tests.support.few import LATELY, NO_SUCH, Few
from tests.support.serving import Asked, Said
from tests.support.truth import conversations, moment, rows

if TYPE_CHECKING:
    from tests.conftest import Answer, Run, Serve

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


def served(stream: str, entries: list[Any]) -> Json:
    """The answer about a conversation, with these entries."""
    side = {"side_conversation_id": "5", "conversation_parts": entries}
    answers: dict[str, Json] = {
        PARTS: {"conversation_parts": {"conversation_parts": entries}},
        EVENTS: {"handling_events": entries},
        SIDE: {"side_conversations": [side]},
    }
    return answers[stream]


def read_one(run_tap: Runner, answer: Answer, stream: str, body: Json, **fields: Any) -> Run:
    """Read a workspace of one conversation, of which the API says this."""
    row = {"id": "1", "updated_at": NOW - 5_000, **fields}

    def said(asked: Asked) -> Said:
        if asked.path.endswith("/search"):
            return Said({"conversations": [row], "pages": {}, "total_count": 1})
        return Said(body)

    return run_tap(answer(said), stream, max_retries=0)


def test_conversations_without_parts_move_the_bookmark_too(serve: Serve, run_tap: Runner) -> None:
    server = serve(20, exact_parts={0: 20})
    run = run_tap(server, PARTS)

    assert (run.status, run.records(PARTS)) == (0, [])
    assert run.bookmark(PARTS) == moment(max(conversations(server).values()))


# --- Failing ---


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("stream", ALL)
def test_a_conversation_that_cannot_be_read_fails_the_stream_there(
    serve: Serve, run_tap: Runner, stream: str
) -> None:
    server = serve(60)
    order = sorted(conversations(server), key=lambda key: (conversations(server)[key], key))
    having = {row["conversation_id"] for row in rows(server, stream, {})}
    run = break_at(server, run_tap, stream, order[30])

    assert run.status == 1
    assert order[30] in run.failures[0]
    written = {record["conversation_id"] for record in run.records(stream)}
    assert written == having & set(order[:30])
    # The next run goes on there, and has everything in the end.
    second = run_tap(server, stream, state=run.state)
    assert second.status == 0
    assert written | {record["conversation_id"] for record in second.records(stream)} == having


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


# --- Entries that can be no rows ---


ENTRIES = [None, 5, "a", ["a"], True]


@pytest.mark.parametrize("entry", ENTRIES, ids=repr)
@pytest.mark.parametrize("stream", ALL)
def test_an_entry_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, stream: str, entry: Any
) -> None:
    body = served(stream, [entry, ROWS[stream], entry])
    run = read_one(run_tap, answer, stream, body)

    assert len(run.records(stream)) == 1
    assert run.status == 1
    assert run.failures == [
        f"{stream}: the API sent what cannot be a row: 2 null or of another type than an object"
    ]


@pytest.mark.parametrize("stream", ALL)
@pytest.mark.parametrize("fields", [{"id": None}, {"id": ["1"]}, {"updated_at": None}])
def test_a_conversation_without_its_key_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, stream: str, fields: Json
) -> None:
    run = read_one(run_tap, answer, stream, served(stream, [ROWS[stream]]), **fields)

    assert run.records(stream) == []
    assert run.status == 1
    assert "1 without id or updated_at" in run.failures[0]


def test_what_is_no_id_is_not_asked_for(run_tap: Runner, answer: Answer) -> None:
    row = {"id": None, "updated_at": NOW - 5_000}
    server = answer(Said({"conversations": [row], "pages": {}, "total_count": 1}))
    run_tap(server, PARTS)

    assert {asked.path for asked in server.asked} == {"/conversations/search"}
