"""A bug of the tap's own costs one stream: the others are complete, STATE is kept, all is told."""

from __future__ import annotations

import json
import logging
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.singerlib import RecordMessage

from tap_intercom_conversations.airbyte.writer import AirbyteWriter
from tap_intercom_conversations.records.careful import RecordShaper
from tap_intercom_conversations.records.documented import DocumentedObjects
from tap_intercom_conversations.singer.writer import Writer
from tap_intercom_conversations.streams.conversation_parts import ConversationPartsStream
from tap_intercom_conversations.streams.links import ConversationTagsStream
from tap_intercom_conversations.streams.reference import TagsStream
from tests.support.airbyte import read
from tests.support.truth import expected

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Runner, Serve

    Plant = Callable[[pytest.MonkeyPatch], None]

WORDS = "my card was charged twice"
"""What an error of a library may quote."""
BEFORE = 40
"""How often it goes well first."""
TAGS = "conversation_tags"


def stumbling(method: Any, after: int = BEFORE) -> Any:
    """A method that fails once it has been called so often."""
    calls = count()

    def stumble(*arguments: Any) -> Any:
        if next(calls) >= after:
            raise ValueError(WORDS)
        return method(*arguments)

    return stumble


def in_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Links cannot be found."""
    monkeypatch.setattr(ConversationTagsStream, "link", stumbling(ConversationTagsStream.link))


def in_the_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages cannot be encoded."""
    for writer in (Writer, AirbyteWriter):
        encode = writer.serialize_message
        stumble = stumbling(encode)

        def serialize(
            self: Any, message: Any, encode: Any = encode, stumble: Any = stumble
        ) -> bytes:
            is_tag = isinstance(message, RecordMessage) and message.stream == TAGS
            encoded: bytes = (stumble if is_tag else encode)(self, message)
            return encoded

        monkeypatch.setattr(writer, "serialize_message", serialize)


PLANTS = pytest.mark.parametrize("plant", [in_reading, in_the_writer])


@PLANTS
def test_the_other_streams_are_complete_and_the_next_sync_brings_the_rest(
    serve: Serve,
    run_tap: Runner,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    plant: Plant,
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(120, seed=3)
    streams = ("conversations", TAGS, "tags")
    with monkeypatch.context() as planted:
        plant(planted)
        run = run_tap(server, *streams, page_size=10)
    [line] = run.failures

    assert run.status == 1
    assert line.startswith(f"{TAGS}: ValueError at ")
    assert "a fault of the tap" in line
    assert "in stumble" in caplog.text, "the loudest log says where"
    assert WORDS not in caplog.text + json.dumps(run.messages)
    assert set(run.ids()) == set(server.workspace.ids())
    assert run.records("tags")
    assert run.bookmark() > (run.bookmark(TAGS) or ""), "the broken one is behind"

    rest = run_tap(server, *streams, page_size=10, state=run.state)
    assert rest.status == 0
    assert {
        (row["conversation_id"], row["tag_id"]) for row in run.records(TAGS) + rest.records(TAGS)
    } == {*expected(server.workspace, TAGS)}
    assert rest.bookmark(TAGS) == rest.bookmark()


@PLANTS
@pytest.mark.usefixtures("run_tap")
def test_the_same_over_airbyte(serve: Serve, monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    server = serve(120, seed=3)
    plant(monkeypatch)
    run = read(server, "conversations", TAGS, "tags", page_size=10)
    [error] = run.errors

    assert run.status == 1
    assert error["failure_type"] == "system_error"
    assert error["stream_descriptor"]["name"] == TAGS
    assert error["message"].startswith(f"{TAGS}: ValueError at ")
    assert "in stumble" in error["stack_trace"]
    assert WORDS not in json.dumps(run.messages)
    assert run.statuses(TAGS) == ["STARTED", "RUNNING", "INCOMPLETE"]
    for other in ("conversations", "tags"):
        assert run.statuses(other) == ["STARTED", "RUNNING", "COMPLETE"]
    assert run.blob("conversations")["replication_key_value"]


def test_a_worker_that_stumbles_ends_its_stream(
    serve: Serve, run_tap: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TagsStream, "_ask", stumbling(TagsStream, 0))
    run = run_tap(serve(20), "tags", "teams")

    assert run.status == 1
    assert [line.partition(" at ")[0] for line in run.failures] == ["tags: ValueError"]
    assert run.records("teams")
    assert not run.records("tags")


@pytest.mark.parametrize(
    ("owner", "method"),
    [
        (ConversationPartsStream, "fetch"),
        (DocumentedObjects, "read"),
        (RecordShaper, "shape"),
    ],
)
def test_a_bug_that_one_object_meets_costs_that_one(
    serve: Serve,
    run_tap: Runner,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    method: str,
) -> None:
    """Or the stream would stand still there until there is a release without the bug."""
    server = serve(60, seed=3, drift=1.0)
    broken = server.workspace.ids()[30]
    made = getattr(owner, method)

    def stumble(self: Any, what: Any, *more: Any) -> Any:
        whose = str(what if isinstance(what, (str, dict)) else bytes(what))
        if broken in whose:
            raise ValueError(WORDS)
        return made(self, what, *more)

    stream = "conversation_parts" if method == "fetch" else "conversations"
    with monkeypatch.context() as planted:
        planted.setattr(owner, method, stumble)
        run = run_tap(server, stream, page_size=10)
    [line] = run.failures
    rest = run_tap(server, stream, page_size=10, state=run.state)
    key = "conversation_id" if method == "fetch" else "id"

    assert run.status == 1
    assert line.startswith(f"{stream}: 1 could not be read: {broken} (ValueError at ")
    assert WORDS not in line
    assert run.state["bookmarks"][stream]["unreadable"] == f'["{broken}"]'
    assert broken not in {row[key] for row in run.records(stream)}
    assert rest.status == 0
    assert broken in {row[key] for row in rest.records(stream)}


@pytest.mark.parametrize(
    ("stream", "version"),
    [
        ("deleted_conversations", "2.16"),
        ("admin_activity_logs", "2.16"),
        ("contact_activities", "Preview"),
    ],
)
def test_state_does_not_pass_what_nobody_can_ask_for_again(
    serve: Serve, run_tap: Runner, monkeypatch: pytest.MonkeyPatch, stream: str, version: str
) -> None:
    """There is no way to ask for one of these by its id, so a release without the bug reads on."""
    server = serve(60, seed=3, deleted=130)
    with monkeypatch.context() as planted:
        planted.setattr(DocumentedObjects, "read", stumbling(DocumentedObjects.read, 3))
        run = run_tap(server, stream, api_version=version)
    rest = run_tap(server, stream, api_version=version, state=run.state)
    whole = run_tap(server, stream, api_version=version)

    assert run.status == 1
    assert run.failures[0].startswith(f"{stream}: the API sent what cannot be a row: ")
    assert rest.status == 0
    assert whole.once(stream)
    assert {row["id"] for row in rest.records(stream)} == whole.once(stream)
