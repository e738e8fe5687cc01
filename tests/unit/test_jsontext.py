"""JSON that strict decoders refuse is read, and what cannot be kept as it is becomes a text."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tap_intercom_conversations.jsontext import (
    DEEPEST,
    UnreadableJson,
    check_encodable,
    decode_any,
    repaired,
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
def test_is_read(text: bytes, value: Any) -> None:
    assert decode_any(text) == value
    assert msgspec.json.decode(repaired(text)) == value


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
def test_is_not_read(text: bytes) -> None:
    with pytest.raises(UnreadableJson):
        decode_any(text)


def nested(levels: int) -> Any:
    value: Any = {}
    for level in range(levels - 1):
        value = [value] if level % 2 else {"a": value, "b": 1}
    return value


@pytest.mark.parametrize("value", [nested(DEEPEST), [[]] * 2 * DEEPEST, 2**70, "[" * 2 * DEEPEST])
def test_can_be_written(value: Any) -> None:
    check_encodable(value)

    assert decode_any(msgspec.json.encode(value)) == value


@pytest.mark.parametrize(
    "value",
    [nested(DEEPEST + 1), nested(5_000), [10**5_000], ["\ud83d"]],
    ids=["nested", "deeply nested", "digits", "half a character"],
)
def test_cannot_be_written(value: Any) -> None:
    with pytest.raises(UnreadableJson):
        check_encodable(value)
