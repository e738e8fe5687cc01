"""JSON that strict decoders refuse is read, and what cannot be kept as it is becomes a text."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tap_intercom_conversations.jsontext import UnreadableJson, decode_any, repaired


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
