"""Odd values: what has been seen in place of a time, an id, a word or a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.steps import iso

if TYPE_CHECKING:
    import random

Json = dict[str, Any]
Odd = Callable[[Any], Any]

# Half of a surrogate pair: valid in JSON as an escape, and in no encoding of Unicode.
LONE_SURROGATE = "\ud83d"
NUL = "\x00"

# Every one of these says the same moment, so that nothing is lost by reading it.
_SAME_MOMENT: tuple[Odd, ...] = (
    str,
    lambda at: at * 1_000,
    lambda at: str(at * 1_000),
    float,
    lambda at: iso(at).replace(".146Z", "Z"),
    lambda at: iso(at).replace(".146Z", ".000+00:00"),
)
_OTHER_MOMENT: tuple[Odd, ...] = (
    lambda _at: -62_135_596_801,
    lambda _at: -1,
    lambda _at: 0,
    lambda _at: None,
    lambda _at: 64_654_125_776,
    lambda _at: 9_223_372_036_854_775_807,
    lambda _at: 10**30,
    lambda _at: "yesterday",
    lambda _at: "",
)


def moment(rng: random.Random, at: int) -> Any:
    """Return a time in another form, or one that no calendar holds."""
    return rng.choice(_SAME_MOMENT + _OTHER_MOMENT)(at)


def same_moment(rng: random.Random, at: int) -> Any:
    """Return a time in another form that says the same."""
    return rng.choice(_SAME_MOMENT)(at)


def number(rng: random.Random, value: int) -> Any:
    """Return a number as text, or as it was."""
    return rng.choice((str(value), value, float(value)))


def assignee(rng: random.Random, value: int | None) -> Any:
    """Return an assignee in another form: text, zero, nothing."""
    if not value:
        return rng.choice((0, "0", None, ""))
    return rng.choice((str(value), value))


def text(rng: random.Random, value: str) -> str:
    """Return text with something in it that databases or decoders refuse."""
    tail = rng.choice(
        (LONE_SURROGATE, NUL, f"{LONE_SURROGATE}x", "\u2028", "\U0001f469\u200d\U0001f52c")
    )
    return f"{value}{tail}"


def word(_rng: random.Random, _value: str) -> str:
    """Return a value that no list of values has."""
    return "brand_new_value"


def block(rng: random.Random, value: Json | None) -> Json | None:
    """Return an object as nothing, or with nothing in it."""
    if value is None:
        return None
    return rng.choice((None, dict.fromkeys(value), _hollow(value), {}))


def _hollow(value: Any) -> Any:
    """Return an object with all its objects, and nothing in any of them."""
    if not isinstance(value, dict):
        return None
    return {key: _hollow(item) for key, item in value.items()}


def undocumented(rng: random.Random) -> Json:
    """Return what nobody has documented yet."""
    extra: Json = {
        "assignee": {"type": "admin", "id": "991267700"},
        "company_id": "6329bd9ffe4e2e91dac76188",
        "brand": {
            "id": 7,
            "name": f"Larkspur {LONE_SURROGATE}",
            "themes": [{"dark": True}, 3, None],
        },
        "Shiny New: Key": rng.random(),
        "big": 2**63,
        "topics": {"type": "topic.list", "topics": [{"type": "topic", "id": 1, "name": "Refunds"}]},
    }
    return dict(rng.sample(sorted(extra.items()), 3))
