"""API object -> record of the schema: compiled once per schema, no walk that it does not ask for.

What is as documented is touched only where a time has to be rewritten. A value of another type
is converted where nothing is lost. Whatever the schema has no place for, a field nobody documented
or a value that cannot be converted, is kept under `undocumented_fields`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tap_intercom_conversations.records.values import (
    to_boolean,
    to_integer,
    to_key,
    to_number,
    to_text,
)
from tap_intercom_conversations.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    Aside = dict[str, Any]  # dotted path of a value without a place -> the value
    Place = tuple[int, ...]  # which items of the lists along the path
    Step = Callable[[Any, Aside, Place], Any]

Prune = dict[str, "Prune | None"]
"""Deselected properties as a tree; None stands for a whole branch."""

ASIDE = "undocumented_fields"

# --- What the API does otherwise than it documents: see the comments, each quotes its case. ---

# `contacts`, `teammates` and `tags`: a bare array in 2.0-2.5, `{type, contacts: [...]}` since.
BARE_LISTS = {"contacts": "contact.list", "tags": "tag.list", "teammates": "admin.list"}

# `{"type": "admin.list", "admins": [...]}` where `teammates` has its list under its own name.
RENAMED = {"teammates": "admins"}

# An option of an attribute is `{id, label, archived}` since 2.16, a plain string before.
BARE_VALUES = {"options": "label"}

# `avatar` is an address, but `{"type": "avatar", "image_url": "..."}` in 2.11.
UNWRAPPED = {"avatar": "image_url"}

# 0 for "nobody" since 2.16, null before.
ZERO_IS_NOBODY = ("admin_assignee_id", "team_assignee_id")

# A field that is missing -> where else its value stands:
FALLBACKS = (
    # before 2.7 an object stood in the place of the id;
    ("last_closed_by_id", ("last_closed_by", "id")),
    # the documents of then have this typo, and whether the API had it is not known;
    ("first_contact_reply_at", ("first_contacat_reply_at",)),
    # a built-in attribute has no id in /data_attributes.
    ("id", ("full_name",)),
)


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "string": to_text,
    "integer": to_integer,
    "number": to_number,
    "boolean": to_boolean,
}


class UnusableRecord(ValueError):
    """An object of the API cannot be a record: it lacks a part of its key, or its time.

    Attributes:
        field: Name of the field that is missing or unreadable.
    """

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"an object of the API has no usable {field!r}")


class RecordShaper:
    """Shapes the objects of one stream.

    Attributes:
        unreadable_times: How many times stood in no form that is known, and became null.
    """

    def __init__(
        self, schema: Mapping[str, Any], mask: Mapping[tuple[str, ...], bool] | None = None
    ) -> None:
        """Compile the schema.

        Args:
            schema: The stream's schema, without references.
            mask: Which breadcrumbs are selected, as the SDK's `Stream.mask` has it. Deselected
                fields are left out, as `pop_deselected_record_properties` would do afterwards.
        """
        self.unreadable_times = 0
        properties = schema["properties"]
        self._known = frozenset(properties) - {ASIDE}
        self._required = tuple(
            name for name, field in properties.items() if "null" not in field["type"]
        )
        self._prune = deselected(mask or {})
        self._walk = self._object(schema, "", "", self._prune)

    def shape(self, obj: dict[str, Any]) -> dict[str, Any]:
        """Make a record of an object; the object itself is changed.

        Args:
            obj: The decoded object of the API.

        Returns:
            The record, valid against the schema.

        Raises:
            UnusableRecord: If the object lacks a field that the schema does not let be null.
        """
        known = self._known
        aside = {key: obj.pop(key) for key in [key for key in obj if key not in known]}
        self._walk(obj, aside, ())
        for name in self._required:
            if not obj.get(name):
                raise UnusableRecord(name)
        if aside:
            obj[ASIDE] = aside
        if self._prune:
            drop(obj, self._prune)
        return obj

    def _step(self, schema: Mapping[str, Any], name: str, path: str, prune: Prune) -> Step:
        """Compile what has to be done to a value that is not plainly right."""
        kind = kind_of(schema)
        if kind == "object":
            return self._object(schema, name, path, prune)
        if kind == "array":
            return self._array(schema, name, path)
        convert = CONVERTERS[kind]
        if schema.get("format") == "date-time":
            convert = rfc3339
        elif "null" not in schema["type"]:
            convert = to_key
        elif name in ZERO_IS_NOBODY:
            convert = _nobody_or(convert)
        elif name in UNWRAPPED:
            convert = _unwrapped_or(UNWRAPPED[name], convert)
        return self._leaf(convert, path)

    def _leaf(self, convert: Callable[[Any], Any], path: str) -> Step:
        is_time = convert is rfc3339

        def leaf(value: Any, aside: Aside, place: Place) -> Any:
            try:
                return convert(value)
            except (ValueError, OverflowError):
                self.unreadable_times += is_time
                _keep(value, aside, path, place)
                return None

        return leaf

    def _array(self, schema: Mapping[str, Any], name: str, path: str) -> Step:
        path_of_items = path + "[{}]"  # the index is known once there is a value to name
        right = _right_type(schema["items"], name)
        step = self._step(schema["items"], name, path_of_items, {})

        def array(value: Any, aside: Aside, place: Place) -> Any:
            if type(value) is not list:
                _keep(value, aside, path, place)
                return None
            for index, item in enumerate(value):
                if type(item) is not right and item is not None:
                    value[index] = step(item, aside, (*place, index))
            return value

        return array

    def _object(self, schema: Mapping[str, Any], name: str, path: str, prune: Prune) -> Step:
        properties: Mapping[str, Any] = schema.get("properties", {})
        fields: dict[str, tuple[type | None, Step | None]] = {}
        for key, field in properties.items():
            below = prune.get(key, {})
            # A deselected field stays as it came until it is dropped, and so leaves no trace.
            if below is not None:
                step = self._step(field, key, f"{path}.{key}" if path else key, below)
                fields[key] = (_right_type(field, key), step)
        undocumented = (None, None)
        to_object = _to_object(name, properties)
        repairs = _repairs(name, properties)

        def walk(value: Any, aside: Aside, place: Place) -> Any:
            if type(value) is not dict:
                obj = to_object(value)
                if obj is None:
                    _keep(value, aside, path, place)
                    return None
                value = obj
            for repair in repairs:
                repair(value)
            for key, child in value.items():
                right, step = fields.get(key, undocumented)
                if child is not None and type(child) is not right and step:
                    value[key] = step(child, aside, place)
            return value

        return walk


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return a schema's type other than null."""
    kinds = schema["type"]
    return kinds if isinstance(kinds, str) else next(kind for kind in kinds if kind != "null")


def _right_type(schema: Mapping[str, Any], name: str) -> type | None:
    """Return the type whose values need no look at all; None if every value does."""
    if name in ZERO_IS_NOBODY or "format" in schema:
        return None
    if "properties" in schema:
        return None
    # Not int and float: one can be too large for 64 bits, the other NaN.
    return {"string": str, "boolean": bool, "object": dict}.get(kind_of(schema))


def _keep(value: Any, aside: Aside, path: str, place: Place) -> None:
    """Keep a value that its documented place cannot hold."""
    key = path.format(*place)
    while key in aside:  # an undocumented field of just this name
        key += "'"
    # JSON has no NaN; whoever decoded one must not see it written.
    aside[key] = str(value) if isinstance(value, float) and not math.isfinite(value) else value


# --- Quirks, compiled into the object or the value that they concern ---


def _to_object(name: str, properties: Collection[str]) -> Callable[[Any], dict[str, Any] | None]:
    """Compile what else than an object can stand for this object."""
    list_type = BARE_LISTS.get(name) if name in properties else None
    # A reference, such as a part's `assigned_to`, was once a plain id.
    bare = BARE_VALUES.get(name) or ("id" if "type" in properties else "")
    bare = bare if bare in properties else ""

    def to_object(value: Any) -> dict[str, Any] | None:
        if type(value) is list and list_type:
            return {"type": list_type, name: value}
        return {bare: value} if type(value) in (str, int) and bare else None

    return to_object


def _repairs(
    name: str, properties: Collection[str]
) -> tuple[Callable[[dict[str, Any]], None], ...]:
    """Compile what has to be put in order among this object's own fields."""
    repairs: list[Callable[[dict[str, Any]], None]] = []
    if name in RENAMED and name in properties:
        repairs.append(_rename(RENAMED[name], name))
    for field, elsewhere in FALLBACKS:
        if field in properties and elsewhere[0] in properties:
            repairs.append(_fall_back(field, elsewhere))
    return tuple(repairs)


def _rename(old: str, new: str) -> Callable[[dict[str, Any]], None]:
    def rename(obj: dict[str, Any]) -> None:
        if old in obj and obj.get(new) is None:
            obj[new] = obj.pop(old)

    return rename


def _fall_back(field: str, elsewhere: tuple[str, ...]) -> Callable[[dict[str, Any]], None]:
    def fall_back(obj: dict[str, Any]) -> None:
        if obj.get(field) is None:
            value: Any = obj
            for name in elsewhere:
                value = value.get(name) if type(value) is dict else None
            if value is not None:
                obj[field] = value

    return fall_back


def _nobody_or(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def nobody_or(value: Any) -> Any:
        return None if value in (0, "0") and value is not False else convert(value)

    return nobody_or


def _unwrapped_or(key: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def unwrapped_or(value: Any) -> Any:
        if type(value) is dict and key in value and value.keys() <= {"type", key}:
            value = value[key]
        return None if value is None else convert(value)

    return unwrapped_or


# --- Selection ---


def deselected(mask: Mapping[tuple[str, ...], bool]) -> Prune:
    """Return what a selection leaves out."""
    tree: Prune = {}
    # Parents first; the empty breadcrumb is the stream itself.
    for crumb in sorted((crumb for crumb in mask if crumb and not mask[crumb]), key=len):
        node: Prune | None = tree
        *parents, name = crumb[1::2]  # ("properties", "tags", "properties", "type")
        for parent in parents:
            node = None if node is None else node.setdefault(parent, {})
        if node is not None:
            node[name] = None
    return tree


def drop(obj: dict[str, Any], tree: Prune) -> None:
    """Leave it out, as `pop_deselected_record_properties` does: from objects, not from lists."""
    for key, below in tree.items():
        if below is None:
            obj.pop(key, None)
        elif isinstance(child := obj.get(key), dict):
            drop(child, below)
