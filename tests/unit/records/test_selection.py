"""What is deselected is left out of a record, just as the SDK would do it, only in passing."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.helpers._catalog import pop_deselected_record_properties
from singer_sdk.singerlib import SelectionMask

from tap_intercom_conversations.records.careful import RecordShaper
from tap_intercom_conversations.schemas import load_schema
from tests.support.hostile import SETTINGS, objects
from tests.unit.test_schemas import NEVER_NULL, walk

KEY = {"id": "1", "updated_at": "2024-05-31T09:30:00Z"}
SCHEMAS = {
    stream: load_schema(stream) for stream in ("conversations", "conversation_parts", "admins")
}
WHOLE = {stream: RecordShaper(schema) for stream, schema in SCHEMAS.items()}
OBJECTS = {stream: objects(schema) for stream, schema in SCHEMAS.items()}


def select(obj: dict[str, Any], *deselected: str) -> dict[str, Any]:
    mask = {(): True, ("properties", "id"): True} | {crumbs(path): False for path in deselected}
    return RecordShaper(SCHEMAS["conversations"], mask).shape({**KEY, **obj})


def test_leaves_out_what_is_deselected() -> None:
    record = select(
        {
            "source": {"type": "email", "body": "words"},
            "statistics": {"last_closed_by": {"id": 5}, "count_reopens": "n/a"},
            "custom_attributes": {"Plan": "pro", "Seats": 5},
            "title": "words",
            "brand": 5,
        },
        "source.body",
        "statistics.last_closed_by",
        "custom_attributes.Plan",
        "undocumented_fields.brand",
        "title",
    )

    assert record == {
        **KEY,
        "source": {"type": "email"},
        "statistics": {"last_closed_by_id": "5", "count_reopens": None},
        "custom_attributes": {"Seats": 5},
        "undocumented_fields": {"statistics.count_reopens": "n/a"},
    }


def test_what_is_deselected_leaves_no_trace() -> None:
    record = select(
        {"custom_attributes": ["private"], "source": {"redacted": "private"}},
        "custom_attributes",
        "source.redacted",
    )

    assert record == {**KEY, "source": {}}


def test_a_parent_that_is_deselected_takes_all_with_it() -> None:
    record = select({"source": {"type": "email"}}, "source.type", "source", "source.author.id")

    assert record == KEY


@pytest.mark.parametrize("stream", SCHEMAS)
@SETTINGS
@given(st.data())
def test_selection_is_what_the_sdk_would_do(stream: str, data: st.DataObject) -> None:
    schema = SCHEMAS[stream]
    paths = [path for path, _ in walk(schema) if "[]" not in path]
    chosen = data.draw(st.lists(st.sampled_from(paths), max_size=4))
    selected = data.draw(st.lists(st.sampled_from(paths), max_size=2))
    mask = SelectionMask({crumbs(path): False for path in chosen})
    mask |= {crumbs(path): True for path in [*selected, *NEVER_NULL[stream]]}
    sent = data.draw(OBJECTS[stream])

    record = RecordShaper(schema, mask).shape(deepcopy(sent))

    expected = WHOLE[stream].shape(deepcopy(sent))
    forget(expected, [path for path in chosen if not mask[crumbs(path)]], sent)
    pop_deselected_record_properties(expected, schema, mask)
    assert record == expected


def crumbs(path: str) -> tuple[str, ...]:
    """Write a path as Singer does."""
    return tuple(crumb for name in path.split(".") for crumb in ("properties", name))


def forget(record: dict[str, Any], deselected: list[str], sent: dict[str, Any]) -> None:
    """Take away what the SDK cannot know of: what a deselected value left over."""
    leftovers = record.get("undocumented_fields", {})
    for path in list(leftovers):
        # What was sent under just this name is no value's path.
        is_path = path not in sent or path in record
        below = tuple(f"{name}{mark}" for name in deselected for mark in (".", "[", "'"))
        if is_path and (path in deselected or path.startswith(below)):
            del leftovers[path]
    if not leftovers:
        record.pop("undocumented_fields", None)
