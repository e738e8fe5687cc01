"""The fields that the search knows: the type of each, and where its value stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Getter = Callable[[Json], Any]

STRING, INTEGER, DATE, BOOLEAN, ANY = "string", "integer", "date", "boolean", "any"


def path(name: str) -> Getter:
    """Return how to get at a value that may stand inside others."""
    keys = name.split(".")

    def get(item: Json) -> Any:
        value: Any = item
        for key in keys:
            if not isinstance(value, dict):
                return None
            value = value.get(key)
        return value

    return get


def _ids(outer: str, inner: str) -> Getter:
    def get(conversation: Json) -> list[str]:
        block = conversation[outer]
        return [item["id"] for item in block[inner]] if block else []

    return get


_STATISTICS = {
    "first_contact_reply_at": DATE,
    "first_assignment_at": DATE,
    "first_admin_reply_at": DATE,
    "first_close_at": DATE,
    "last_assignment_at": DATE,
    "last_assignment_admin_reply_at": DATE,
    "last_contact_reply_at": DATE,
    "last_admin_reply_at": DATE,
    "last_close_at": DATE,
    "last_closed_by_id": STRING,
}
_COUNTS = (
    "time_to_assignment time_to_admin_reply time_to_first_close time_to_last_close"
    " median_time_to_reply count_reopens count_assignments count_conversation_parts"
)
FIELDS: dict[str, tuple[str, Getter]] = {
    "id": (STRING, path("id")),
    "created_at": (DATE, path("created_at")),
    "updated_at": (DATE, path("updated_at")),
    "waiting_since": (DATE, path("waiting_since")),
    "snoozed_until": (DATE, path("snoozed_until")),
    "open": (BOOLEAN, path("open")),
    "read": (BOOLEAN, path("read")),
    "state": (STRING, path("state")),
    "priority": (STRING, path("priority")),
    "admin_assignee_id": (INTEGER, path("admin_assignee_id")),
    "team_assignee_id": (INTEGER, path("team_assignee_id")),
    "channel_initiated": (STRING, path("channel.initial")),
    "contact_ids": (STRING, _ids("contacts", "contacts")),
    "teammate_ids": (STRING, _ids("teammates", "teammates")),
    "tag_ids": (STRING, _ids("tags", "tags")),
    "source.url": (STRING, path("source.url")),
    "ai_agent_participated": (BOOLEAN, path("ai_agent_participated")),
    "ai_agent.rating": (INTEGER, path("ai_agent.rating")),
    "conversation_rating.requested_at": (DATE, path("conversation_rating.created_at")),
    "conversation_rating.replied_at": (DATE, path("conversation_rating.updated_at")),
    "conversation_rating.score": (INTEGER, path("conversation_rating.rating")),
    "conversation_rating.remark": (STRING, path("conversation_rating.remark")),
    "conversation_rating.contact_id": (STRING, path("conversation_rating.contact.id")),
    "conversation_rating.admin_id": (STRING, path("conversation_rating.teammate.id")),
}
FIELDS |= {
    f"statistics.{key}": (kind, path(f"statistics.{key}")) for key, kind in _STATISTICS.items()
}
FIELDS |= {f"statistics.{key}": (INTEGER, path(f"statistics.{key}")) for key in _COUNTS.split()}
FIELDS |= {
    f"source.{key}": (STRING, path(f"source.{key}"))
    for key in [
        "type",
        "id",
        "delivered_as",
        "subject",
        "body",
        "author.id",
        "author.type",
        "author.name",
        "author.email",
    ]
}
FIELDS |= {
    f"ai_agent.{key}": (STRING, path(f"ai_agent.{key}"))
    for key in [
        "resolution_state",
        "last_answer_type",
        "rating_remark",
        "source_type",
        "source_title",
    ]
}
# As the documents spell it.
FIELDS["conversation_rating.admin_d"] = FIELDS["conversation_rating.admin_id"]
_CUSTOM = "custom_attribute."


def lookup(name: str) -> tuple[str, Getter] | None:
    """Return a field's type and how to get at it, or None for no such field."""
    if name.startswith(_CUSTOM) and len(name) > len(_CUSTOM):
        key = name[len(_CUSTOM) :]
        return ANY, lambda conversation: conversation["custom_attributes"].get(key)
    return FIELDS.get(name)
