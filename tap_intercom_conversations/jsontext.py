"""Decoding of JSON that strict decoders refuse, with nothing lost that can be kept."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec


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


def _finite(figures: str) -> float | str:
    number = float(figures)
    return number if math.isfinite(number) else figures
