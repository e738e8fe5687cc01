"""What becomes of personal data on either way to a record."""

from __future__ import annotations

import hashlib
import hmac
import json
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_intercom_conversations.records.careful import RecordShaper
from tap_intercom_conversations.records.documented import DocumentedObjects
from tap_intercom_conversations.records.redaction import HASH_CHARACTERS, Redaction
from tap_intercom_conversations.schemas import load_marked_schema, load_schema
from tap_intercom_conversations.settings.privacy import KINDS, PRESETS
from tests.support.hostile import SETTINGS, errors, objects
from tests.support.planted import CHANGED_AT, Marks, documented
from tests.unit.test_schemas import STREAMS

KEY = "some key"
SCHEMAS = {stream: load_marked_schema(stream) for stream in STREAMS}
ADDED: dict[str, dict[str, Any]] = {
    stream: {
        name: CHANGED_AT if "format" in field else "1"
        for name, field in schema["properties"].items()
        if field["type"] == "string"
    }
    for stream, schema in SCHEMAS.items()
}
"""Columns that no row is without, as a stream adds them to what the API sends."""
OBJECTS = {stream: objects(schema) for stream, schema in SCHEMAS.items()}
ANALYTICS = {
    stream: RecordShaper(schema, {}, Redaction(PRESETS["analytics"], KEY))
    for stream, schema in SCHEMAS.items()
}
HEAD: dict[str, Any] = {"id": "1", "updated_at": CHANGED_AT}
AUTHOR = {"type": "user", "id": "5", "name": "Ada", "email": " Ada@Example.com"}


def hash_of(text: str, key: str = KEY) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def fast(obj: dict[str, Any], stream: str = "conversations", **rules: str) -> Any:
    """The record of an object, the fast way; None if it is not as documented."""
    reader = DocumentedObjects(SCHEMAS[stream], redaction=Redaction(rules, KEY))
    record = reader.read(json.dumps(obj).encode(), {})
    return record and msgspec.json.decode(msgspec.json.encode(record))


def careful(obj: dict[str, Any], stream: str = "conversations", **rules: str) -> Any:
    """The record of an object, the careful way."""
    return RecordShaper(SCHEMAS[stream], {}, Redaction(rules, KEY)).shape(deepcopy(obj))


WAYS = pytest.mark.parametrize("way", [fast, careful])


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("preset", PRESETS)
def test_both_ways_make_the_same_record(stream: str, preset: str) -> None:
    marks = Marks()
    obj = {**ADDED[stream], **documented(SCHEMAS[stream], marks, "1")}
    rules = PRESETS[preset]
    quick, slow = fast(obj, stream, **rules), careful(obj, stream, **rules)

    assert quick is not None, "it is as documented"
    assert quick == slow
    assert marks.kinds_in(json.dumps(quick)).isdisjoint(rules)
    assert marks.of(*KINDS) - marks.of(*rules) <= marks.found_in(json.dumps(quick))
    assert errors(load_schema(stream), slow) == []


@pytest.mark.parametrize("action", ["drop", "hash"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_goes_alone(kind: str, action: str) -> None:
    """From each stream that has it, and no other kind with it."""
    for stream, schema in SCHEMAS.items():
        marks = Marks()
        obj = documented(schema, marks, "1")
        if not marks.of(kind):
            continue
        record = careful({**ADDED[stream], **obj}, stream, **{kind: action})

        assert marks.of(kind).isdisjoint(marks.found_in(json.dumps(record)))
        assert marks.of(*KINDS.keys() - {kind}) <= marks.found_in(json.dumps(record))


@WAYS
def test_a_hash_is_hmac_sha_256_as_text(way: Any) -> None:
    author = way({**HEAD, "source": {"author": AUTHOR}}, name="hash")["source"]["author"]

    assert author == {**AUTHOR, "name": hash_of("Ada")}
    assert len(author["name"]) == HASH_CHARACTERS


@WAYS
@pytest.mark.parametrize("email", ["ada@example.com", "ADA@example.COM", " Ada@Example.com\n"])
def test_one_address_has_one_hash(way: Any, email: str) -> None:
    record = way({**HEAD, "source": {"author": {**AUTHOR, "email": email}}}, email="hash")

    assert record["source"]["author"]["email"] == hash_of("ada@example.com")


@WAYS
def test_the_same_in_another_stream_has_the_same_hash(way: Any) -> None:
    admin = way({"id": "5", "email": "ada@example.com"}, "admins", email="hash")

    assert admin["email"] == hash_of("ada@example.com")


def test_another_key_makes_another_hash() -> None:
    assert hash_of("Ada", "another") != fast({**HEAD, "title": "Ada"}, subject="hash")["title"]


@WAYS
@pytest.mark.parametrize("nobody", ["", None])
def test_nobody_has_no_hash(way: Any, nobody: str | None) -> None:
    assert way({**HEAD, "title": nobody}, subject="hash")["title"] == nobody


def test_a_wrapped_nobody_has_no_hash() -> None:
    sent = {"id": "5", "avatar": {"type": "avatar", "image_url": None}}

    assert careful(sent, "admins", file="hash")["avatar"] is None


@WAYS
def test_what_can_hold_no_hash_is_null(way: Any) -> None:
    record = way({**HEAD, "custom_attributes": {"a": 1}, "title": "x"}, free="hash")

    assert record["custom_attributes"] is None
    assert record["title"] == "x"


@WAYS
def test_what_is_dropped_is_null_also_where_the_api_does_not_send_it(way: Any) -> None:
    record = way({**HEAD, "source": {"type": "email"}}, subject="drop", free="drop")

    assert record["title"] is None
    assert record["undocumented_fields"] is None
    assert record["source"] == {"type": "email", "subject": None}


def test_a_list_of_texts_has_each_hashed() -> None:
    items = {"type": ["string", "null"], "x-personal": "phone"}
    schema = {
        "type": "object",
        "properties": {"phones": {"type": ["array", "null"], "items": items}},
    }
    redaction = Redaction({"phone": "hash"}, KEY)
    obj = {"phones": ["1", None]}
    record = DocumentedObjects(schema, redaction=redaction).read(json.dumps(obj).encode(), {})

    assert msgspec.to_builtins(record) == {"phones": [hash_of("1"), None]}
    assert RecordShaper(schema, {}, redaction).shape(obj) == {"phones": [hash_of("1"), None]}


@pytest.mark.parametrize(
    "marked",
    [
        {"type": ["string", "null"]},
        {"type": ["object", "null"], "properties": {"a": {"type": ["string", "null"]}}},
    ],
)
@pytest.mark.parametrize("action", ["drop", "hash"])
def test_the_mark_of_a_list_is_that_of_its_items_either_way(
    marked: dict[str, Any], action: str
) -> None:
    """A mark on the list itself means nothing; `test_schemas` lets none stand there."""
    phones = {"type": ["array", "null"], "x-personal": "phone", "items": marked}
    schema = {"type": "object", "properties": {"phones": phones}}
    redaction = Redaction({"phone": action}, KEY)
    obj = {"phones": ["1" if marked["type"][0] == "string" else {"a": "1"}]}
    record = DocumentedObjects(schema, redaction=redaction).read(json.dumps(obj).encode(), {})

    assert msgspec.to_builtins(record) == obj
    assert RecordShaper(schema, {}, redaction).shape(deepcopy(obj)) == obj


@pytest.mark.parametrize("both", [[{"id": "5", "name": "Ada"}], {"name": "Ada"}])
def test_a_second_list_of_teammates_is_not_kept(both: Any) -> None:
    sent = {**HEAD, "teammates": {"teammates": [AUTHOR], "admins": both, "words": "x"}}
    record = careful(sent, name="hash")

    assert "Ada" not in json.dumps(record["teammates"]["teammates"][0]["name"])
    assert "admins" not in record["teammates"]
    assert record["teammates"]["words"] == "x"
    assert careful(sent, subject="drop")["teammates"]["admins"] == both


@pytest.mark.parametrize("name", ["company.website", "company.name"])
def test_a_website_tells_no_more_than_the_name(name: str) -> None:
    """Whoever has the one has the other."""
    _, field = name.split(".")
    record = fast({**HEAD, "company": {field: "ada.example"}}, **PRESETS["analytics"])

    assert record["company"][field] == hash_of("ada.example")


@pytest.mark.parametrize(
    "source",
    [
        "words of Ada",
        ["words"],
        {"author": "Ada Lovelace"},
        {"author": [AUTHOR]},
        {"author": {**AUTHOR, "email": ["ada@example.com"], "words": "x"}},
        {"recipients": {"email": "ada@example.com"}},
        {"type": {"email": "ada@example.com"}},
    ],
)
def test_nothing_is_kept_under_undocumented_fields(source: Any) -> None:
    text = json.dumps(careful({**HEAD, "source": source, "Ada": "Ada"}, **PRESETS["strict"]))

    assert "ada" not in text.lower()
    assert "words" not in text


def test_where_free_is_kept_what_stands_for_something_dropped_is_not() -> None:
    sent = {**HEAD, "brand": "x", "source": ["ada@example.com"]}
    record = careful(sent, email="drop")

    assert record["undocumented_fields"] == {"brand": "x"}
    assert record["source"] is None


@pytest.mark.parametrize("text", ["215468", "5fbd5ffa5a1eb7a2c0a5d0c1"])
def test_a_bare_id_is_still_one(text: str) -> None:
    record = careful({**HEAD, "source": {"author": text}}, **PRESETS["strict"])

    assert record["source"]["author"]["id"] == text


@pytest.mark.parametrize("stream", STREAMS)
@SETTINGS
@given(st.data())
def test_every_record_is_valid(stream: str, data: st.DataObject) -> None:
    sent = data.draw(OBJECTS[stream])

    assert errors(load_schema(stream), ANALYTICS[stream].shape(deepcopy(sent))) == []


def test_hashes_need_a_key() -> None:
    with pytest.raises(ValueError, match="key"):
        Redaction({"email": "hash"})
