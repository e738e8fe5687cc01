"""When things happened: the moments of half a million conversations in about a second."""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import TYPE_CHECKING

from sandbox.chance import stream

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH = 1_780_272_000  # 2026-06-01T00:00:00Z, a Monday: the workspace's present when it starts
WEEKS = 26
_HOUR = 3_600
_HOURS = WEEKS * 7 * 24
BEGINNING = EPOCH - _HOURS * _HOUR
ACTIVITIES = ("even", "growth", "bursts", "bulk", "ties")
_SPAN = 400 * 86_400
_SATURDAY = 5
_OFFICE = range(8, 18)
_MEAN_LIFE = 3 * 86_400
_BULK_DATES = (EPOCH - 40 * 86_400, EPOCH - 9 * 86_400)
_BULK_SHARE = 60  # one conversation of so many was closed in a clean-up of old ones


def created(seed: int, count: int) -> array[int]:
    """Return when each conversation was created, in order: in office hours, growing a little."""
    rng = stream(seed, 31)
    weights = list(accumulate(_weight(hour) for hour in range(_HOURS)))
    hours = rng.choices(range(_HOURS), cum_weights=weights, k=count)
    return array(
        "q", sorted(BEGINNING + _HOUR * hour + int(rng.random() * _HOUR) for hour in hours)
    )


def settled(seed: int, beginnings: array[int]) -> array[int]:
    """Return when each conversation was last updated.

    Some share one second, as after a clean-up of old conversations.
    """
    rng = stream(seed, 32)
    rate = 1 / _MEAN_LIFE
    moments = array("q")
    for ordinal, begun in enumerate(beginnings):
        moment = begun + 30 + int(rng.expovariate(rate))
        if ordinal % _BULK_SHARE == 0:
            moment = next((date for date in _BULK_DATES if date > begun), moment)
        if moment >= EPOCH:
            moment = begun + 1 + int(rng.random() * (EPOCH - begun - 1))
        moments.append(moment)
    return moments


def shaped(seed: int, count: int, activity: str) -> array[int]:
    """Return when each conversation was last updated, in order, for a shape of activity.

    They lie in the 400 days before the workspace's present, as a first load finds them: evenly;
    growing with the cube of time; in twelve bursts, each dying away; half of all within two
    hours, as after a bulk action; a third within one second.
    """
    rng = stream(seed, 35)
    shapes: dict[str, Callable[[int], float]] = {
        "even": lambda n: _SPAN * (n + rng.random()) / count,
        "growth": lambda _: _SPAN * rng.random() ** (1 / 3),
        "bursts": lambda _: _SPAN * (rng.randrange(12) + rng.betavariate(1, 30)) / 12,
        "bulk": lambda n: _SPAN * 2 / 3 + rng.randrange(7_200) if n % 2 else _SPAN * rng.random(),
        "ties": lambda n: _SPAN / 2 if n < count / 3 else _SPAN * rng.random(),
    }
    shape = shapes[activity]
    return array("q", sorted(EPOCH - _SPAN + int(shape(n)) for n in range(count)))


def _weight(hour: int) -> float:
    """Return how many conversations begin in an hour, in relation to the others."""
    weekday, of_day = (hour // 24) % 7, hour % 24
    busy = 1.0 if of_day in _OFFICE else 0.12
    rest = 0.2 if weekday >= _SATURDAY else 1.0
    return busy * rest * (1 + 0.4 * hour / _HOURS)
