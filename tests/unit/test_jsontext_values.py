"""Single values of JSON: what is read, what can be written, and what is a count."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tap_intercom_conversations.errors import UnreadableRow
from tap_intercom_conversations.jsontext import (
    DEEPEST_LEVELS,
    check_encodable,
    decode_any,
    whole_number,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"id":"1","a":[1,2.5,null,true]}', {"id": "1", "a": [1, 2.5, None, True]}),
        (b"[NaN,Infinity,-Infinity]", ["NaN", "Infinity", "-Infinity"]),
        (b"[1e400,-1E999,1e-400,2e3]", ["1e400", "-1E999", 0.0, 2000.0]),
        (b'"a\nb\tc\x00d"', "a\nb\tc\0d"),
        (b'"caf\xe9"', "caf\N{REPLACEMENT CHARACTER}"),
        (rb'"\ud83d\ude00 \ud83d"', "\N{GRINNING FACE} ?"),
        (rb'{"\ude00":"half"}', {"?": "half"}),
        ('{"a":["ü😀\u2028",NaN]}'.encode(), {"a": ["ü😀\u2028", "NaN"]}),
        (b"[9223372036854775808,NaN]", [2**63, "NaN"]),
    ],
)
def test_one_value_is_read(text: bytes, value: Any) -> None:
    assert decode_any(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>",
        b'{"id":',
        b'{"id":"1"}}',
        b"[" * 3_000 + b"]" * 3_000,
        b"[NaN," + b"[" * 3_000 + b"]" * 3_000 + b"]",
        b"[NaN," + b"9" * 5_000 + b"]",
    ],
    ids=["empty", "html", "cut off", "too much", "nested", "nested and NaN", "digits"],
)
def test_one_value_is_not_read(text: bytes) -> None:
    with pytest.raises(UnreadableRow):
        decode_any(text)


def nested(levels: int) -> Any:
    value: Any = {}
    for level in range(levels - 1):
        value = [value] if level % 2 else {"a": value, "b": 1}
    return value


@pytest.mark.parametrize(
    "value", [nested(DEEPEST_LEVELS), [[]] * 2 * DEEPEST_LEVELS, 2**70, "[" * 2 * DEEPEST_LEVELS]
)
def test_can_be_written(value: Any) -> None:
    check_encodable(value)

    assert decode_any(msgspec.json.encode(value)) == value


@pytest.mark.parametrize(
    "value",
    [nested(DEEPEST_LEVELS + 1), nested(5_000), [10**5_000], ["\ud83d"]],
    ids=["nested", "deeply nested", "digits", "half a character"],
)
def test_cannot_be_written(value: Any) -> None:
    with pytest.raises(UnreadableRow):
        check_encodable(value)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0),
        ("501", 501),
        (2**53 - 1, 2**53 - 1),
        (2**53, None),
        (-1, None),
        (float("inf"), None),
        ("many", None),
        (None, None),
        ({}, None),
    ],
)
def test_a_count(value: Any, number: int | None) -> None:
    assert whole_number(value) == number
