"""The fast way writes the very bytes that the careful way leads to, or leaves the object to it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given

from sandbox import Switches, Workspace
from sandbox.render import Renderer, View
from sandbox.versions import since
from tap_intercom_conversations.errors import UnusableRecord
from tap_intercom_conversations.jsontext import decode_any
from tap_intercom_conversations.records.careful import RecordShaper
from tap_intercom_conversations.records.documented import NESTING, DocumentedObjects
from tap_intercom_conversations.schemas import load_schema
from tests.support.hostile import SETTINGS, objects

STREAMS = ("conversations", "conversation_parts", "side_conversation_parts", "admins", "teams")
SCHEMAS = {stream: load_schema(stream) for stream in STREAMS}
CAREFUL = {stream: RecordShaper(schema) for stream, schema in SCHEMAS.items()}
FAST = {stream: DocumentedObjects(schema) for stream, schema in SCHEMAS.items()}
ADDED = ("conversation_total_parts", "conversation_id", "conversation_updated_at")
PARTS = DocumentedObjects(SCHEMAS["conversation_parts"], added=ADDED)

# What the API's times may be, where seconds are documented.
ODD_TIMES: list[str] = [
    '"null"',
    '"Null"',
    '""',
    '"1717140600"',
    '"1717140600.5"',
    '"1e9"',
    '" 1717140600"',
    "1717140600.5",
    "1717140600.0",
    "1.7e9",
    "1e400",
    "true",
    "false",
    "[]",
    "{}",
    "[1717140600]",
    "100000000000",  # the first that counts as milliseconds: 1973, not 5138
    "253402300799",
    "1717140600000",
    "-100000000000",
    "-62135596801",
    "99999999999999999999999999",
    '"2026-01-09T09:00:00Z"',
    '"2026-01-09T09:00:00"',
    '"2026-01-09T09:00:00.146Z"',
    '"2026-01-09T09:00:00+02:00"',
    '"2026-01-09T09:00:00+00:00"',
    '"2026-01-09"',
    '"PT5M"',
]


def line(record: Any) -> bytes:
    return msgspec.json.encode(record)


def fast(stream: str, text: bytes) -> bytes | None:
    record = FAST[stream].read(text, {})
    return None if record is None else line(record)


def careful(stream: str, text: bytes) -> bytes | None:
    """The same by the careful way, its fields in the schema's order."""
    try:
        record = CAREFUL[stream].shape(msgspec.json.decode(text))
    except UnusableRecord:
        return None
    return line(in_order(SCHEMAS[stream], record))


def in_order(schema: dict[str, Any], value: Any) -> Any:
    if isinstance(value, dict) and "properties" in schema:
        properties = schema["properties"]
        return {
            name: in_order(properties.get(name, {}), value[name])
            for name in (*properties, *(value.keys() - properties.keys()))
            if name in value
        }
    if isinstance(value, list) and "items" in schema:
        return [in_order(schema["items"], item) for item in value]
    return value


@pytest.mark.parametrize("stream", STREAMS)
def test_writes_the_bytes_of_the_careful_way_or_none(stream: str) -> None:
    taken: list[bytes] = []

    @SETTINGS
    @given(objects(SCHEMAS[stream]))
    def equal(obj: dict[str, Any]) -> None:
        text = line(obj)
        written = fast(stream, text)
        if written is not None:
            taken.append(written)
            assert written == careful(stream, text)

    equal()
    assert taken


@pytest.mark.parametrize("drift", [0.0, 0.3])
@pytest.mark.parametrize(
    "version", ["2.2", "2.5", "2.7", "2.10", "2.14", "2.15", "2.16", "Preview"]
)
def test_writes_the_bytes_of_the_careful_way_for_what_each_version_sends(
    version: str, drift: float
) -> None:
    workspace = Workspace(conversations=60, seed=4)
    renderer = Renderer(workspace, Switches(drift=drift))
    view = View(since(version), monitors=True, scorecards=True, parts=True)
    taken = {"conversations": 0, "conversation_parts": 0}
    for ordinal in range(60):
        conversation = decode_any(renderer.conversation(ordinal, view))
        parts = conversation.pop("conversation_parts")["conversation_parts"]
        owner = {"conversation_id": "1", "conversation_updated_at": 0}
        rows = [("conversation_parts", {**part, **owner}) for part in parts]
        for stream, row in [("conversations", conversation), *rows]:
            text = line(row)
            written = fast(stream, text)
            if written is not None:
                taken[stream] += 1
                assert written == careful(stream, text)
    if since(version) >= since("2.7") and not drift:
        assert taken["conversations"] > 20
        assert taken["conversation_parts"] > 60


def test_a_documented_object_does_not_become_a_dict() -> None:
    record = FAST["conversations"].read(b'{"id":"1","updated_at":1717140600}', {})

    assert isinstance(record, msgspec.Struct)
    assert line(record) == b'{"id":"1","updated_at":"2024-05-31T07:30:00Z"}'


# --- Lax mode's traps ---


@pytest.mark.parametrize("time", ODD_TIMES)
@pytest.mark.parametrize(
    "template",
    [
        '{"id":"1","updated_at":%s}',
        '{"id":"1","updated_at":1,"created_at":%s}',
        '{"id":"1","updated_at":1,"statistics":{"first_close_at":%s}}',
        '{"id":"1","updated_at":1,"tags":{"tags":[{"id":"9","applied_at":%s}]}}',
    ],
)
def test_what_is_no_documented_time_takes_the_careful_way(template: str, time: str) -> None:
    assert fast("conversations", (template % time).encode()) is None


@pytest.mark.parametrize("second", [-62_135_596_800, -1, 0, 951_782_400, 2**31, 10**11 - 1])
def test_seconds_are_written_as_by_the_careful_way(second: int) -> None:
    text = f'{{"id":"1","updated_at":{second},"created_at":{second}}}'.encode()

    assert fast("conversations", text) == careful("conversations", text) is not None


@pytest.mark.parametrize(
    "field",
    [
        *(f'"open":{value}' for value in ("1", "0", "1.0", "0.0", '"1"', '"true"', '"null"', "[]")),
        *(f'"admin_assignee_id":{value}' for value in ('"421"', "421.0", "4e2", '"null"', "true")),
        *(f'"team_assignee_id":{value}' for value in ("421.0", "1e17", "true", "99e99")),
        *(f'"statistics":{value}' for value in ('"null"', "[]", '""', "0", "true")),
        *(f'"custom_attributes":{value}' for value in ('"null"', "[]", '""', "0", "false")),
        *(f'"scorecards":{value}' for value in ('"null"', "{}", '""', "0", "true")),
        *(f'"scorecards":[{value}]' for value in ('"null"', "[]", '""', "0", "true")),
        *(f'"scorecards":[{{"score":{value}}}]' for value in ('"null"', '"0.5"', "true", "1e400")),
        *(f'"title":{value}' for value in ("1", "true", "[]", "{}")),
        f'"statistics":{{"count_reopens":{2**63}}}',
        '"statistics":{"count_reopens":3.5}',
        '"undocumented_fields":{}',
        '"brand_new":null',
    ],
)
def test_what_lax_mode_would_convert_takes_the_careful_way(field: str) -> None:
    assert fast("conversations", f'{{"id":"1","updated_at":1,{field}}}'.encode()) is None


@pytest.mark.parametrize(
    "text",
    [
        b'{"updated_at":1}',
        b'{"id":null,"updated_at":1}',
        b'{"id":"","updated_at":1}',
        b'{"id":1,"updated_at":1}',
        b'{"id":"1"}',
        b'{"id":"1","updated_at":null}',
        b"[]",
        b"null",
        b'"null"',
        b"{",
    ],
)
def test_an_object_without_a_plain_key_takes_the_careful_way(text: bytes) -> None:
    assert fast("conversations", text) is None


@pytest.mark.parametrize(
    "field",
    [
        '"title":"null","open":null,"statistics":null,"custom_attributes":null,"tags":null',
        '"title":"1","source":{"subject":"true","body":""}',
        '"custom_attributes":{"a":"null","b":"1","c":1,"d":1.0,"e":true,"f":[null,{"g":"2026"}]}',
        '"created_at":null,"waiting_since":null,"snoozed_until":-1',
        '"scorecards":[null,{"score":1,"evaluated_at":0},{"score":0.85}]',
        '"admin_assignee_id":0,"team_assignee_id":"0"',
        '"admin_assignee_id":814860,"team_assignee_id":5017691',
        '"admin_assignee_id":null,"team_assignee_id":null',
        '"statistics":{"assigned_team_first_response_time":[{"team_id":5},null,{"team_id":"5"}]}',
        '"company":{"notes":{"notes":[{"author":{"id":"1","team_ids":[814865,null,"2"]}}]}}',
    ],
)
def test_what_is_documented_is_written_as_by_the_careful_way(field: str) -> None:
    text = f'{{"id":"1","updated_at":1,{field}}}'.encode()

    assert fast("conversations", text) == careful("conversations", text) is not None


# --- What no writer could encode ---


@pytest.mark.parametrize("value", ["9" * 5_000, "[" * 3_000 + "]" * 3_000, str(2**63)])
def test_what_cannot_be_encoded_takes_the_careful_way(value: str) -> None:
    text = f'{{"id":"1","updated_at":1,"custom_attributes":{{"a":{value}}}}}'

    assert fast("conversations", text.encode()) is None


def test_nesting_that_the_fast_way_takes_is_deep_enough_for_instances() -> None:
    deep = "[" * NESTING + '{"type":"x"}' + "]" * NESTING
    usual = '{"type":"order.list","instances":[{"id":"1","custom_attributes":{"a":[1,2]}}]}'
    template = '{"id":"1","updated_at":1,"custom_attributes":{"a":%s}}'

    assert fast("conversations", (template % deep).encode()) is None
    assert fast("conversations", (template % usual).encode()) is not None


@pytest.mark.parametrize(
    "text", [rb'"\ud800"', b'"\xff"', b'"\n"', b"NaN"], ids=["surrogate", "utf-8", "control", "nan"]
)
def test_what_msgspec_does_not_decode_takes_the_careful_way(text: bytes) -> None:
    assert fast("conversations", b'{"id":"1","updated_at":1,"title":' + text + b"}") is None


# --- Columns of the stream's own, and dicts ---


def test_adds_the_streams_own_columns_as_the_last() -> None:
    added = dict(zip(ADDED, (3, "7", "2026-05-01T00:00:00Z"), strict=True))
    record = PARTS.read(b'{"created_at":1767225600,"id":"1"}', added)

    assert line(record) == (
        b'{"id":"1","created_at":"2026-01-01T00:00:00Z",'
        b'"conversation_total_parts":3,"conversation_id":"7",'
        b'"conversation_updated_at":"2026-05-01T00:00:00Z"}'
    )


@pytest.mark.parametrize("value", ["null", '"7"', '""', "7", "{}"])
def test_a_column_of_the_streams_own_that_the_object_has_too(value: str) -> None:
    assert PARTS.read(f'{{"id":"1","conversation_id":{value}}}'.encode(), {}) is None


@pytest.mark.parametrize(
    "of_dict", [{"as_dicts": True}, {"mask": {("properties", "title"): False}}]
)
def test_a_dict_has_the_same_values(of_dict: dict[str, Any]) -> None:
    text = b'{"id":"1","updated_at":1717140600,"team_assignee_id":7,"source":{"body":"words"}}'
    record = DocumentedObjects(SCHEMAS["conversations"], **of_dict).read(text, {})

    assert record == {
        "id": "1",
        "updated_at": "2024-05-31T07:30:00Z",
        "team_assignee_id": "7",
        "source": {"body": "words"},
    }


def test_what_is_deselected_is_left_out() -> None:
    mask = {("properties", "title"): False, ("properties", "source", "properties", "body"): False}
    text = b'{"id":"1","updated_at":0,"title":"words","source":{"type":"email","body":"words"}}'
    record = DocumentedObjects(SCHEMAS["conversations"], mask).read(text, {})

    assert record == {"id": "1", "updated_at": "1970-01-01T00:00:00Z", "source": {"type": "email"}}
