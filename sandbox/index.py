"""Conversations in the order of a moment: found by bisection, never by scanning.

A key packs (moment, ordinal) into one integer. Ids grow with the ordinal, so that keys sort as
(moment, id) does, and half a million of them are a plain list of numbers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BITS = 24
_SPAN = 1 << _BITS
_LAST = _SPAN - 1
# From here on, sorting everything again is cheaper than moving the list's tail for each key.
_BULK = 200


def key_of(moment: int, ordinal: int) -> int:
    """Pack a moment and an ordinal."""
    return (moment << _BITS) | ordinal


def ordinal_in(key: int) -> int:
    """Unpack the ordinal."""
    return key & _LAST


def moment_in(key: int) -> int:
    """Unpack the moment."""
    return key >> _BITS


class Index:
    """A sorted list of keys."""

    def __init__(self, keys: Iterable[int] = ()) -> None:
        self.keys = sorted(keys)

    def replace(self, old: list[int], new: list[int]) -> None:
        """Take keys out and put others in."""
        if len(old) + len(new) > _BULK:
            gone = set(old)
            self.keys = sorted([key for key in self.keys if key not in gone] + new)
            return
        for key in old:
            position = bisect_left(self.keys, key)
            if position < len(self.keys) and self.keys[position] == key:
                del self.keys[position]
        for key in new:
            insort(self.keys, key)

    def between(self, low: int | None, high: int | None) -> tuple[int, int]:
        """Return the positions of the keys with low <= moment < high."""
        start = 0 if low is None else bisect_left(self.keys, key_of(max(0, low), 0))
        stop = len(self.keys)
        if high is not None:
            stop = bisect_left(self.keys, key_of(max(0, high), 0))
        return start, max(start, stop)


def position_after(keys: list[int], key: int) -> int:
    """Return where the keys behind this one begin."""
    return bisect_right(keys, key)


def position_before(keys: list[int], key: int) -> int:
    """Return where the keys before this one end."""
    return bisect_left(keys, key)
