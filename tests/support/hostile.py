"""Objects as the API may send them on its worst day: hypothesis strategies driven by a schema.

`objects(schema)` draws objects of a stream: documented fields with right and wrong values, nulls,
odd times, deep nesting, fields nobody documented. `lost(schema, sent, record)` names what a record
has lost of what was sent. `errors(schema, record)` names what is wrong with the record.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker, validators

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Schema = Mapping[str, Any]
    Values = st.SearchStrategy[Any]

SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""The same examples on every machine, every time: 100, or as many as the profile says."""

MOST_FIELDS = 5
"""Documented fields drawn for one object; all at once would take hypothesis minutes."""

# --- Values, right and wrong ---

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
whole_numbers = st.integers(-(2**70), 2**70) | st.integers(-5, 5)
numbers = whole_numbers | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | texts
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)

odd_times = st.one_of(
    st.integers(0, 2**31),
    st.integers(10**11, 10**13),
    st.integers(-(10**16), 10**16),
    st.floats(),
    st.datetimes().map(datetime.isoformat),
    st.datetimes().map(lambda moment: f"{moment:%Y-%m-%d %H:%M} UTC"),
    st.dates().map(str),
    st.integers(-(10**13), 10**13).map(str),
    st.sampled_from(["", "0", "never", "2025-02-30", "9999-12-31T23:59:59-12:00", True]),
    st.sampled_from([float("nan"), float("inf"), 10**400]),
)

RIGHT: dict[str, Values] = {
    "string": texts,
    "integer": st.integers(0, 10**6),
    "number": st.floats(0, 100) | st.integers(0, 100),
    "boolean": st.booleans(),
}
ALMOST_RIGHT: dict[str, Values] = {
    "string": numbers | st.booleans(),
    "integer": st.integers(0, 10**6).flatmap(lambda n: st.sampled_from([str(n), float(n)])),
    "number": st.decimals(0, 100, places=2).map(str),
    "boolean": st.sampled_from(["true", "false", 0, 1]),
}

usable_keys = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8) | st.integers(1)
usable_times = st.integers(0, 2**31) | st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")

# Names that could be mistaken for something else.
undocumented_names = texts | st.sampled_from(
    ["undocumented_fields", "source.redacted", "tags.tags[0].name", "a.b", "{}", "{0}", "type'"]
)

# --- Objects ---


def objects(schema: Schema) -> Values:
    """Draw objects of a stream that have what its key needs."""
    properties = schema["properties"]
    needed = {
        name: usable_times if "format" in field else usable_keys
        for name, field in properties.items()
        if "null" not in field["type"]
    }
    return st.builds(
        lambda drawn, key: {**drawn, **key}, _object(schema), st.fixed_dictionaries(needed)
    )


def _object(schema: Schema) -> Values:
    properties: dict[str, Schema] = schema.get("properties", {})
    if not properties:
        return st.dictionaries(texts, anything, max_size=3)
    # Made once: a strategy costs more to make than to draw from.
    values = {name: _value(field) for name, field in properties.items()}
    names = st.lists(st.sampled_from(sorted(properties)), max_size=MOST_FIELDS, unique=True)
    documented = names.flatmap(
        lambda chosen: st.fixed_dictionaries({name: values[name] for name in chosen})
    )
    others = st.dictionaries(undocumented_names, anything, max_size=2)
    return st.builds(lambda some, more: {**more, **some}, documented, others)


def _value(schema: Schema) -> Values:
    """Draw a value that is mostly as documented."""
    right = _right(schema)
    return st.integers(0, 9).flatmap(lambda die: anything if die < 2 else right)


def _right(schema: Schema) -> Values:
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if kind == "object":
        return st.deferred(lambda: _object(schema))
    if kind == "array":
        return st.lists(_value(schema["items"]), max_size=3)
    return odd_times if "format" in schema else RIGHT[kind] | ALMOST_RIGHT[kind]


# --- What is wrong with a record ---

format_checker = FormatChecker(formats=())
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z", re.ASCII)


@format_checker.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007  only whether it can be read
    return bool(_RFC_3339.fullmatch(value))


def _is_integer(_: object, value: object) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


VALIDATORS = [
    validators.extend(  # type: ignore[no-untyped-call]
        draft, type_checker=draft.TYPE_CHECKER.redefine("integer", _is_integer)
    )
    for draft in (Draft7Validator, Draft202012Validator)
]


def errors(schema: Schema, record: Any) -> list[str]:
    """Name where a record breaks its schema, by either draft that targets use, or is no JSON."""
    json.dumps(record, allow_nan=False)
    return [
        error.message
        for validator in VALIDATORS
        for error in validator(schema, format_checker=format_checker).iter_errors(record)
    ]


# --- What a record has lost ---


def lost(schema: Schema, sent: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    """Name the paths of all that was sent and stands nowhere in the record."""
    leftovers = record.get("undocumented_fields") or {}
    return [*_lost_in_object(schema, sent, {**leftovers, **record}, "", leftovers)]


def _lost_in_object(
    schema: Schema, sent: Mapping[str, Any], got: Any, path: str, leftovers: Schema
) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name, value in sent.items():
        place = f"{path}.{name}" if path else name
        if not isinstance(got, dict):
            yield place
        elif name in properties and place != "undocumented_fields":
            yield from _lost(properties[name], value, got.get(name), place, leftovers)
        elif not same(value, (got if path else leftovers).get(name)):
            yield place


def _lost(schema: Schema, sent: Any, got: Any, path: str, leftovers: Schema) -> Iterator[str]:
    if sent is None or any(same(sent, leftovers.get(path + mark)) for mark in ("", "'", "''")):
        return
    name = path.rpartition(".")[2]
    if isinstance(sent, dict) and "properties" in schema:
        yield from _lost_in_object(schema, sent, got, path, leftovers)
    elif isinstance(sent, list) and "properties" in schema and isinstance(got, dict):
        # A bare array: the list is under the field's own name.
        yield from _lost(schema["properties"][name], sent, got[name], f"{path}.{name}", leftovers)
    elif isinstance(sent, list) and "items" in schema and isinstance(got, list):
        for index, item in enumerate(sent):
            yield from _lost(schema["items"], item, got[index], f"{path}[{index}]", leftovers)
    elif "format" in schema:
        # That a time is the right one is test_values' business.
        if got is None:
            yield path
    elif not _stands_for(got, sent) and not (sent in (0, "0") and name.endswith("assignee_id")):
        yield path


def _stands_for(got: Any, sent: Any) -> bool:
    """Tell whether the one can be made from the other again."""
    if isinstance(got, dict) and not isinstance(sent, dict):
        # A bare value: the id, or an option's label.
        return any(_stands_for(value, sent) for value in got.values())
    text, value = (got, sent) if isinstance(got, str) else (sent, got)
    if isinstance(text, str) and not isinstance(value, str):
        try:
            return bool(json.loads(text) == value)
        except ValueError:
            return False
    return bool(got == sent)


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are one in JSON, where 1 is not true, and NaN only has a name."""
    if isinstance(one, float) and isinstance(other, str):
        return str(one) == other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
