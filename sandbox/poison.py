"""Poison: conversations that a decoder refuses, or that lack what no row may lack."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_MARK = "@@POISON@@"
_DEPTH = 3_000
_DIGITS = 5_000
_FUTURE = 2_540_000_000  # 2050-06-28
_TEXTS = {
    "nested": b"[" * _DEPTH + b"]" * _DEPTH,
    "1e400": b"1e400",
    "digits": b"7" * _DIGITS,
    "utf8": b'"caf\xe9 \xff"',
    "nan": b"NaN",
    "control": b'"a\x00b\x1fc\nd"',
}
KINDS = (*_TEXTS, "updated_at", "future", "no_id", "no_parts", "parts_null", "parts_count")
"""A field's value that is no JSON or more than decoders take; a moment that cannot be read, or
lies in 2050; no id; parts that lack, are null, or are counted as 1e400."""


def poisoned(shaped: Json, kind: str) -> Json:
    """Return a conversation with its poison; `written` puts in what no encoder writes."""
    shaped = dict(shaped)
    parts = shaped.get("conversation_parts")
    if kind in _TEXTS:
        shaped["custom_attributes"] = {"poison": _MARK}
    elif kind == "no_id":
        del shaped["id"]
    elif kind in ("updated_at", "future"):
        shaped["updated_at"] = "soon" if kind == "updated_at" else _FUTURE
    elif parts and kind == "no_parts":
        del shaped["conversation_parts"]
    elif parts and kind == "parts_null":
        shaped["conversation_parts"] = None
    elif parts and kind == "parts_count":
        shaped["conversation_parts"] = {**parts, "total_count": _MARK}
    return shaped


def written(body: bytes, kind: str) -> bytes:
    """Return a poisoned conversation's JSON as it goes over the wire."""
    text = _TEXTS.get(kind, _TEXTS["1e400"])
    return body.replace(f'"{_MARK}"'.encode(), text)
