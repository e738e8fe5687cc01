"""Numbers of conversations and their parts: the one place that knows how they are made up."""

from __future__ import annotations

_FIRST = 215_468_000_000_013
_STEP = 13
_FIRST_PART = 31_400_000_000
_PARTS_EACH = 4_096


def conversation_id(ordinal: int) -> str:
    """Return the id of the conversation that was the n-th to be created."""
    return str(_FIRST + _STEP * ordinal)


def ordinal_of(identifier: str) -> int:
    """Return which conversation an id belongs to, or -1 when none can have it."""
    if not (identifier.isascii() and identifier.isdigit()):
        return -1
    ordinal, rest = divmod(int(identifier) - _FIRST, _STEP)
    return ordinal if rest == 0 else -1


def part_id(ordinal: int, index: int) -> str:
    """Return the id of a conversation's n-th part."""
    return str(_FIRST_PART + ordinal * _PARTS_EACH + index)
