"""The search's query language: checked as strictly as the API does, then compiled to a test.

Conditions on updated_at and created_at that hold for the whole result are kept apart as bounds,
so that the index can answer them without looking at a single object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.answers import ApiError
from sandbox.dialect import LISTED, Dialect
from sandbox.fieldset import ANY, BOOLEAN, DATE, INTEGER, Getter
from sandbox.plaintext import plain

Json = dict[str, Any]
Test = Callable[[Json], bool]

_MOST_FILTERS = 15
_DEEPEST = 2
_SCALARS = (str, int, float, bool, type(None))
_ORDERED = ("<", ">")
_PERIODS = ("=", "<", ">", "<=", ">=")
# Later than any second that is meant: a value in milliseconds, which matches nothing.
_MILLISECONDS = 100_000_000_000


@dataclass(slots=True)
class Plan:
    """A query made ready: bounds low <= moment < high by field, and a test for the rest."""

    bounds: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    tests: list[Test] = field(default_factory=list)
    nothing: bool = False

    def narrow(self, name: str, low: int | None, high: int | None) -> None:
        """Add a bound."""
        old_low, old_high = self.bounds.get(name, (None, None))
        lows = [value for value in (old_low, low) if value is not None]
        highs = [value for value in (old_high, high) if value is not None]
        self.bounds[name] = (max(lows, default=None), min(highs, default=None))


def compile_query(query: Any, dialect: Dialect) -> Plan:
    """Check a query and make it ready."""
    if not isinstance(query, dict):
        raise ApiError(400, "invalid_query", "query must be an object")
    joined = query.get("operator") == "AND" and "field" not in query
    plan = Plan()
    for condition in _group(query) if joined else [query]:
        if not _bound(plan, condition, dialect):
            plan.tests.append(_test(condition, 1 + joined, dialect))
    return plan


def _group(query: Json) -> list[Json]:
    members = query.get("value")
    if not isinstance(members, list) or not members:
        raise ApiError(400, "invalid_query", "a group needs a list of filters as its value")
    if len(members) > _MOST_FILTERS:
        raise ApiError(400, "invalid_query", f"more than {_MOST_FILTERS} filters in a group")
    if not all(isinstance(member, dict) for member in members):
        raise ApiError(400, "invalid_query", "each filter must be an object")
    return members


def _bound(plan: Plan, condition: Json, dialect: Dialect) -> bool:
    """Take a comparison of a moment as a bound, if it is one."""
    name, operator = condition.get("field"), condition.get("operator")
    if name not in ("updated_at", "created_at") or operator not in _PERIODS:
        return False
    if operator not in dialect.moments:
        return False  # refused where all else is
    moment = _scalar(DATE, condition.get("value"), str(name))
    if moment is None or moment >= _MILLISECONDS:
        plan.nothing = True
        return True
    plan.narrow(str(name), *dialect.period(str(operator), moment))
    return True


def _test(condition: Json, depth: int, dialect: Dialect) -> Test:
    operator = condition.get("operator")
    if "field" in condition:
        return _filter(condition, dialect)
    if operator not in ("AND", "OR"):
        raise ApiError(400, "invalid_operator", f"{operator!r} does not join filters")
    if depth > _DEEPEST:
        raise ApiError(400, "invalid_query", f"more than {_DEEPEST} levels of nesting")
    tests = [_test(member, depth + 1, dialect) for member in _group(condition)]
    if operator == "AND":
        return lambda item: all(test(item) for test in tests)
    return lambda item: any(test(item) for test in tests)


def _filter(condition: Json, dialect: Dialect) -> Test:
    name, operator = condition["field"], condition.get("operator")
    known = dialect.lookup(name) if isinstance(name, str) else None
    if known is None:
        raise ApiError(400, "invalid_field", f"{name!r} is not a searchable field", str(name))
    kind, get = known
    if not dialect.takes(kind, str(operator)):
        raise ApiError(400, "invalid_operator", f"{operator!r} does not go with {name}", name)
    if "value" not in condition:
        raise ApiError(400, "invalid_value", f"{name} has no value to compare with", name)
    if name == "source.body" and operator in ("=", "!="):
        return _words(get, condition, str(operator))
    value = condition["value"]
    if operator in LISTED:
        if not isinstance(value, list):
            raise ApiError(400, "invalid_value", f"{operator} needs a list", name)
        wanted = [_scalar(kind, item, name) for item in value]
        inside = operator == "IN"
        return lambda item: _among(get(item), wanted) is inside
    value = _scalar(kind, value, name)
    if kind == DATE and operator in _PERIODS and value is not None:
        return _during(get, value, dialect.period(str(operator), min(value, _MILLISECONDS)))
    return _comparison(get, str(operator), value, dialect)


def _scalar(kind: str, value: Any, name: str) -> Any:
    """Return a value as the field's type, or refuse it."""
    refused = ApiError(400, "invalid_value", f"{value!r} is not a value for {name}", name)
    if not isinstance(value, _SCALARS):
        raise refused
    if value is None or kind == ANY:
        return value
    if kind in (DATE, INTEGER):
        try:
            return int(str(value))
        except ValueError:
            raise refused from None
    if kind == BOOLEAN:
        truths = {"true": True, "false": False}
        if str(value).lower() not in truths:
            raise refused
        return truths[str(value).lower()]
    return str(value)


def _among(actual: Any, wanted: list[Any]) -> bool:
    if isinstance(actual, list):
        return any(item in wanted for item in actual)
    return actual in wanted


def _words(get: Getter, condition: Json, operator: str) -> Test:
    """Compare with each word of a body on its own, as its index is made."""
    word = str(condition["value"]).lower()
    equal = operator == "="

    def test(item: Json) -> bool:
        words = plain(get(item) or "").lower().split()
        return (word in {item.strip(".,;:!?'\"()") for item in words}) is equal

    return test


def _during(get: Getter, value: int, period: tuple[int | None, int | None]) -> Test:
    low, high = period

    def test(item: Json) -> bool:
        actual = get(item)
        if not isinstance(actual, (int, float)) or value >= _MILLISECONDS:
            return False
        return (low is None or low <= actual) and (high is None or actual < high)

    return test


def _comparison(get: Getter, operator: str, value: Any, dialect: Dialect) -> Test:
    if operator in ("=", "!="):
        equal = operator == "="
        return lambda item: _among(get(item), [value]) is equal
    if operator in _ORDERED:
        return _ordering(get, operator, value, dialect)
    match = _TEXT_TESTS[operator]
    text = str(value).lower()
    return lambda item: match(_text(get(item)), text)


def _ordering(get: Getter, operator: str, value: Any, dialect: Dialect) -> Test:
    def test(item: Json) -> bool:
        actual = get(item)
        if not isinstance(actual, (int, float)) or not isinstance(value, (int, float)):
            return False
        if actual == value:
            return dialect.inclusive
        return actual > value if operator == ">" else actual < value

    return test


def _text(value: Any) -> str:
    items = value if isinstance(value, list) else [value]
    return " ".join("" if item is None else str(item).lower() for item in items)


_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "~": lambda actual, text: text in actual,
    "!~": lambda actual, text: text not in actual,
    "^": lambda actual, text: actual.startswith(text),
    "$": lambda actual, text: actual.endswith(text),
}
