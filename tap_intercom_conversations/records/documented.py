"""The fast path: an object that is just as documented becomes a record nearly without Python.

msgspec decodes it as types that are made from the schema, and refuses whatever is not exactly of
them: then `records.py` shapes it, from scratch. What is left to do here is what the schema has
otherwise than the API even where all is as documented: times, and ids that are numbers.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from tap_intercom_conversations.records.careful import (
    ASIDE,
    FALLBACKS,
    ZERO_IS_NOBODY,
    deselected,
    drop,
    kind_of,
)
from tap_intercom_conversations.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_intercom_conversations.records.careful import Prune

    Touch = Callable[[dict[str, Any]], None]

Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Time = Annotated[int, msgspec.Meta(ge=-62_135_596_800, lt=10**11)]
"""Seconds from the year 1 on, and too few to be milliseconds."""
Key = Annotated[str, msgspec.Meta(min_length=1)]

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
    }
)
# Fields that were moved or misspelt once: `records.py` knows what to do with them.
MOVED = frozenset(elsewhere[0] for _, elsewhere in FALLBACKS) - {"full_name"}


class DocumentedObjects:
    """Reads one stream's objects, as far as they are as documented."""

    def __init__(
        self,
        schema: Mapping[str, Any],
        mask: Mapping[tuple[str, ...], bool],
        added: frozenset[str] = frozenset(),
    ) -> None:
        """Compile the schema.

        Args:
            schema: The stream's schema, without references.
            mask: Which breadcrumbs are selected, as the SDK's `Stream.mask` has it.
            added: Columns that are not the API's, but the stream's own.
        """
        own = {name: field for name, field in schema["properties"].items() if name not in added}
        self._decode = msgspec.json.Decoder(_type_of({**schema, "properties": own}, "")).decode
        self._touch = _touch_of({"properties": own}) or _nothing
        self._prune: Prune = deselected(mask)

    def read(self, raw: msgspec.Raw, added: Mapping[str, Any]) -> dict[str, Any] | None:
        """Make a record.

        Args:
            raw: The object's JSON.
            added: The stream's own columns, as the record shall have them.

        Returns:
            The record; None if the object is not just as documented.
        """
        try:
            obj = self._decode(raw)
        except msgspec.DecodeError:
            return None
        record: dict[str, Any] = msgspec.to_builtins(obj)
        self._touch(record)
        record.update(added)
        if self._prune:
            drop(record, self._prune)
        return record


def _nothing(record: dict[str, Any]) -> None:
    """Nothing is to be done to objects of this schema."""


def _type_of(schema: Mapping[str, Any], name: str) -> Any:
    """The type of a field whose value is neither null nor missing."""
    kind = kind_of(schema)
    if kind == "object":
        return _struct_of(schema, name) if "properties" in schema else dict[str, Any]
    if kind == "array":
        return list[_type_of(schema["items"], name) | None]  # type: ignore[misc]  # made at run time
    if schema.get("format") == "date-time":
        return Time
    if name in NUMBERED:
        return Whole | str
    if kind == "string" and "null" not in schema["type"]:
        return Key
    return {"string": str, "integer": Whole, "number": Whole | float, "boolean": bool}[kind]


def _struct_of(schema: Mapping[str, Any], name: str) -> Any:
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    for number, (key, field) in enumerate(schema["properties"].items()):
        if key == ASIDE or key in MOVED:
            continue
        names[f"field_{number}"] = key
        kind = _type_of(field, key)
        if "null" in field["type"]:
            optional = reduce(or_, (kind, None, msgspec.UnsetType))
            fields.append((f"field_{number}", optional, msgspec.UNSET))
        else:
            fields.append((f"field_{number}", kind))
    return msgspec.defstruct(
        name or "Object",
        fields,
        rename=names,
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,  # what JSON decodes to has no cycles
    )


def _touch_of(schema: Mapping[str, Any]) -> Touch | None:
    """Compile what is to be done to an object; None if nothing is, on no level."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    values = [(key, change) for key, field in properties.items() if (change := _change(key, field))]
    objects = [(key, below) for key, field in properties.items() if (below := _touch_of(field))]
    lists = [
        (key, below)
        for key, field in properties.items()
        if (below := _touch_of(field.get("items", {})))
    ]
    if not (values or objects or lists):
        return None

    def touch(obj: dict[str, Any]) -> None:
        for key, change in values:
            if (value := obj.get(key)) is not None:
                obj[key] = change(value)
        for key, below in objects:
            if (child := obj.get(key)) is not None:
                below(child)
        for key, below in lists:
            for item in obj.get(key) or ():
                if item is not None:
                    below(item)

    return touch


def _change(key: str, field: Mapping[str, Any]) -> Callable[[Any], Any] | None:
    """What is to be done to a value that is as documented."""
    if field.get("format") == "date-time":
        return rfc3339
    if key in ZERO_IS_NOBODY:
        return _team if key in NUMBERED else _admin
    if key in NUMBERED:
        return _texts if kind_of(field) == "array" else str
    return None


def _texts(values: list[int | str | None]) -> list[str | None]:
    return [None if value is None else str(value) for value in values]


def _admin(value: int) -> int | None:
    return value or None


def _team(value: int | str) -> str | None:
    return None if value in (0, "0") else str(value)
