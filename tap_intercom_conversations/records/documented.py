"""The fast way: an object that is just as documented goes from JSON to JSON as a struct.

msgspec decodes it into a struct that is made from the schema, with datetimes for its times, and
encodes that struct as the record. It refuses whatever is not exactly of the schema's types: that
takes the careful way. What is left to do in Python is to write some ids as texts, and to replace
personal data that is not wanted: what is dropped is not even decoded.

Only msgspec's lax mode makes datetimes of epoch seconds, but it takes much else on the way: "1" for
true, "421" for 421, "null" for null, milliseconds for seconds. Two guards refuse all of it:

- the type of each other field also takes texts and numbers that no value can be (`_NO_TEXT`...),
  as msgspec tries a conversion only where the type has no place for a value as it stands;
- a datetime's type cannot be guarded so. The object is decoded twice, the first time in strict mode
  and only its times, as whole seconds (`_times_type`).
"""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from tap_intercom_conversations.records.careful import UNDOCUMENTED_FIELDS
from tap_intercom_conversations.records.fields import kind_of
from tap_intercom_conversations.records.quirks import FALLBACKS, zero_is_nobody
from tap_intercom_conversations.records.redaction import KEEP_ALL
from tap_intercom_conversations.records.selection import deselected, drop

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tap_intercom_conversations.records import Record
    from tap_intercom_conversations.records.redaction import Hash, Redaction

    Rewrite = Callable[[msgspec.Struct], None]

# No value keeps to these limits, so a text (a number) of any value is refused.
_NO_TEXT = Annotated[str, msgspec.Meta(min_length=1, max_length=0)]
_NO_WHOLE = Annotated[int, msgspec.Meta(ge=1, le=0)]
_NO_FLOAT = Annotated[float, msgspec.Meta(ge=1, le=0)]

_Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Seconds = Annotated[int, msgspec.Meta(ge=-62_135_596_800, lt=10**11)]
"""Seconds from the year 1 on, and too few to be milliseconds."""
_Key = Annotated[str, msgspec.Meta(min_length=1)]

NESTING = 5
"""Levels that a value in `custom_attributes` may have; enough for a list in the custom attributes
of an instance of a custom object. Each level more doubles the time that compiling takes."""


def _plain(levels: int) -> Any:
    """The type of any JSON of so many levels; unlike `Any` it holds nothing that cannot be encoded.

    msgspec decodes whole numbers of any length, but Python writes none of more than 4,300 digits.
    """
    scalar = str | _Whole | float | bool | None
    if not levels:
        return scalar
    below = _plain(levels - 1)
    return scalar | dict[str, below] | list[below]  # type: ignore[valid-type]  # made at run time


_FREE_OBJECT: Any = dict[str, _plain(NESTING)]  # type: ignore[misc]  # made at run time

# Documented as integers, where a row needs a text to join by.
NUMBERED = frozenset(
    {
        "team_assignee_id",
        "team_id",
        "team_ids",
        "admin_ids",
        "primary_team_ids",
        "secondary_team_ids",
        "primary_admin_ids",
        "secondary_admin_ids",
        "away_status_reason_id",
        "owner_id",
        "ticket_type_id",
        "author_id",
        "created_by_id",
        "updated_by_id",
        "parent_id",
        "parent_ids",
        "folder_id",
        "help_center_id",
    }
)
# Fields that were moved or misspelt once: the careful way knows what to do with them.
MOVED = frozenset(elsewhere[0] for _, elsewhere in FALLBACKS) - {"full_name"}


class DocumentedObjects:
    """Reads one stream's objects, as far as they are as documented."""

    def __init__(
        self,
        schema: Mapping[str, Any],
        mask: Mapping[tuple[str, ...], bool] | None = None,
        *,
        added: Collection[str] = (),
        as_dicts: bool = False,
        redaction: Redaction = KEEP_ALL,
    ) -> None:
        """Compile the schema.

        Args:
            schema: The stream's schema, without references.
            mask: Which breadcrumbs are selected, as the SDK's `Stream.mask` has it.
            added: Columns that are not the API's, but the stream's own, in their order: they are
                the record's last.
            as_dicts: Whether the records must be dicts; what deselects a field makes them so, too.
            redaction: What becomes of the personal data that the schema marks.
        """
        columns = schema["properties"]
        api_columns = {name: field for name, field in columns.items() if name not in added}
        api_schema = {**schema, "properties": api_columns}
        struct = _struct_of(api_schema, "", redaction, added)
        self._decode = msgspec.json.Decoder(struct, strict=False).decode
        self._check_times = msgspec.json.Decoder(_times_type(api_schema) or msgspec.Raw).decode
        self._rewrite = _compile_rewrite(api_schema, redaction)
        self._deselected = deselected(mask or {})
        self._as_dicts = as_dicts or bool(self._deselected)

    def read(self, raw: bytes | msgspec.Raw, added: Mapping[str, Any]) -> Record | None:
        """Make a record.

        Args:
            raw: The object's JSON.
            added: The stream's own columns, as the record shall have them.

        Returns:
            The record; None if the object is not just as documented.
        """
        try:
            self._check_times(raw)
            record: msgspec.Struct = self._decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        if self._rewrite is not None:
            self._rewrite(record)
        for name, value in added.items():
            setattr(record, name, value)
        return self._as_dict(record) if self._as_dicts else record

    def _as_dict(self, struct: msgspec.Struct) -> dict[str, Any]:
        record: dict[str, Any] = msgspec.to_builtins(struct)
        drop(record, self._deselected)
        return record


def _type_of(schema: Mapping[str, Any], name: str, redaction: Redaction) -> Any:
    """The type of a field whose value is neither null nor missing."""
    kind = kind_of(schema)
    if kind == "object":
        has_fields = "properties" in schema
        return (_struct_of(schema, name, redaction) if has_fields else _FREE_OBJECT) | _NO_TEXT
    if kind == "array":
        item = _type_of(schema["items"], name, redaction)
        return list[item | None] | _NO_TEXT  # type: ignore[valid-type]  # made at run time
    if schema.get("format") == "date-time":
        return Annotated[datetime, msgspec.Meta(tz=True)]
    if name in NUMBERED:
        return _Whole | _NO_FLOAT | str
    if kind == "string":
        return str if "null" in schema["type"] else _Key
    return {
        "integer": _Whole | _NO_FLOAT | _NO_TEXT,
        "number": _Whole | float | _NO_TEXT,
        "boolean": bool | _NO_WHOLE | _NO_FLOAT | _NO_TEXT,
    }[kind]


def _struct_of(
    schema: Mapping[str, Any], name: str, redaction: Redaction, added: Collection[str] = ()
) -> Any:
    """The struct of an object; `added` are columns that the object itself must not have."""
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for key, field in _columns(schema, redaction).items():
        if redaction.drops(field):
            fields.append((key, msgspec.Raw, None))
            continue
        kind = _type_of(field, key, redaction)
        fields.append((key, *_optional(kind)) if "null" in field["type"] else (key, kind))
    fields += [(key, _NO_TEXT | msgspec.UnsetType, msgspec.UNSET) for key in added]
    return _defstruct(name, fields, forbid_unknown_fields=True)


def _columns(schema: Mapping[str, Any], redaction: Redaction) -> dict[str, Mapping[str, Any]]:
    """The fields that an object's struct has."""
    return {
        key: field
        for key, field in schema.get("properties", {}).items()
        if key not in MOVED and (key != UNDOCUMENTED_FIELDS or redaction.drops_free)
    }


def _times_type(schema: Mapping[str, Any]) -> Any:
    """The type of a value of which only the times are decoded; None if it has none."""
    if schema.get("format") == "date-time":
        return _Seconds
    if "items" in schema:
        item = _times_type(schema["items"])
        return item and list[item | None]  # type: ignore[valid-type]  # made at run time
    fields = [
        (name, *_optional(kind))
        for name, field in schema.get("properties", {}).items()
        if (kind := _times_type(field)) is not None
    ]
    return _defstruct("Times", fields) if fields else None


def _optional(kind: Any) -> tuple[Any, msgspec.UnsetType]:
    """The type of a field that may be null or missing, and its default."""
    return reduce(or_, (kind, None, msgspec.UnsetType)), msgspec.UNSET


def _defstruct(name: str, fields: Any, *, forbid_unknown_fields: bool = False) -> Any:
    return msgspec.defstruct(
        name or "Object",
        fields,
        kw_only=True,
        forbid_unknown_fields=forbid_unknown_fields,
        gc=False,  # what JSON decodes to has no cycles
    )


def _compile_rewrite(schema: Mapping[str, Any], redaction: Redaction) -> Rewrite | None:
    """Compile what is left to do in Python; None if an object has nothing of it, on any level."""
    columns = _columns(schema, redaction)
    dropped = [name for name, field in columns.items() if redaction.drops(field)]
    assignees = zero_is_nobody(columns)
    changes = [
        (name, change)
        for name, field in columns.items()
        if name not in dropped and (change := _change(name, field, redaction, assignees))
    ]
    below = [
        (name, rewrite)
        for name, field in columns.items()
        if name not in dropped and (rewrite := _rewrite_below(field, redaction))
    ]
    if not (dropped or changes or below):
        return None

    def rewrite_object(struct: msgspec.Struct) -> None:
        for name in dropped:
            setattr(struct, name, None)
        for name, change in changes:
            value = getattr(struct, name)
            if value is not None and value is not msgspec.UNSET:
                setattr(struct, name, change(value))
        for name, rewrite in below:
            if child := getattr(struct, name):  # neither null nor missing
                rewrite(child)

    return rewrite_object


def _rewrite_below(field: Mapping[str, Any], redaction: Redaction) -> Callable[[Any], None] | None:
    """Compile the rewrite of a field's object, or of the objects in its list."""
    if "items" not in field:
        return _compile_rewrite(field, redaction)
    rewrite = _compile_rewrite(field["items"], redaction)
    if rewrite is None:
        return None

    def rewrite_items(items: list[msgspec.Struct | None]) -> None:
        for item in items:
            if item is not None:
                rewrite(item)

    return rewrite_items


def _change(
    name: str, field: Mapping[str, Any], redaction: Redaction, assignees: Collection[str]
) -> Callable[[Any], Any] | None:
    """What is to be done to a value that is as documented."""
    if hashed := redaction.hasher_for(field):
        return _each(hashed) if kind_of(field) == "array" else hashed
    if name in assignees:
        return _team if name in NUMBERED else _admin
    if name in NUMBERED:
        return _each(str) if kind_of(field) == "array" else str
    return None


def _each(change: Hash | type[str]) -> Callable[[list[Any]], list[str | None]]:
    return lambda values: [None if value is None else change(value) for value in values]


def _admin(value: int) -> int | None:
    return value or None


def _team(value: int | str) -> str | None:
    return None if value in (0, "0") else str(value)
