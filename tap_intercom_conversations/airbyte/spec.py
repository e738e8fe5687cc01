"""The settings as Airbyte's `spec` has them, which its user interface makes a form of."""

from __future__ import annotations

import json
import typing as t
from contextlib import suppress

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


def with_lists(config: Json) -> Json:
    """Decode what a form can only give as text: the list of values of a search filter.

    Args:
        config: The settings as given.

    Returns:
        The settings as the tap takes them; whatever is wrong in them is left for its checks.
    """
    filters = config.get("search_filters")
    if not isinstance(filters, list):
        return config
    return {**config, "search_filters": [_with_list(one) for one in filters]}


def _with_list(search_filter: t.Any) -> t.Any:
    value = search_filter.get("value") if isinstance(search_filter, dict) else None
    if isinstance(value, str) and value.startswith("["):
        with suppress(ValueError):
            return {**search_filter, "value": json.loads(value)}
    return search_filter


def _field(schema: Json) -> Json:
    """Rewrite one setting's schema: one type, as a form has one field for it."""
    field = {word: value for word, value in schema.items() if word not in {"secret", "writeOnly"}}
    kinds = schema.get("type", "string")  # only a filter's value has none: `with_lists`
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
