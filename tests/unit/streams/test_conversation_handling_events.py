"""conversation_handling_events: each event once, under an id that is made of what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tap_intercom_conversations.streams.conversation_handling_events import event_id
from tests.support.few import LATELY, Few
from tests.support.serving import Said

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Run, Runner

EVENTS = "conversation_handling_events"
EVENT = {"type": "paused", "timestamp": "2026-05-31T09:30:00Z", "teammate": {"id": 5}}


def read(run_tap: Runner, answer: Answer, *events: Any) -> Run:
    """Read a workspace of one conversation with these events."""
    own = Said({"handling_events": events})
    few = Few(
        {"id": "1", "updated_at": LATELY},
        else_where=lambda asked: own if asked.path.endswith("/handling_events") else None,
    )
    return run_tap(answer(few), EVENTS, max_retries=0)


def test_two_teammates_in_one_second_are_two_rows(run_tap: Runner, answer: Answer) -> None:
    run = read(run_tap, answer, EVENT, {**EVENT, "teammate": {"id": 6}})

    assert run.status == 0
    assert [(record["conversation_id"], record["id"]) for record in run.records(EVENTS)] == [
        ("1", "2026-05-31T09:30:00Z/paused/5"),
        ("1", "2026-05-31T09:30:00Z/paused/6"),
    ]
    assert [record["timestamp"] for record in run.records(EVENTS)] == ["2026-05-31T09:30:00Z"] * 2


@pytest.mark.parametrize(
    ("fields", "identifier"),
    [
        ({"timestamp": 1_780_219_800}, "2026-05-31T09:30:00Z/paused/5"),
        ({"timestamp": "2026-05-31T11:30:00+02:00"}, "2026-05-31T09:30:00Z/paused/5"),
        ({"timestamp": "soon"}, "4a754148b88a68e1/paused/5"),
        ({"teammate": None}, "2026-05-31T09:30:00Z/paused/"),
        ({"teammate": {"id": "5"}}, "2026-05-31T09:30:00Z/paused/5"),
        ({"type": None}, "2026-05-31T09:30:00Z//5"),
    ],
)
def test_an_id_is_the_same_however_the_event_is_written(fields: Json, identifier: str) -> None:
    assert event_id(msgspec.Raw(msgspec.json.encode({**EVENT, **fields}))) == identifier


@pytest.mark.parametrize("body", [{}, {"handling_events": None}, {"handling_events": "none"}])
def test_an_answer_of_another_form_is_not_taken_for_none(
    run_tap: Runner, answer: Answer, body: Json
) -> None:
    few = Few(
        {"id": "1", "updated_at": LATELY},
        else_where=lambda asked: Said(body) if asked.path.endswith("_events") else None,
    )
    run = run_tap(answer(few), EVENTS, max_retries=0)
    is_null = body == {"handling_events": None}

    assert (run.status, run.records(EVENTS)) == (0 if is_null else 1, [])
