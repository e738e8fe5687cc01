"""What a schema says of a field: its type, and what kind of personal data it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = "x-personal"
"""The word of a schema that names the kind of personal data in a field without fields below it."""
NOT_PERSONAL = "none"
"""The mark of a field that holds no personal data."""


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return a schema's type other than null."""
    kinds = schema["type"]
    return kinds if isinstance(kinds, str) else next(kind for kind in kinds if kind != "null")


def personal_kind(schema: Mapping[str, Any]) -> str:
    """Return the kind of personal data in a field itself; a list of plain values has theirs.

    Of an object with fields it is "none": they have their own.
    """
    if MARK not in schema and "items" in schema:
        return personal_kind(schema["items"])
    mark: str = schema.get(MARK, NOT_PERSONAL)
    return mark


def holds_text(schema: Mapping[str, Any]) -> bool:
    """Tell whether a field holds plain texts, one or a list of them."""
    if "items" in schema:
        return holds_text(schema["items"])
    return kind_of(schema) == "string" and "format" not in schema
