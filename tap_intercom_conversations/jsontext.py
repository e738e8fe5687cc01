"""Reads JSON that strict decoders refuse, and tells apart what cannot be written again."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

DEEPEST = 500
"""Levels of nesting that a value may have: half of what Python's own decoder reads, in a target."""


class UnreadableJson(ValueError):
    """No decoder here reads it: it is not JSON, is nested too deeply or holds too long a number."""


def decode_any(text: bytes) -> Any:
    """Decode JSON, repaired if need be.

    Args:
        text: The JSON of one value.

    Returns:
        The value.

    Raises:
        UnreadableJson: It cannot be decoded.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(repaired(text))
    except RecursionError:
        raise UnreadableJson from None


def repaired(text: bytes) -> bytes:
    """Rewrite JSON so that any decoder reads it.

    NaN, infinities and numbers too large for a float (`1e400`) become texts of the same characters.
    Control characters that stand in a text unescaped are escaped. Bytes that are not UTF-8 become
    U+FFFD, the replacement character. Half of an emoji, cut off by somebody's string function (a
    lone surrogate), becomes a question mark.

    Args:
        text: JSON, with any of these faults.

    Returns:
        Strict JSON in UTF-8.

    Raises:
        UnreadableJson: It cannot be decoded.
    """
    try:
        value = json.loads(
            text.decode("utf-8", "replace"), strict=False, parse_constant=str, parse_float=_finite
        )
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (RecursionError, ValueError):
        raise UnreadableJson from None


def check_encodable(value: Any) -> None:
    """See that a decoded value can be written, and read by a target.

    Args:
        value: Any JSON, decoded.

    Raises:
        UnreadableJson: It is nested more deeply than `DEEPEST`, holds a whole number of more digits
            than Python writes, or half a character.
    """
    try:
        text = msgspec.json.encode(value)
    except (RecursionError, ValueError):
        raise UnreadableJson from None
    # Few brackets cannot be nested deeply; to count them is quicker by far than to walk.
    if text.count(b"[") + text.count(b"{") > DEEPEST and _depth(value) > DEEPEST:
        raise UnreadableJson


def _depth(value: Any) -> int:
    depth = 0
    level = [value]
    while level := [item for item in level if isinstance(item, (dict, list))]:
        depth += 1
        level = [
            child for item in level for child in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def _finite(figures: str) -> float | str:
    number = float(figures)
    return number if math.isfinite(number) else figures
