"""The fields that the search of companies knows."""

from __future__ import annotations

from sandbox.fieldset import ANY, DATE, INTEGER, STRING, Getter, path

_TEXTS = "id name company_id website industry plan.name"
_MOMENTS = "created_at updated_at last_request_at remote_created_at"
_NUMBERS = "size monthly_spend session_count user_count"
_CUSTOM = "custom_attributes."
FIELDS: dict[str, tuple[str, Getter]] = {name: (STRING, path(name)) for name in _TEXTS.split()}
FIELDS |= {name: (DATE, path(name)) for name in _MOMENTS.split()}
FIELDS |= {name: (INTEGER, path(name)) for name in _NUMBERS.split()}


def lookup(name: str) -> tuple[str, Getter] | None:
    """Return a field's type and how to get at it, or None for no such field."""
    if name.startswith(_CUSTOM) and len(name) > len(_CUSTOM):
        key = name[len(_CUSTOM) :]
        return ANY, lambda company: company["custom_attributes"].get(key)
    return FIELDS.get(name)
