"""The streams' schemas: one JSON file per stream, what several share in `shared.json`.

A reference is standard JSON Schema, a file and a pointer into it, so editors and validators
can follow it; Singer targets cannot, so a schema leaves this module with all of them resolved.

Each field says in `x-personal` what kind of personal data it holds, or "none". That is for the tap
and docs/privacy.md: what a target is sent does not have it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

MARK = "x-personal"
"""The word of a schema that names the kind of personal data in a field without fields below it."""
NOT_PERSONAL = "none"
"""The mark of a field that holds no personal data."""


def load_schema(stream_name: str) -> dict[str, Any]:
    """Return a stream's schema, references resolved, as a copy of the caller's own.

    Args:
        stream_name: Name of the stream, which is the file's name too.

    Returns:
        The schema of the stream's records, without `x-personal`.
    """
    schema: dict[str, Any] = msgspec.json.decode(_text(stream_name, marked=False))
    return schema


def load_marked_schema(stream_name: str) -> dict[str, Any]:
    """Return a stream's schema as `load_schema` does, with `x-personal`.

    Args:
        stream_name: Name of the stream.
    """
    schema: dict[str, Any] = msgspec.json.decode(_text(stream_name, marked=True))
    return schema


@cache
def _text(stream_name: str, *, marked: bool) -> bytes:
    """A schema as JSON: to decode it is the quickest way to a copy."""
    schema = _load(stream_name)
    return msgspec.json.encode(schema if marked else _unmarked(schema))


def _unmarked(node: Any) -> Any:
    """Copy a schema without its marks."""
    if isinstance(node, dict):
        return {word: _unmarked(value) for word, value in node.items() if word != MARK}
    return [*node] if isinstance(node, list) else node


def _load(stream_name: str) -> dict[str, Any]:
    schema = _resolve(_read(f"{stream_name}.json"))
    # Which draft the file is written in concerns its editor; targets validate by their own.
    del schema["$schema"]
    return schema


@cache
def _read(file_name: str) -> dict[str, Any]:
    text = files(__name__).joinpath(file_name).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _resolve(node: dict[str, Any]) -> dict[str, Any]:
    """Put in place of each reference what it points to.

    The SDK's own resolver lets the target's keywords win; here those next to the reference do,
    as a shared part's description has to say what the part is in this place.
    """
    if "$ref" in node:
        file_name, pointer = node["$ref"].split("#/")
        target = _read(file_name)
        for step in pointer.split("/"):
            target = target[step]
        return _resolve(target | {word: node[word] for word in node if word != "$ref"})
    return {
        word: _resolve(value) if isinstance(value, dict) else value for word, value in node.items()
    }
