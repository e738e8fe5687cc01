"""What a perfect copy of a simulated workspace would hold, as records: made without the tap's code.

The sandbox tells its truth in the newest shape of the API, with times in epoch seconds.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from sandbox.truth import truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox import Sandbox

Json = dict[str, Any]

WHOLE: Json = {"api_version": "Preview", "include_qa": True, "include_translations": True}
"""Settings with which the API serves all that the truth has."""
_NOBODY = ("admin_assignee_id", "team_assignee_id")


def moment(seconds: float) -> str:
    """An epoch second as records have it."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows(server: Sandbox, stream: str, schema: Mapping[str, Any]) -> list[Json]:
    """The records of a stream, in ascending order of their conversation's `updated_at`."""
    return [_as_record(schema, row) for row in truth(server.workspace, stream)]


def _as_record(schema: Mapping[str, Any], value: Any) -> Any:
    properties = schema.get("properties")
    if isinstance(value, dict) and properties:
        return {
            name: None
            if name in _NOBODY and child == 0 and "assigned_to" not in value  # as parts have
            else _as_record(properties.get(name, {}), child)
            for name, child in value.items()
        }
    if isinstance(value, list) and "items" in schema:
        return [_as_record(schema["items"], item) for item in value]
    if type(value) in (int, float) and schema.get("format") == "date-time":
        return moment(value)
    if type(value) is int and "string" in schema.get("type", ()):
        return str(value)
    return value


def conversations(server: Sandbox) -> dict[str, int]:
    """All conversations, with their `updated_at`."""
    workspace = server.workspace
    ordinals = {identifier: workspace.find(identifier) for identifier in workspace.ids()}
    return {
        identifier: workspace.updated_at(ordinal)
        for identifier, ordinal in ordinals.items()
        if ordinal is not None
    }


def differences(record: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """Name the fields of the truth that a record has otherwise."""
    return [name for name, value in row.items() if record.get(name) != value]
