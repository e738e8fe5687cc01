"""What a perfect copy of the simulated workspace holds, made without the tap's own code."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from sandbox.ids import ordinal_of
from sandbox.truth import truth
from tap_intercom_conversations.schemas import load_schema

if TYPE_CHECKING:
    from sandbox import Workspace

Json = dict[str, Any]
Key = tuple[str, ...]
Rows = dict[Key, Json]

KEYS: dict[str, Key] = {
    "conversations": ("id",),
    "conversation_parts": ("conversation_id", "id"),
    "side_conversation_parts": ("conversation_id", "side_conversation_id", "id"),
    "deleted_conversations": ("id",),
    "admins": ("id",),
    "teams": ("id",),
    "tags": ("id",),
    "contacts": ("id",),
    "contact_companies": ("contact_id", "company_id"),
    "contact_tags": ("contact_id", "tag_id"),
    "contact_activities": ("id",),
    "companies": ("id",),
    "ticket_types": ("id",),
    "ticket_states": ("id",),
    "segments": ("id",),
    "contact_attributes": ("full_name",),
    "company_attributes": ("full_name",),
    "articles": ("id",),
    "help_center_collections": ("id",),
}
WHOLE: Json = {"api_version": "Preview", "include_qa": True}
"""Settings with which the API serves all that the truth has."""
_NOBODY = ("admin_assignee_id", "team_assignee_id")


def expected(workspace: Workspace, stream: str) -> Rows:
    """The rows of a stream, by key."""
    schema = load_schema(stream)
    rows = {}
    for found in truth(workspace, stream):
        if stream == "conversation_parts":
            tale = workspace.told(ordinal_of(found["conversation_id"]))
            found["conversation_total_parts"] = len(tale.events)
        row = _as_documented(found, schema, "")
        rows[key_of(stream, row)] = row
    return rows


def key_of(stream: str, row: Json) -> Key:
    """A row's key."""
    return tuple(row[name] for name in KEYS[stream])


def _as_documented(value: Any, schema: Json, name: str) -> Any:
    """The documented form of a value that is right but for times, ids and nobody's 0."""
    if value is None or (name in _NOBODY and value == 0):
        return None
    if schema.get("format") == "date-time" and isinstance(value, int):
        return datetime.fromtimestamp(value, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dict) and "properties" in schema:
        fields = schema["properties"]
        is_part = "assigned_to" in fields  # its 0 says that it took the conversation from somebody
        return {
            key: _as_documented(item, fields.get(key, {}), "" if is_part else key)
            for key, item in value.items()
        }
    if isinstance(value, list) and "items" in schema:
        return [_as_documented(item, schema["items"], "") for item in value]
    if type(value) is int and "string" in schema.get("type", ()):
        return str(value)
    return value
