"""calls: of changed conversations, 20 at a time; transcripts are waited for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW
from tests.support.few import Few
from tests.support.serving import Said, refusal
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Runner
    from tests.support.serving import Asked

STREAM = "calls"
DAY = 86_400


def conversation(identifier: str, updated_at: int) -> Json:
    return {"id": identifier, "created_at": updated_at - 60, "updated_at": updated_at}


class Calls:
    """An API that has calls of some conversations, and whose transcripts take their time."""

    def __init__(self, *conversations: Json) -> None:
        self.few = Few(*conversations)
        self.transcript: Json = {"transcript": [], "transcript_status": "processing"}
        self.called_at = NOW - 2 * DAY
        self.broken: set[str] = set()
        self.asked: list[list[str]] = []

    def __call__(self, asked: Asked) -> Said:
        """Answer a request."""
        if asked.path != "/calls/search":
            return self.few(asked)
        ids = asked.body["conversation_ids"]
        self.asked.append(ids)
        if self.broken & {*ids}:
            return refusal(422, "unprocessable_entity")
        return Said({"type": "list", "data": [self.call(key) for key in ids]})

    def call(self, key: str) -> Json:
        """The call of a conversation."""
        times = dict.fromkeys(("answered_at", "created_at"), self.called_at)
        return {"type": "call", "id": f"c{key}", "conversation_id": key, **times, **self.transcript}


def test_a_transcript_that_is_not_finished_is_asked_for_again(
    run_tap: Runner, answer: Answer
) -> None:
    """Its conversation may not move meanwhile."""
    api = Calls(conversation("1", NOW - 2 * DAY), conversation("2", NOW - DAY))
    server = answer(api)
    first = run_tap(server, STREAM)
    waited_for = json.loads(first.state["bookmarks"][STREAM]["transcripts"])
    api.transcript = {"transcript": [{"text": "Hello"}], "transcript_status": "completed"}
    second = run_tap(server, STREAM, state=first.state)
    third = run_tap(server, STREAM, state=second.state)

    assert waited_for == {"1": moment(NOW - 2 * DAY), "2": moment(NOW - DAY)}
    assert {record["id"]: record["transcript"] for record in second.records(STREAM)} == {
        "c1": [{"text": "Hello"}],
        "c2": [{"text": "Hello"}],
    }
    assert {r["conversation_updated_at"] for r in second.records(STREAM)} == {*waited_for.values()}
    assert second.state["bookmarks"][STREAM]["transcripts"] is None
    assert third.ids(STREAM) == ["c2"]  # at the bookmark


@pytest.mark.parametrize(
    ("fields", "is_waited_for"),
    [
        ({"transcript": [], "transcript_status": "processing"}, True),
        ({"transcript": [], "transcript_status": None}, True),
        ({"transcript": [{"text": "x"}], "transcript_status": None}, False),
        ({"transcript": [{"text": "x"}], "transcript_status": "processing"}, True),
        ({"transcript": [], "transcript_status": "completed"}, False),
        ({"transcript": [], "transcript_status": None, "answered_at": None}, False),
        ({"transcript": [], "created_at": NOW - 8 * DAY}, False),
        ({"transcript": [], "created_at": "soon"}, False),
        ({"transcript": [], "created_at": NOW + 400 * DAY}, False),
    ],
)
def test_what_is_waited_for(
    run_tap: Runner, answer: Answer, fields: Json, *, is_waited_for: bool
) -> None:
    api = Calls(conversation("1", NOW - DAY))
    api.transcript = fields
    run = run_tap(answer(api), STREAM)

    assert run.ids(STREAM) == ["c1"]
    assert bool(run.state["bookmarks"][STREAM]["transcripts"]) == is_waited_for


def test_one_that_cannot_be_had_costs_no_other(run_tap: Runner, answer: Answer) -> None:
    api = Calls(*(conversation(str(key), NOW - DAY - key) for key in range(1, 31)))
    api.broken = {"7"}
    run = run_tap(answer(api), STREAM)

    assert len(run.ids(STREAM)) == 29
    assert run.status == 1
    assert "1 could not be read: 7" in run.failures[0]
    assert max(map(len, api.asked)) == 20


def test_one_that_no_decoder_reads_costs_no_other(run_tap: Runner, answer: Answer) -> None:
    """Nor does it hold up the bookmark, or each sync would end at the same call."""
    few = Few(*(conversation(str(key), NOW - DAY - key) for key in range(1, 6)))
    deep = b"[" * 3_000 + b"]" * 3_000

    def api(asked: Asked) -> Said:
        if "calls" not in asked.path:
            return few(asked)
        made = b'{"id": "c%s", "conversation_id": "%s", "transcript": %s}'
        ids = [key.encode() for key in asked.body["conversation_ids"]]
        calls = [made % (key, key, deep if key == b"2" else b"[]") for key in ids]
        return Said(b'{"data": [%s]}' % b", ".join(calls))

    run = run_tap(answer(api), STREAM)

    assert sorted(run.ids(STREAM)) == ["c1", "c3", "c4", "c5"]
    assert run.status == 1
    assert "1 could not be read: 2 (JSON that no decoder reads)" in run.failures[0]
    assert run.bookmark(STREAM) == moment(NOW - DAY - 1)


def test_calls_on_a_next_page_are_not_lost_without_a_word(run_tap: Runner, answer: Answer) -> None:
    """No pages are documented; if there were some, fewer conversations may be on one."""
    few = Few(*(conversation(str(key), NOW - DAY - key) for key in range(1, 6)))

    def api(asked: Asked) -> Said:
        if "calls" not in asked.path:
            return few(asked)
        ids = asked.body["conversation_ids"]
        shown = [{"id": f"c{key}", "conversation_id": key} for key in ids[:2]]
        there_are_more = len(ids) > 1 or ids == ["3"]
        following = {"starting_after": "x"} if there_are_more else None
        return Said({"data": shown, "pages": {"next": following}})

    run = run_tap(answer(api), STREAM)

    assert sorted(run.ids(STREAM)) == ["c1", "c2", "c4", "c5"]
    assert "1 could not be read: 3" in run.failures[0]


def test_a_refusal_ends_the_stream_at_once(run_tap: Runner, answer: Answer) -> None:
    few = Few(*(conversation(str(key), NOW - DAY - key) for key in range(1, 31)))

    def api(asked: Asked) -> Said:
        return refusal(401, "token_unauthorized") if "calls" in asked.path else few(asked)

    server = answer(api)
    run = run_tap(server, STREAM)

    assert run.status == 1
    assert "It needs the permission" in run.failures[0]
    assert sum("calls" in asked.path for asked in server.asked) <= 2


def test_what_was_not_asked_for_is_no_row(run_tap: Runner, answer: Answer) -> None:
    few = Few(conversation("1", NOW - DAY))
    mine: Any = {"id": "c1", "conversation_id": 1}

    def api(asked: Asked) -> Said:
        found = [mine, {"id": "c2", "conversation_id": "2"}, None]
        return Said({"data": found}) if "calls" in asked.path else few(asked)

    run = run_tap(answer(api), STREAM)

    assert run.ids(STREAM) == ["c1"]
    assert "2 of no conversation that was asked for" in run.failures[0]


def test_of_no_conversation_is_told_also_one_by_one(run_tap: Runner, answer: Answer) -> None:
    few = Few(*(conversation(str(key), NOW - DAY - key) for key in (1, 2)))

    def api(asked: Asked) -> Said:
        if "calls" not in asked.path:
            return few(asked)
        if len(asked.body["conversation_ids"]) > 1:
            return refusal(422, "unprocessable_entity")
        return Said({"data": [{"id": "c1", "conversation_id": None}]})

    run = run_tap(answer(api), STREAM)

    assert run.failures == [
        (
            "calls: the API sent what cannot be a row: 2 of no conversation that was asked for; "
            "all other rows are written"
        )
    ]
