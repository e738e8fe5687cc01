"""Tags, contacts and teammates of conversations: a row for each link, whatever form it comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.few import LATELY, Few
from tests.support.truth import conversations, moment, rows

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Runner, Serve

TAGS, CONTACTS, TEAMMATES = "conversation_tags", "conversation_contacts", "conversation_teammates"
STREAMS = (TAGS, CONTACTS, TEAMMATES)
KEYS = {TAGS: "tag_id", CONTACTS: "contact_id", TEAMMATES: "admin_id"}


def pairs(records: list[Json], stream: str) -> list[tuple[Any, ...]]:
    """The links: which conversation, as of when, with what."""
    return sorted(
        (record["conversation_id"], record["conversation_updated_at"], record[KEYS[stream]])
        for record in records
    )


@pytest.mark.parametrize("endpoint", ["search", "list"])
@pytest.mark.parametrize("stream", STREAMS)
def test_every_link_once(serve: Serve, run_tap: Runner, stream: str, endpoint: str) -> None:
    server = serve(100)
    server.workspace.tag(server.workspace.ids()[::9])
    run = run_tap(server, stream, conversations_endpoint=endpoint, page_size=30)
    truth = rows(server, stream, run.schema(stream))

    assert run.status == 0
    assert pairs(run.records(stream), stream) == pairs(truth, stream)
    assert len(truth) > 8


def test_a_tags_row_says_who_applied_it_when(serve: Serve, run_tap: Runner) -> None:
    server = serve(300)
    run = run_tap(server, TAGS)
    truth = {
        (row["conversation_id"], row["tag_id"]): row for row in rows(server, TAGS, run.schema(TAGS))
    }

    assert len(truth) > 3
    for record in run.records(TAGS):
        row = truth[record["conversation_id"], record["tag_id"]]
        by = row["applied_by"]
        assert (record["name"], record["applied_at"]) == (row["name"], row["applied_at"])
        assert (record["applied_by_type"], record["applied_by_id"]) == (by["type"], by["id"])


@pytest.mark.parametrize("stream", STREAMS)
def test_only_the_pages_are_asked_for(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(200)
    run_tap(server, stream)

    assert set(server.counters.by_endpoint) == {"me", "search"}
    assert server.counters.requests <= 6


@pytest.mark.parametrize("stream", STREAMS)
def test_only_what_changed_comes_again(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(100)
    first = run_tap(server, stream)
    server.workspace.tick(600)
    touched = server.workspace.ids()[:20]
    server.workspace.touch(touched)
    second = run_tap(server, stream, state=first.state, lookback_window=0)
    truth = [
        row
        for row in rows(server, stream, second.schema(stream))
        if row["conversation_id"] in touched
    ]
    again = [row for row in second.records(stream) if row["conversation_id"] in touched]

    assert pairs(again, stream) == pairs(truth, stream)
    # The bookmark is the conversations', not the links'.
    assert second.bookmark(stream) == moment(max(conversations(server).values()))


@pytest.mark.parametrize("version", ["2.0", "2.3", "2.5", "2.7", "2.10", "2.14", "Preview"])
def test_every_version_has_the_same_links(serve: Serve, run_tap: Runner, version: str) -> None:
    server = serve(100)
    old = run_tap(server, CONTACTS, api_version=version).records(CONTACTS)
    new = run_tap(server, CONTACTS).records(CONTACTS)

    assert pairs(old, CONTACTS) == pairs(new, CONTACTS)


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
