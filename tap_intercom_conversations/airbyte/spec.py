"""The settings as Airbyte's `spec` has them, which its user interface makes a form of."""

from __future__ import annotations

import typing as t

from singer_sdk.helpers.capabilities import (
    BATCH_CONFIG,
    EMIT_ACTIVATE_VERSION_CONFIG,
    FLATTENING_CONFIG,
    STREAM_MAPS_CONFIG,
)

from tap_intercom_conversations.errors import InvalidSettings
from tap_intercom_conversations.settings import CONFIG_SCHEMA

if t.TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, t.Any]

DOCUMENTATION = (
    "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication"
)
"""Intercom's page on where the access token comes from: the one setting that is required."""
FOR_SINGER = frozenset(
    name
    for settings in (
        BATCH_CONFIG,
        EMIT_ACTIVATE_VERSION_CONFIG,
        FLATTENING_CONFIG,
        STREAM_MAPS_CONFIG,
    )
    for name in settings["properties"]
)
"""Settings of the SDK: what they change is Singer's messages."""
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+)?)?$"
"""What a date or date-time looks like; the tap looks closer."""


def connection_specification() -> Json:
    """Return the JSON schema of the settings."""
    settings = CONFIG_SCHEMA["properties"].items()
    ours = {name: schema for name, schema in settings if name not in FOR_SINGER}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Intercom conversations",
        "type": "object",
        "required": [*CONFIG_SCHEMA["required"]],
        "additionalProperties": True,
        "properties": {
            name: {**_field(schema), "order": order}
            for order, (name, schema) in enumerate(ours.items())
        },
    }


def check_settings(names: Iterable[str]) -> None:
    """Check that no setting is given that Airbyte's side has not.

    Raises:
        InvalidSettings: There is one.
    """
    if lines := [
        f"{name}: is for Singer targets, and does nothing here; remove it"
        for name in sorted(names)
        if name in FOR_SINGER
    ]:
        raise InvalidSettings(lines)


def _field(schema: Json) -> Json:
    """Rewrite one setting's schema: one type, as a form has one field for it."""
    field = {word: value for word, value in schema.items() if word not in {"secret", "writeOnly"}}
    kinds = schema.get("type", "string")  # a filter's value may be of any type
    field["type"] = kinds if isinstance(kinds, str) else kinds[0]
    if schema.get("secret"):
        field["airbyte_secret"] = True
    if schema.get("format") == "date-time":
        field |= {"pattern": DATE, "examples": ["2026-01-31T00:00:00Z"]}
    if "items" in schema:
        field["items"] = _field(schema["items"])
    if "properties" in schema:
        fields = schema["properties"].items()
        field["properties"] = {name: _field(below) for name, below in fields}
    return field
