"""The types of tickets that a workspace has, with their attributes, and the states of tickets."""

from __future__ import annotations

from functools import cache
from typing import Any

from sandbox.cast import FOUNDED, WEEK
from sandbox.chance import every

Json = dict[str, Any]

_FIRST_TYPE = 1_201
_FIRST_STATE = 8_301
_FIRST_ATTRIBUTE = 5_001
_ATTRIBUTES_EACH = 16
# name, icon, category, archived
_TYPES = (
    ("Bug report", "🪲", "Customer", False),
    ("Refund", "💶", "Customer", False),
    ("Engineering task", "🛠️", "Back-office", False),
    ("Incident", "🚨", "Tracker", False),
    ("Old request", "🗄️", "Customer", True),
)
# category, internal label, external label, archived
_STATES = (
    ("submitted", "Submitted", "Submitted", False),
    ("in_progress", "In progress", "In progress", False),
    ("in_progress", "With engineering", "In progress", False),
    ("waiting_on_customer", "Waiting on customer", "Waiting on you", False),
    ("resolved", "Resolved", "Resolved", False),
    ("resolved", "Won't fix", "Resolved", True),
)
LIVING_STATES = 5
_OPTIONS = {"list_options": [{"id": "1", "label": "Low"}, {"id": "2", "label": "High"}]}
# name, data type, input options
_ATTRIBUTES: tuple[tuple[str, str, Json | None], ...] = (
    ("_default_title_", "string", {"multiline": False}),
    ("_default_description_", "string", {"multiline": True}),
    ("Severity", "list", _OPTIONS),
    ("Order total", "decimal", None),
    ("Due", "datetime", None),
    ("Paid", "boolean", None),
    ("Receipt", "files", None),
)


def type_of(ordinal: int) -> int:
    """Return which of the types the n-th ticket has."""
    return ordinal % len(_TYPES)


def attribute_number(index: int, name: str) -> str:
    """Return the number of a ticket type's attribute."""
    names = [known for known, *_ in _ATTRIBUTES]
    place = names.index(name)
    return str(_FIRST_ATTRIBUTE + _ATTRIBUTES_EACH * index + place)


def ticket_state(index: int) -> Json:
    """Return a state as a ticket has it."""
    category, internal, external, _ = _STATES[index]
    return {
        "type": "ticket_state",
        "id": str(_FIRST_STATE + index),
        "category": category,
        "internal_label": internal,
        "external_label": external,
    }


@cache
def ticket_type(index: int) -> Json:
    """Return a ticket type with its attributes and its states; not to be changed by anybody."""
    name, icon, category, archived = _TYPES[index]
    attributes = [_attribute(index, place) for place in range(len(_ATTRIBUTES))]
    states = [ticket_state(number) for number in range(LIVING_STATES)]
    return {
        "type": "ticket_type",
        "id": str(_FIRST_TYPE + index),
        "name": name,
        "description": f"For each {name.lower()}",
        "icon": icon,
        "workspace_id": "lk5pur01",
        "archived": archived,
        "created_at": FOUNDED + index * WEEK,
        "updated_at": FOUNDED + (index + 70) * WEEK,
        "is_internal": category != "Customer",
        "ticket_type_attributes": {"type": "list", "data": attributes},
        "category": category,
        "ticket_states": {"type": "list", "data": states},
    }


def _attribute(index: int, place: int) -> Json:
    name, kind, options = _ATTRIBUTES[place]
    return {
        "type": "ticket_type_attribute",
        "id": str(_FIRST_ATTRIBUTE + _ATTRIBUTES_EACH * index + place),
        "workspace_id": "lk5pur01",
        "name": name,
        "description": "" if name.startswith("_") else f"{name} of the ticket",
        "data_type": kind,
        "input_options": options,
        "order": place,
        "required_to_create": every(place, 3),
        "required_to_create_for_contacts": False,
        "visible_on_create": True,
        "visible_to_contacts": every(place, 2),
        "default": name.startswith("_"),
        "ticket_type_id": _FIRST_TYPE + index,
        "archived": False,
        "created_at": FOUNDED + index * WEEK,
        "updated_at": FOUNDED + (index + 70) * WEEK,
    }


def ticket_types() -> list[Json]:
    """Return all ticket types as their list has them."""
    return [ticket_type(index) for index in range(len(_TYPES))]


def ticket_states() -> list[Json]:
    """Return all states as their list has them: each with the ticket types that know it."""
    types = ticket_types()
    return [
        {
            **ticket_state(index),
            "archived": archived,
            "ticket_types": {"type": "list", "data": [] if archived else types},
        }
        for index, (*_, archived) in enumerate(_STATES)
    ]
