"""Odd shapes of the objects around conversations: what befalls any object whatever its kind.

As with conversations, an object is odd in the same way in a list, in a search and on its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import odd
from sandbox.chance import likely, stream

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from sandbox.switches import Switches

Json = dict[str, Any]

_TEXTS = ("name", "title", "email")
_WORDS = ("role", "category", "state", "part_type")
_FREE = ("custom_attributes", "ticket_attributes")
_KEYS = ("id", "updated_at")
_SELDOM = 0.2


def strange(shaped: Json, seed: int, ordinal: int, switches: Switches) -> Json:
    """Return an object with odd shapes, as often as the switch `drift` says."""
    if switches.drift > 0:
        shaped = {
            key: dict(item) if isinstance(item, dict) else item for key, item in shaped.items()
        }
        # A stream for each oddity: none may depend on whether another struck.
        for number, oddity in enumerate(_ODDITIES):
            rng = stream(seed, 64, ordinal, number)
            if likely(rng, switches.drift):
                oddity(shaped, rng)
    if switches.drift_keys and "updated_at" in shaped:
        moment = odd.same_moment(stream(seed, 65, ordinal), shaped["updated_at"])
        shaped = {**shaped, "updated_at": moment}
    return shaped


def _moments(shaped: Json, rng: random.Random) -> None:
    for key, value in shaped.items():
        if key.endswith("_at") and key not in _KEYS and isinstance(value, int):
            shaped[key] = odd.moment(rng, value)


def _numbers(shaped: Json, rng: random.Random) -> None:
    for key, value in shaped.items():
        if isinstance(value, int) and not isinstance(value, bool) and not key.endswith("_at"):
            shaped[key] = odd.number(rng, value)


def _texts(shaped: Json, rng: random.Random) -> None:
    for key in _TEXTS:
        if isinstance(shaped.get(key), str):
            shaped[key] = odd.text(rng, shaped[key]) if rng.randrange(2) else None


def _words(shaped: Json, rng: random.Random) -> None:
    for key in _WORDS:
        if isinstance(shaped.get(key), str):
            shaped[key] = odd.word(rng, shaped[key])


def _free(shaped: Json, _rng: random.Random) -> None:
    for key in _FREE:
        if key in shaped:
            nested = {"a": [1, "two", None, {"b": 10**25}]}
            shaped[key] |= {"": "an empty key", "nested": nested, "half": odd.LONE_SURROGATE}


def _undocumented(shaped: Json, rng: random.Random) -> None:
    shaped |= {key: item for key, item in odd.undocumented(rng).items() if key not in shaped}


def _undocumented_below(shaped: Json, rng: random.Random) -> None:
    for key, item in shaped.items():
        if isinstance(item, dict) and key not in _FREE:
            item.update(odd.undocumented(rng))


def _blocks(shaped: Json, rng: random.Random) -> None:
    for key, item in shaped.items():
        if isinstance(item, dict) and key not in _FREE and likely(rng, _SELDOM):
            shaped[key] = odd.block(rng, item)


# What hides all that stands inside comes last.
_ODDITIES: tuple[Callable[[Json, random.Random], None], ...] = (
    _moments,
    _numbers,
    _texts,
    _words,
    _free,
    _undocumented,
    _undocumented_below,
    _blocks,
)
