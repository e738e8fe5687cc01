"""Makes a value of the API another type than it came in, as long as nothing is lost by it.

Each function takes whatever JSON can hold, and raises `Lossy` if something would be lost.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

_WHOLE = re.compile(r"(-?(?:0|[1-9]\d{0,18}))(?:\.0+)?", re.ASCII)
# 15 significant digits are what a float keeps of any decimal number.
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
_FLOAT_DIGITS = 15
_MAX_WHOLE_FLOAT = 2**53


class Lossy(ValueError):
    """A value cannot be of that type; nothing is said of it, as it may be a customer's words."""


def to_integer(value: Any) -> int:
    """Return a whole number of 64 bits."""
    if type(value) is str and (match := _WHOLE.fullmatch(value)):
        value = int(match[1])
    elif type(value) is float and value.is_integer():
        value = int(value)
    # Singer targets store an integer in 64 bits.
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise Lossy
    return value


def to_number(value: Any) -> float:
    """Return a finite number."""
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is str and _DECIMAL.fullmatch(value):
        if sum(map(str.isdigit, value)) > _FLOAT_DIGITS:
            raise Lossy
        return float(value)
    return to_integer(value)


def to_boolean(value: Any) -> bool:
    """Return a truth value."""
    if value in (0, 1):  # True and False are among them
        return bool(value)
    if value in ("true", "false"):
        return bool(value == "true")
    raise Lossy


def to_text(value: Any) -> str:
    """Return a text; of an object or a list, its JSON."""
    if type(value) is str:
        return value
    if type(value) is float:
        if not math.isfinite(value):
            raise Lossy
        return str(int(value) if value.is_integer() and abs(value) <= _MAX_WHOLE_FLOAT else value)
    try:
        return str(value) if type(value) is int else json.dumps(value, ensure_ascii=False)
    except ValueError:  # Python writes no number of more than 4,300 digits
        raise Lossy from None


def to_plain_text(value: Any) -> str:
    """Return a text; an object or a list is none, as nobody knows what is in it."""
    if type(value) in (dict, list):
        raise Lossy
    return to_text(value)


def to_key(value: Any) -> str:
    """Return a part of a row's key: what is no id at all must not become one."""
    if type(value) not in (str, int, float):
        raise Lossy
    return to_text(value)
