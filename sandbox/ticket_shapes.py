"""Tickets, their types and states in the shape of a version: one up to 2.11, another since."""

from __future__ import annotations

from typing import Any

from sandbox.shapes import prune, rules_for
from sandbox.versions import V2_10, V2_12, V2_16

Json = dict[str, Any]


def ticket(canonical: Json, version: int, *, attributes: str, parts: int) -> Json:
    """Return a ticket.

    Args:
        canonical: The ticket.
        version: In the shape of which version.
        attributes: Under which key its type has its attributes.
        parts: How many of its parts are served; how many there are is said all the same.
    """
    shaped = dict(prune(canonical, rules_for("ticket", version)))
    shaped["ticket_type"] = ticket_type(canonical["ticket_type"], version, attributes=attributes)
    if version < V2_12:
        state = canonical["ticket_state"]
        shaped["ticket_state"] = state["category"]
        shaped["ticket_state_internal_label"] = state["internal_label"]
        shaped["ticket_state_external_label"] = state["external_label"]
    if version < V2_16:
        for key in ("admin_assignee_id", "team_assignee_id"):
            shaped[key] = str(canonical[key])
    block = canonical["ticket_parts"]
    rules = rules_for("ticket_part", version)
    served = [prune(part, rules) for part in block["ticket_parts"][-parts:]]
    return {**shaped, "ticket_parts": {**block, "ticket_parts": served}}


def ticket_type(canonical: Json, version: int, *, attributes: str) -> Json:
    """Return a ticket type."""
    shaped = dict(canonical)
    if version < V2_12:
        del shaped["ticket_states"]
    if version < V2_10:
        del shaped["category"]
    listed = canonical["ticket_type_attributes"]
    shaped["ticket_type_attributes"] = {"type": "list", attributes: listed["data"]}
    return shaped


def state(canonical: Json, version: int, *, attributes: str) -> Json:
    """Return a state with its ticket types."""
    types = canonical["ticket_types"]
    data = [ticket_type(item, version, attributes=attributes) for item in types["data"]]
    return {**canonical, "ticket_types": {**types, "data": data}}
