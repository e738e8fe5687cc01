"""The schemas are complete, described, and such as Singer targets can use."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from tap_intercom_conversations.schemas import (
    MARK,
    NOT_PERSONAL,
    load_marked_schema,
    load_schema,
)
from tap_intercom_conversations.settings.privacy import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

# Stream -> its columns that are never null: its key, and its replication key if it has one.
NEVER_NULL = {
    "conversations": {"id", "updated_at"},
    "conversation_parts": {"conversation_id", "id", "conversation_updated_at"},
    "conversation_tags": {"conversation_id", "tag_id", "conversation_updated_at"},
    "conversation_contacts": {"conversation_id", "contact_id", "conversation_updated_at"},
    "conversation_teammates": {"conversation_id", "admin_id", "conversation_updated_at"},
    "conversation_handling_events": {"conversation_id", "id", "conversation_updated_at"},
    "side_conversation_parts": {
        "conversation_id",
        "side_conversation_id",
        "id",
        "conversation_updated_at",
    },
    "calls": {"id", "conversation_updated_at"},
    "conversation_counts": {"week"},
    "deleted_conversations": {"id", "deleted_at"},
    "conversation_attributes": {"id"},
    "admins": {"id"},
    "teams": {"id"},
    "tags": {"id"},
    "contacts": {"id", "updated_at"},
    "contact_companies": {"contact_id", "company_id", "contact_updated_at"},
    "contact_tags": {"contact_id", "tag_id", "contact_updated_at"},
    "contact_activities": {"id", "created_at"},
    "companies": {"id"},
    "tickets": {"id", "updated_at"},
    "ticket_parts": {"ticket_id", "id", "ticket_updated_at"},
    "ticket_types": {"id"},
    "ticket_states": {"id"},
    "segments": {"id"},
    "contact_attributes": {"full_name"},
    "company_attributes": {"full_name"},
    "admin_activity_logs": {"id", "created_at"},
    "articles": {"id"},
    "help_center_collections": {"id"},
}
STREAMS = sorted(NEVER_NULL)

# What the tap adds to what the API documents.
OURS = {
    "conversation_id",
    "conversation_updated_at",
    "conversation_total_parts",
    "ticket_id",
    "ticket_updated_at",
    "ticket_total_parts",
    "side_conversation_total_parts",
    "undocumented_fields",
}
OURS_IN = {"conversation_handling_events": {"id"}}  # the API's events have none
# A shared part has the fields of all its places, also where the documents list fewer.
SHARED = re.compile(
    r"(company\.)?tags\.?(tags)?\[\]\.applied_.*"
    r"|email_message_metadata\.history|waiting_since"
    r"|event_details\.sla_states\..*"
)


def walk(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each place below a schema: `tags`, `tags.tags`, `tags.tags[]`, `tags.tags[].id`..."""
    for name, field in schema.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        yield place, field
        yield from walk(field, place)
    if "items" in schema:
        yield f"{path}[]", schema["items"]
        yield from walk(schema["items"], f"{path}[]")


def kind(schema: dict[str, Any]) -> str:
    """Name a column's type as the table of documented fields does."""
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    name = str(types[0])
    if name == "array":
        return f"array of {kind(schema['items'])}s"
    return "time" if schema.get("format") == "date-time" else name


def documented() -> dict[str, dict[str, tuple[str, str]]]:
    """Read the table: stream -> path -> (version that has it first, type)."""
    table: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    text = Path(__file__).with_name("data").joinpath("documented_fields.txt").read_text("utf-8")
    stream = ""
    for line in text.splitlines():
        if line.startswith("["):
            stream = line.strip("[]")
        elif line and not line.startswith("#"):
            since, path, column = line.split(maxsplit=2)
            table[stream][path.rstrip(":")] = (since, column)
    return table


DOCUMENTED = documented()


def test_every_stream_has_a_file_and_every_file_a_stream() -> None:
    folder = files("tap_intercom_conversations.schemas")
    names = {Path(file.name).stem for file in folder.iterdir() if file.name.endswith(".json")}

    assert names == {*STREAMS, "shared"}


@pytest.mark.parametrize("stream", STREAMS)
def test_is_a_plain_schema(stream: str) -> None:
    schema = load_schema(stream)
    text = json.dumps(schema)

    Draft7Validator.check_schema(schema)
    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    for word in ("$ref", "$defs", "$schema", "enum", "required", "additionalProperties"):
        assert f'"{word}": ' not in text.replace('"required": {', "")  # an attribute's field


@pytest.mark.parametrize("stream", STREAMS)
def test_every_property_is_described(stream: str) -> None:
    nameless = [path for path, field in walk(load_schema(stream)) if not field.get("description")]

    assert nameless == []


@pytest.mark.parametrize("stream", STREAMS)
def test_every_property_says_what_personal_data_it_holds(stream: str) -> None:
    """A field with fields of its own leaves it to them, a list to its items."""
    marks = {
        path: field.get(MARK)
        for path, field in walk(load_marked_schema(stream))
        if "properties" not in field and "items" not in field
    }

    assert [path for path, mark in marks.items() if mark not in {*KINDS, NOT_PERSONAL}] == []
    assert [path for path in NEVER_NULL[stream] if marks[path] != NOT_PERSONAL] == []


@pytest.mark.parametrize("stream", STREAMS)
def test_no_mark_stands_where_it_has_no_meaning(stream: str) -> None:
    marked = [path for path, field in walk(load_marked_schema(stream)) if MARK in field]
    fields = dict(walk(load_marked_schema(stream)))

    assert [path for path in marked if {"properties", "items"} & fields[path].keys()] == []
    assert MARK not in json.dumps(load_schema(stream))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("title", "subject"),
        ("company.notes.notes[].body", "body"),
        ("company.notes.notes[].author.email", "email"),
        ("company.custom_attributes", "free"),
        ("source.subject", "subject"),
        ("source.recipients[].email", "email"),
        ("source.reply_to[].email", "email"),
        ("source.email_message_metadata.email_address_headers[].email_address", "email"),
        ("sales_agent.collected_data", "free"),
        ("undocumented_fields", "free"),
        ("source.author.id", "none"),
    ],
)
def test_places_that_are_easily_forgotten(path: str, kind: str) -> None:
    assert dict(walk(load_marked_schema("conversations")))[path][MARK] == kind


def test_an_id_that_may_be_the_value_itself_is_marked_as_the_value() -> None:
    """`{"type": "value", "id": "Fast", "label": "Fast"}`, say the documents of a ticket's part."""
    parts = dict(walk(load_marked_schema("ticket_parts")))
    value = "updated_attribute_data.value"

    assert parts[f"{value}.id"][MARK] == parts[f"{value}.label"][MARK] == "free"


@pytest.mark.parametrize("stream", STREAMS)
def test_only_the_keys_are_never_null(stream: str) -> None:
    schema = load_schema(stream)
    never_null = {path for path, field in walk(schema) if "null" not in field["type"]}

    assert never_null == NEVER_NULL[stream]
    assert all(schema["properties"][name]["type"] == "string" for name in never_null)
    assert schema["properties"]["undocumented_fields"]["type"] == ["object", "null"]


@pytest.mark.parametrize("stream", STREAMS)
def test_ids_are_strings(stream: str) -> None:
    numbers = [
        path
        for path, field in walk(load_schema(stream))
        if re.search(r"(^|[._])ids?(\[\])?$", path)
        and kind(field) not in {"string", "array of strings"}
    ]

    # One is documented as an integer, and people join by it.
    has_assignee = stream in {"conversations", "conversation_parts", "tickets", "ticket_parts"}
    assert numbers == (["admin_assignee_id"] if has_assignee else [])


@pytest.mark.parametrize("stream", sorted(DOCUMENTED))
def test_every_documented_field_has_its_column(stream: str) -> None:
    columns = {path: kind(field) for path, field in walk(load_schema(stream))}
    # `*` stands for keys that are not fixed; those of SLA targets are known.
    wanted = {
        path.replace("*", target): column
        for path, (_, column) in DOCUMENTED[stream].items()
        for target in ("first_reply_time", "time_to_close")
    }

    assert {path: columns.get(path) for path in wanted} == wanted


@pytest.mark.parametrize("stream", sorted(DOCUMENTED))
def test_no_column_is_made_up(stream: str) -> None:
    made_up = [
        path
        for path, _ in walk(load_schema(stream))
        if path not in {*DOCUMENTED[stream], *OURS, *OURS_IN.get(stream, ())}
        and not path.endswith("[]")
        and not SHARED.fullmatch(path)
    ]

    assert made_up == []


@pytest.mark.parametrize("stream", sorted(DOCUMENTED))
def test_says_since_when(stream: str) -> None:
    schema = load_schema(stream)
    fields = dict(walk(schema))
    silent = []
    for path, (since, _) in DOCUMENTED[stream].items():
        place = path.replace("*", "time_to_close")
        said = schema["description"] + "".join(
            field["description"]
            for above, field in fields.items()
            if f"{place}.".startswith((f"{above}.", f"{above}["))
        )
        note = {
            "2.0": "before 2.7",
            "2.7": "",
            "Preview": "Preview version",
            "examples": "undocumented",
            "seen": "Undocumented",
        }.get(since, f"From API version {since} on")
        if note not in said:
            silent.append((path, since))

    assert silent == []


def test_says_the_unit_of_every_duration() -> None:
    durations = [
        field["description"]
        for stream in STREAMS
        for path, field in walk(load_schema(stream))
        if re.search(r"time_to_|_time$|seconds_remaining", path) and kind(field) == "integer"
    ]

    assert len(durations) > 20
    assert all("In seconds." in description for description in durations)


def test_a_copy_is_the_callers_own() -> None:
    load_schema("tags")["properties"]["id"]["type"] = "integer"
    load_schema("tags")["properties"]["name"]["type"].append("integer")

    assert load_schema("tags")["properties"]["id"]["type"] == "string"
    assert load_schema("tags")["properties"]["name"]["type"] == ["string", "null"]


def test_a_shared_part_is_described_for_its_place() -> None:
    fields = load_schema("conversations")["properties"]

    assert fields["assignee"]["description"].startswith("Who the conversation is assigned to.")
    assert fields["assignee"]["properties"]["id"]["description"].startswith("Id of the teammate")


def test_loading_is_quick() -> None:
    load_schema("conversations")
    begin = time.perf_counter()
    for stream in STREAMS:
        load_schema(stream)

    assert time.perf_counter() - begin < 0.5
