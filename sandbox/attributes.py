"""The attributes that a workspace has for its conversations."""

from __future__ import annotations

from typing import Any

from sandbox.cast import FOUNDED, WEEK
from sandbox.chance import every, uuid_id

Json = dict[str, Any]

# name, data type, archived
CUSTOM = (
    ("Product area", "list", False),
    ("Language", "string", False),
    ("Severity", "list", False),
    ("CX Score rating", "integer", False),
    ("billing:amount due", "decimal", False),
    ("Is VIP?", "boolean", False),
    ("Due date", "datetime", False),
    ("Orders", "relationship", False),
    ("Screenshots", "files", False),
    ("Old region", "string", True),
)
CHOICES = {
    "Product area": ("Billing", "Login", "Export", "Reports"),
    "Severity": ("S1", "S2", "S3"),
}


def conversation_attributes(seed: int, *, archived: bool) -> list[Json]:
    """Return the attributes as GET /conversations/attributes has them."""
    return [
        _attribute(seed, number, name, kind, gone=gone)
        for number, (name, kind, gone) in enumerate(CUSTOM)
        if archived or not gone
    ]


def _attribute(seed: int, number: int, name: str, kind: str, *, gone: bool) -> Json:
    attribute: Json = {
        "type": "conversation_attribute",
        "id": 3 + number,
        "name": name,
        "description": f"{name} of the request" if every(number, 2) else "",
        "data_type": kind,
        "required": every(number, 4),
        "visible_to_team_ids": [str(5_017_690 + number % 5)] if every(number, 3) else [],
        "archived": gone,
        "created_at": FOUNDED + number * WEEK,
        "updated_at": FOUNDED + (number + 60) * WEEK,
        "admin_id": "991267700",
    }
    if kind == "string":
        attribute["multiline"] = every(number, 2)
    if kind == "list":
        attribute["options"] = [
            {"id": uuid_id(seed, name, label), "label": label, "archived": every(place, 3, 2)}
            for place, label in enumerate(CHOICES[name])
        ]
    if kind == "relationship":
        attribute["reference"] = {"type": "many", "object_type_id": "Order"}
    return attribute
