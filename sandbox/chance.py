"""All chance in the sandbox comes from here: streams of numbers that a seed fixes.

Nothing reads the wall clock or the process's own random state, so that the same seed is the
same workspace on every machine and a failing test can be run again as it was.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from typing import TypeVar

T = TypeVar("T")

# A large odd multiplier keeps neighbouring (seed, ordinal) pairs apart.
_MIX = 1_000_003


def stream(*parts: int) -> random.Random:
    """Return the stream of random numbers that belongs to these numbers."""
    seed = 0
    for part in parts:
        seed = seed * _MIX + part + 1
    return random.Random(seed)  # noqa: S311  play, not secrets


def likely(rng: random.Random, probability: float) -> bool:
    """Say yes with the given probability."""
    return rng.random() < probability


def every(ordinal: int, period: int, offset: int = 0) -> bool:
    """Say yes for one ordinal in each `period`: rare things must still be sure to occur."""
    return ordinal % period == offset % period


def pick(items: tuple[T, ...] | list[T], index: int) -> T:
    """Return an item by an index that may run past the end."""
    return items[index % len(items)]


def hex_id(*parts: object) -> str:
    """Return 24 hexadecimal digits, as contacts and companies are numbered."""
    text = ":".join(map(str, parts)).encode()
    return "6" + hashlib.blake2b(text, digest_size=12).hexdigest()[1:]


def uuid_id(*parts: object) -> str:
    """Return a UUID that belongs to these parts."""
    text = ":".join(map(str, parts)).encode()
    return str(uuid.UUID(bytes=hashlib.blake2b(text, digest_size=16).digest(), version=4))
