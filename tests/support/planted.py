"""Objects of the API with a marked value at each place that may hold personal data.

`documented` fills every field of a schema; `hostile` puts, at every place, what should not stand
there. A mark is a text of its own, and `Marks` remembers what it was planted as.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from tap_intercom_conversations.records.careful import UNDOCUMENTED_FIELDS
from tap_intercom_conversations.records.documented import MOVED, NUMBERED
from tap_intercom_conversations.records.fields import kind_of, personal_kind
from tap_intercom_conversations.schemas import MARK, NOT_PERSONAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conftest import Json

    Schema = Mapping[str, Any]
    Path = tuple[str | int, ...]

CHANGED_AT = 1_780_000_000
"""The `updated_at` of all that is planted, in epoch seconds."""
HOSTILE = "hostile"
"""The kind of a mark where nobody documented a text: it may be anything."""
MOMENTS = ("created_at", "deleted_at", "updated_at")
"""Columns by which a stream may be followed."""
ONCE_TEXTS = {("options", 0), ("ticket_state",)}
"""Once documented as texts: an option was its plain label, a ticket's state its category."""

_MARK = re.compile(r"zq\d{6}zq", re.IGNORECASE)


class Marks:
    """Makes marks, and finds them again.

    Attributes:
        kinds: Mark -> the kind that it was planted as.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}

    def text(self, kind: str) -> str:
        """Make a marked text.

        An e-mail address has its capitals and blanks, as people type it; a page's has its mark
        where names and tokens stand.
        """
        mark = f"zq{len(self.kinds):06d}zq"
        self.kinds[mark] = kind
        forms = {
            "email": f" {mark.upper()}@Example.com ",
            "url": f"https://a.example/b?{mark}#{mark}",
        }
        return forms.get(kind, mark)

    def kinds_in(self, text: str) -> set[str]:
        """The kinds of all marks that stand in a text."""
        return {self.kinds[mark] for mark in self.found_in(text)}

    def found_in(self, text: str) -> set[str]:
        """The marks that stand in a text."""
        return {mark.lower() for mark in _MARK.findall(text)}

    def of(self, *kinds: str) -> set[str]:
        """The marks of some kinds."""
        return {mark for mark, kind in self.kinds.items() if kind in kinds}


def documented(schema: Schema, marks: Marks, identifier: str) -> Json:
    """Make an object with every field of its schema, all of them as documented."""
    fields = _api_columns(schema)
    return {**_value({**schema, "properties": fields}, "", marks), **_head(fields, identifier)}


def _api_columns(schema: Schema) -> dict[str, Schema]:
    """The columns that come from the API, and not from around the object."""
    return {
        name: field
        for name, field in schema["properties"].items()
        if name != UNDOCUMENTED_FIELDS
        and ("null" in field["type"] or not name.endswith(("_id", "_updated_at")))
    }


def _head(fields: Mapping[str, Schema], identifier: str, moment: int = CHANGED_AT) -> Json:
    """What no row can be without: its key, and when it changed."""
    needed = {name for name, field in fields.items() if "null" not in field["type"]}
    times = {name for name in fields if name in MOMENTS}
    return {**dict.fromkeys(needed, identifier), **dict.fromkeys(times, moment)}


def _value(schema: Schema, name: str, marks: Marks) -> Any:
    kind, personal = kind_of(schema), personal_kind(schema)
    if "properties" in schema:
        fields = schema["properties"].items()
        return {key: _value(field, key, marks) for key, field in fields if key not in MOVED}
    if kind == "array":
        return [_value(schema["items"], name, marks)]
    if kind == "object":
        return {"some name": marks.text(personal), marks.text(personal): [{"a": 1}]}
    if kind == "string" and "format" not in schema and name not in NUMBERED:
        return "x" if personal == NOT_PERSONAL else marks.text(personal)
    return {"string": CHANGED_AT, "integer": 7, "number": 1.5, "boolean": True}[kind]


def hostile(schema: Schema, marks: Marks, first: int) -> Iterator[Json]:
    """Make objects that have marked values where they should not stand, at one place a column.

    In a key, or in the time that a stream follows, it is one a row: none of them can be a record.

    Args:
        schema: The marked schema of the stream.
        marks: What makes the values.
        first: The first one's id; the others count on.
    """
    rows: list[Json] = []
    height: Counter[str] = Counter()  # columns spoil nothing for each other, so a row has many
    columns = _api_columns(schema)
    head = _head(columns, "")
    keys: list[Json] = []
    for path, field in _places({**schema, "properties": columns}, ()):
        column = str(path[0])
        if column in head:
            keys += [{column: value} for value in _wrong(field, marks)]
            continue
        for value in _wrong(field, marks):
            if path in ONCE_TEXTS and isinstance(value, str):
                continue
            if height[column] == len(rows):
                rows.append({})
            rows[height[column]] |= _at(path, value)
            height[column] += 1
    for number, row in enumerate([*rows, *_forms_of_old(marks), *keys], first):
        yield {**_head(columns, str(number), CHANGED_AT + number - first), **row}


def _places(schema: Schema, path: Path) -> Iterator[tuple[Path, Schema]]:
    """Yield each place of a schema, of objects also one that nobody documented."""
    for name, field in schema.get("properties", {}).items():
        yield (*path, name), field
        yield from _places(field, (*path, name))
    if "items" in schema:
        yield (*path, 0), schema["items"]
        yield from _places(schema["items"], (*path, 0))
    if "properties" in schema:
        yield (*path, "zq_unknown"), {"type": "null", MARK: "free"}


def _wrong(schema: Schema, marks: Marks) -> Iterator[Any]:
    """Yield marked values that are not of a field's type."""
    kind = kind_of(schema) if schema["type"] != "null" else "null"
    text = marks.text(HOSTILE)
    if kind != "string":
        yield text
        yield {text: text} if kind != "object" else [text]
        yield [{"email": text, "zq_words": text}]
    elif "format" in schema:
        yield text
        yield {"a": [text]}
    else:
        yield {"email": text, "image_url": [text]}
        yield [text]
        yield [[{text: 1.5}]]


def _at(path: Path, value: Any) -> Json:
    for step in reversed(path):
        value = [value] if step == 0 else {step: value}
    found: Json = value
    return found


def _forms_of_old(marks: Marks) -> Iterator[Json]:
    """Yield the forms that objects had in older versions."""
    person = {"type": "admin", "id": "5", "name": marks.text("name"), "email": marks.text("email")}
    contact = {"type": "user", "id": "6", "external_id": marks.text("identifier")}
    yield {"teammates": [person], "contacts": [contact]}
    yield {"teammates": {"type": "admin.list", "admins": [person]}}
    yield {"statistics": {"last_closed_by": person}, "assignee": person}
    yield {"avatar": {"type": "avatar", "image_url": marks.text("file")}}
    yield {"full_name": "x", "options": ["x"]}
    yield {marks.text(HOSTILE): marks.text(HOSTILE), "undocumented_fields": marks.text(HOSTILE)}
