"""The careful way: an object of the API becomes a record, whatever the object holds.

All is compiled once per schema. What is as documented is touched only where a time has to be
rewritten. A value of another type is converted where nothing is lost. Whatever the schema has no
place for, a field nobody documented or a value that cannot be converted, is kept under
`undocumented_fields`. Personal data that is not wanted goes on the way: neither its place nor
`undocumented_fields` has it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tap_intercom_conversations.errors import UnusableRecord
from tap_intercom_conversations.records import quirks
from tap_intercom_conversations.records.fields import kind_of
from tap_intercom_conversations.records.redaction import KEEP_ALL
from tap_intercom_conversations.records.selection import deselected, drop
from tap_intercom_conversations.records.values import (
    Lossy,
    to_boolean,
    to_integer,
    to_key,
    to_number,
    to_plain_text,
    to_text,
)
from tap_intercom_conversations.times import NoTime, rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_intercom_conversations.records.redaction import Hash, Redaction
    from tap_intercom_conversations.records.selection import Deselected

    Leftovers = dict[str, Any]  # dotted path of a value without a place -> the value
    Indexes = tuple[int, ...]  # which items of the lists along the path
    Step = Callable[[Any, Leftovers, Indexes], Any]
    Keep = Callable[[Any, Leftovers, str, Indexes], None]

UNDOCUMENTED_FIELDS = "undocumented_fields"

CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "string": to_text,
    "integer": to_integer,
    "number": to_number,
    "boolean": to_boolean,
}


class RecordShaper:
    """Shapes the objects of one stream.

    Attributes:
        unreadable_times: How many times stood in no form that is known, and became null.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        mask: Mapping[tuple[str, ...], bool] | None = None,
        redaction: Redaction = KEEP_ALL,
    ) -> None:
        """Compile the schema.

        Args:
            schema: The stream's schema, without references.
            mask: Which breadcrumbs are selected, as the SDK's `Stream.mask` has it. Deselected
                fields are left out, as `pop_deselected_record_properties` would do afterwards.
            redaction: What becomes of the personal data that the schema marks.
        """
        self.unreadable_times = 0
        self._redaction = redaction
        properties = schema["properties"]
        self._known = frozenset(properties) - {UNDOCUMENTED_FIELDS}
        self._required = tuple(
            name for name, field in properties.items() if "null" not in field["type"]
        )
        self._deselected = deselected(mask or {})
        self._walk = self._object(schema, "", "", self._deselected)

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
        leftovers = {key: obj.pop(key) for key in [key for key in obj if key not in known]}
        self._walk(obj, leftovers, ())
        for name in self._required:
            if not obj.get(name):
                raise UnusableRecord(f"without {name}")
        if self._redaction.drops_free:
            obj[UNDOCUMENTED_FIELDS] = None
        elif leftovers:
            obj[UNDOCUMENTED_FIELDS] = leftovers
        if self._deselected:
            drop(obj, self._deselected)
        return obj

    def _step(self, schema: Mapping[str, Any], name: str, path: str, below: Deselected) -> Step:
        """Compile what has to be done to a value that is not plainly right."""
        kind = kind_of(schema)
        if kind == "object":
            return self._object(schema, name, path, below)
        if kind == "array":
            return self._array(schema, name, path)
        convert = CONVERTERS[kind]
        if convert is to_text and self._redaction.drops_free:
            convert = to_plain_text
        if schema.get("format") == "date-time":
            convert = rfc3339
        elif "null" not in schema["type"]:
            convert = to_key
        elif name in quirks.UNWRAPPED:
            convert = quirks.unwrapped_or(quirks.UNWRAPPED[name], convert)
        if hashed := self._redaction.hasher_for(schema):
            return self._hash(convert, hashed)
        return self._leaf(convert, path)

    def _hash(self, convert: Callable[[Any], Any], hashed: Hash) -> Step:
        def hash_leaf(value: Any, leftovers: Leftovers, indexes: Indexes) -> Any:  # noqa: ARG001
            try:
                return hashed(convert(value))
            except Lossy:
                return None

        return hash_leaf

    def _leaf(self, convert: Callable[[Any], Any], path: str) -> Step:
        is_time = convert is rfc3339

        def leaf(value: Any, leftovers: Leftovers, indexes: Indexes) -> Any:
            try:
                return convert(value)
            except (Lossy, NoTime):
                self.unreadable_times += is_time
                _keep(value, leftovers, path, indexes)
                return None

        return leaf

    def _array(self, schema: Mapping[str, Any], name: str, path: str) -> Step:
        path_of_items = path + "[{}]"  # the index is known once there is a value to name
        right = self._right_type(schema["items"])
        keep = self._keeper(schema)
        step = self._step(schema["items"], name, path_of_items, {})

        def array(value: Any, leftovers: Leftovers, indexes: Indexes) -> Any:
            if type(value) is not list:
                keep(value, leftovers, path, indexes)
                return None
            for index, item in enumerate(value):
                if type(item) is not right and item is not None:
                    value[index] = step(item, leftovers, (*indexes, index))
            return value

        return array

    def _object(self, schema: Mapping[str, Any], name: str, path: str, tree: Deselected) -> Step:
        properties: Mapping[str, Any] = schema.get("properties", {})
        fields: dict[str, tuple[type | None, Step | None]] = {}
        for key, field in properties.items():
            below = tree.get(key, {})
            # A deselected field stays as it came until it is dropped, and so leaves no trace.
            if below is not None:
                step = self._step(field, key, f"{path}.{key}" if path else key, below)
                fields[key] = (self._right_type(field), step)
        undocumented = (None, None)
        keep = self._keeper(schema)
        to_object = quirks.legacy_forms(name, properties)
        # A second list of people under its old name is not documented, and yet of their kind.
        keeps_both = not self._redaction.touches(schema)
        repairs = (
            *quirks.repairs(name, properties, keeps_both=keeps_both),
            *self._redaction.removals(properties),
        )

        def walk(value: Any, leftovers: Leftovers, indexes: Indexes) -> Any:
            if type(value) is not dict:
                obj = to_object(value)
                if obj is None:
                    keep(value, leftovers, path, indexes)
                    return None
                value = obj
            for repair in repairs:
                repair(value)
            for key, child in value.items():
                right, step = fields.get(key, undocumented)
                if child is not None and type(child) is not right and step:
                    value[key] = step(child, leftovers, indexes)
            return value

        return walk

    def _right_type(self, schema: Mapping[str, Any]) -> type | None:
        """Return the type whose values need no look at all; None if every value does."""
        if "format" in schema or self._redaction.hasher_for(schema):
            return None
        if "properties" in schema:
            return None
        # Not int and float: one can be too large for 64 bits, the other NaN.
        return {"string": str, "boolean": bool, "object": dict}.get(kind_of(schema))

    def _keeper(self, schema: Mapping[str, Any]) -> Keep:
        """Return what is done to a value that its place cannot hold: it is kept elsewhere.

        But not if it stands for what is not wanted.
        """
        return _forget if self._redaction.touches(schema) else _keep


def _keep(value: Any, leftovers: Leftovers, path: str, indexes: Indexes) -> None:
    """Keep a value that its documented place cannot hold."""
    key = path.format(*indexes)
    while key in leftovers:  # an undocumented field of just this name
        key += "'"
    # JSON has no NaN; whoever decoded one must not see it written.
    is_number = not isinstance(value, float) or math.isfinite(value)
    leftovers[key] = value if is_number else str(value)


def _forget(value: Any, leftovers: Leftovers, path: str, indexes: Indexes) -> None:
    """Keep nothing of a value that may hold personal data."""
