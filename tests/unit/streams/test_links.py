"""Tags, contacts and teammates of conversations: a row for each link, whatever form it comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.few import LATELY, Few
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Runner

TAGS, CONTACTS, TEAMMATES = "conversation_tags", "conversation_contacts", "conversation_teammates"
STREAMS = (TAGS, CONTACTS, TEAMMATES)
KEYS = {TAGS: "tag_id", CONTACTS: "contact_id", TEAMMATES: "admin_id"}


# --- Every form of the list ---

LINK = {"type": "thing", "id": "7"}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        pytest.param({"type": "list", "<field>": [LINK, {"id": 8}]}, ["7", "8"], id="documented"),
        pytest.param([LINK, {"id": 8}], ["7", "8"], id="bare array of 2.0-2.5"),
        pytest.param(None, [], id="null"),
        pytest.param({"type": "list", "<field>": None}, [], id="object of nulls"),
        pytest.param({"<field>": [LINK, {"id": 7}, LINK]}, ["7"], id="one of them repeated"),
        pytest.param({}, [], id="empty object"),
        pytest.param([], [], id="empty array"),
        pytest.param({"<field>": [{"id": None}, LINK, {}, None]}, ["7"], id="nobody among them"),
        pytest.param("admin", [], id="text"),
        pytest.param({"<field>": "admin"}, [], id="text in an object"),
    ],
)
@pytest.mark.parametrize("stream", STREAMS)
def test_every_form_of_the_list(
    run_tap: Runner, answer: Answer, stream: str, value: Any, found: list[str]
) -> None:
    field = stream.removeprefix("conversation_")
    if isinstance(value, dict):
        value = {name.replace("<field>", field): child for name, child in value.items()}

    assert linked(run_tap, answer, stream, {field: value}) == found


def test_teammates_under_the_name_of_admins(run_tap: Runner, answer: Answer) -> None:
    value = {"type": "admin.list", "admins": [LINK]}

    assert linked(run_tap, answer, TEAMMATES, {"teammates": value}) == ["7"]


@pytest.mark.parametrize("stream", STREAMS)
def test_a_conversation_without_the_field(run_tap: Runner, answer: Answer, stream: str) -> None:
    assert linked(run_tap, answer, stream, {}) == []


def test_of_a_repeated_entry_the_last_counts(run_tap: Runner, answer: Answer) -> None:
    tags = [{"id": "7", "name": "old"}, {"id": 7, "name": "new"}]
    run = run_tap(answer(Few({"id": "1", "updated_at": LATELY, "tags": tags})), TAGS)

    assert [(record["tag_id"], record["name"]) for record in run.records(TAGS)] == [("7", "new")]


@pytest.mark.parametrize("entry", [5, "a", ["a"], True], ids=repr)
@pytest.mark.parametrize("stream", STREAMS)
def test_an_entry_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, stream: str, entry: Any
) -> None:
    field = stream.removeprefix("conversation_")
    conversation = {"id": "1", "updated_at": LATELY, field: [entry, LINK, entry]}
    run = run_tap(answer(Few(conversation)), stream)

    assert [record[KEYS[stream]] for record in run.records(stream)] == ["7"]
    assert run.status == 1
    assert "2 null or of another type than an object" in run.failures[0]


def linked(run_tap: Runner, answer: Answer, stream: str, fields: Json) -> list[str]:
    """The links that a conversation with these fields has."""
    run = run_tap(answer(Few({"id": "1", "updated_at": LATELY, **fields})), stream)
    assert run.status == 0
    assert run.bookmark(stream) == moment(LATELY)
    return [record[KEYS[stream]] for record in run.records(stream)]
