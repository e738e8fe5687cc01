"""The fields that the search of tickets knows."""

from __future__ import annotations

from typing import Any

from sandbox.fieldset import ANY, BOOLEAN, DATE, INTEGER, STRING, Getter, path

Json = dict[str, Any]

_ATTRIBUTE = "ticket_attribute."
_CATEGORIES = {"Customer": "request", "Back-office": "task", "Tracker": "tracker"}


def _contacts(ticket: Json) -> list[str]:
    return [contact["id"] for contact in ticket["contacts"]["contacts"]]


def _teammates(ticket: Json) -> list[str]:
    authors = [part["author"] for part in ticket["ticket_parts"]["ticket_parts"]]
    return [author["id"] for author in authors if author["type"] == "admin"]


FIELDS: dict[str, tuple[str, Getter]] = {
    "id": (STRING, path("id")),
    "created_at": (DATE, path("created_at")),
    "updated_at": (DATE, path("updated_at")),
    "title": (STRING, path("ticket_attributes._default_title_")),
    "description": (STRING, path("ticket_attributes._default_description_")),
    "category": (STRING, lambda ticket: _CATEGORIES[ticket["category"]]),
    "ticket_type_id": (STRING, path("ticket_type.id")),
    "contact_ids": (STRING, _contacts),
    "teammate_ids": (STRING, _teammates),
    "admin_assignee_id": (INTEGER, path("admin_assignee_id")),
    "team_assignee_id": (INTEGER, path("team_assignee_id")),
    "open": (BOOLEAN, path("open")),
    "state": (STRING, path("ticket_state.category")),
    "snoozed_until": (DATE, path("snoozed_until")),
}


def _attribute(number: str) -> Getter:
    def get(ticket: Json) -> Any:
        attributes = ticket["ticket_type"]["ticket_type_attributes"]["data"]
        names = [item["name"] for item in attributes if item["id"] == number]
        return ticket["ticket_attributes"].get(names[0]) if names else None

    return get


def lookup(name: str) -> tuple[str, Getter] | None:
    """Return a field's type and how to get at it, or None for no such field."""
    if name.startswith(_ATTRIBUTE) and len(name) > len(_ATTRIBUTE):
        return ANY, _attribute(name[len(_ATTRIBUTE) :])
    return FIELDS.get(name)
