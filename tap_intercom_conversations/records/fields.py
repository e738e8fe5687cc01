"""What a schema says of a field: its type, and what kind of personal data it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_intercom_conversations.schemas import MARK, NOT_PERSONAL

if TYPE_CHECKING:
    from collections.abc import Mapping


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return a schema's type other than null."""
    kinds = schema["type"]
    return kinds if isinstance(kinds, str) else next(kind for kind in kinds if kind != "null")


def personal_kind(schema: Mapping[str, Any]) -> str:
    """Return the kind of personal data in a field itself.

    Only what has no fields and no items below it has a mark. The kind of a list is that of its
    items; the kind of an object with fields is "none", as each of them has its own.
    """
    if "items" in schema:
        return personal_kind(schema["items"])
    mark: str = schema.get(MARK, NOT_PERSONAL)
    return mark


def holds_text(schema: Mapping[str, Any]) -> bool:
    """Tell whether a field holds plain texts, one or a list of them."""
    if "items" in schema:
        return holds_text(schema["items"])
    return kind_of(schema) == "string" and "format" not in schema
