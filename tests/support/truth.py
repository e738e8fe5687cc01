"""What a perfect copy of a simulated workspace would hold, as records: made without the tap's code.

The sandbox tells its truth in the newest shape of the API, with times in epoch seconds.
"""

from __future__ import annotations

import json
import math
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from sandbox.ids import ordinal_of
from sandbox.truth import truth
from tap_intercom_conversations.schemas import load_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox import Sandbox, Workspace

Json = dict[str, Any]
Key = tuple[str, ...]
Rows = dict[Key, Json]

KEYS: dict[str, Key] = {
    "conversations": ("id",),
    "conversation_parts": ("conversation_id", "id"),
    "conversation_tags": ("conversation_id", "tag_id"),
    "conversation_contacts": ("conversation_id", "contact_id"),
    "conversation_teammates": ("conversation_id", "admin_id"),
    "conversation_handling_events": ("conversation_id", "id"),
    "side_conversation_parts": ("conversation_id", "side_conversation_id", "id"),
    "deleted_conversations": ("id",),
    "conversation_attributes": ("id",),
    "admins": ("id",),
    "teams": ("id",),
    "tags": ("id",),
    "contacts": ("id",),
    "contact_companies": ("contact_id", "company_id"),
    "contact_tags": ("contact_id", "tag_id"),
    "contact_activities": ("id",),
    "companies": ("id",),
    "tickets": ("id",),
    "ticket_parts": ("ticket_id", "id"),
    "ticket_types": ("id",),
    "ticket_states": ("id",),
    "segments": ("id",),
    "contact_attributes": ("full_name",),
    "company_attributes": ("full_name",),
    "admin_activity_logs": ("id",),
    "articles": ("id",),
    "calls": ("id",),
    "help_center_collections": ("id",),
}
WHOLE: Json = {"api_version": "Preview", "include_qa": True, "include_translations": True}
"""Settings with which the API serves all that the truth has."""
NOBODY = ("admin_assignee_id", "team_assignee_id")
"""Fields that are 0 where there is nobody, and null in a record."""


def moment(seconds: float) -> str:
    """An epoch second as records have it."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def rows(server: Sandbox, stream: str, schema: Mapping[str, Any]) -> list[Json]:
    """The records of a stream, in ascending order of their conversation's `updated_at`."""
    return [_as_record(schema, row) for row in truth(server.workspace, stream)]


def expected(workspace: Workspace, stream: str) -> Rows:
    """The records of a stream, by key, with what the tap adds to them."""
    schema = load_schema(stream)
    found = {}
    for row in truth(workspace, stream):
        if stream == "conversation_parts":
            tale = workspace.told(ordinal_of(row["conversation_id"]))
            row["conversation_total_parts"] = len(tale.events)
        if stream == "ticket_parts":
            ticket = workspace.tickets.canonical(workspace.tickets.ordinal_of(row["ticket_id"]))
            row["ticket_total_parts"] = ticket["ticket_parts"]["total_count"]
        row.pop("ticket_parts", None)  # they are a table of their own
        record = _as_record(schema, row)
        found[key_of(stream, record)] = record
    return found


def key_of(stream: str, row: Mapping[str, Any]) -> Key:
    """A row's key."""
    return tuple(row[name] for name in KEYS[stream])


def _as_record(schema: Mapping[str, Any], value: Any) -> Any:
    properties = schema.get("properties")
    if isinstance(value, dict) and properties:
        return {
            name: None
            if name in NOBODY and child == 0 and "assigned_to" not in value  # as parts have
            else _as_record(properties.get(name, {}), child)
            for name, child in value.items()
        }
    if isinstance(value, list) and "items" in schema:
        return [_as_record(schema["items"], item) for item in value]
    if isinstance(value, list) and "string" in schema.get("type", ()):
        return json.dumps(value)
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


def within(server: Sandbox, start: float = 0, end: float = math.inf) -> set[str]:
    """The ids of the conversations that were updated within bounds."""
    found = conversations(server).items()
    return {identifier for identifier, updated_at in found if start <= updated_at < end}


def differences(record: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """Name the fields of the truth that a record has otherwise."""
    return [name for name, value in row.items() if record.get(name) != value]
