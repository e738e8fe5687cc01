"""The fast path makes the very records that the shaper makes, or none."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given

from sandbox import Workspace
from sandbox.truth import truth
from tap_intercom_conversations.records.careful import RecordShaper, UnusableRecord
from tap_intercom_conversations.records.documented import DocumentedObjects
from tap_intercom_conversations.schemas import load_schema
from tests.support.hostile import SETTINGS, objects

STREAMS = ("conversations", "conversation_parts", "side_conversation_parts", "admins", "teams")


def raw(obj: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(obj))


def shaped(schema: dict[str, Any], obj: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return RecordShaper(schema).shape(obj)
    except UnusableRecord:
        return None


@pytest.mark.parametrize("stream", STREAMS)
def test_equals_the_shaper_on_whatever_it_takes(stream: str) -> None:
    schema = load_schema(stream)
    fast = DocumentedObjects(schema, {})
    taken: list[str] = []

    @SETTINGS
    @given(objects(schema))
    def equal(obj: dict[str, Any]) -> None:
        record = fast.read(raw(obj), {})
        if record is not None:
            taken.append(record["id"])
            assert record == shaped(schema, json.loads(json.dumps(obj)))

    equal()
    assert taken


def test_takes_what_the_workspace_sends_and_equals_the_shaper() -> None:
    schema = load_schema("conversations")
    fast = DocumentedObjects(schema, {})
    rows = list(truth(Workspace(conversations=120, seed=4), "conversations"))
    for row in rows:
        # Only Preview has topics, and only a subtopic's id is a number on so deep a level.
        row.pop("ai_topics", None)
        record = fast.read(raw(row), {})
        assert record is not None
        assert record == shaped(schema, json.loads(json.dumps(row)))
    assert len(rows) == 120


def test_adds_the_streams_own_columns() -> None:
    added = {"conversation_id": "7", "conversation_updated_at": "2026-05-01T00:00:00Z"}
    fast = DocumentedObjects(load_schema("conversation_parts"), {}, frozenset(added))
    record = fast.read(raw({"id": "1", "created_at": 1767225600}), added)
    assert record == {"id": "1", "created_at": "2026-01-01T00:00:00Z", **added}


@pytest.mark.parametrize(
    "odd",
    [
        {"id": 1},
        {"id": ""},
        {"id": "1", "created_at": "2026-01-01"},
        {"id": "1", "created_at": 1767225600000},
        {"id": "1", "created_at": True},
        {"id": "1", "brand_new": 1},
        {"id": "1", "author": []},
        {"id": "1", "attachments": [{"width": "12"}]},
    ],
)
def test_leaves_what_is_not_as_documented_to_the_shaper(odd: dict[str, Any]) -> None:
    schema = load_schema("conversation_parts")
    added = frozenset({"conversation_id", "conversation_updated_at"})
    assert DocumentedObjects(schema, {}, added).read(raw(odd), {}) is None
    assert DocumentedObjects(schema, {}, added).read(raw({"id": "1"}), {}) == {"id": "1"}
