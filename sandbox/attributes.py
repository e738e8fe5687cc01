"""The attributes that a workspace has for its conversations, as either endpoint has them."""

from __future__ import annotations

from typing import Any

from sandbox.cast import FOUNDED, WEEK
from sandbox.chance import every, pick, uuid_id

Json = dict[str, Any]

# name, data type, archived
_CUSTOM = (
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
_CHOICES = {
    "Product area": ("Billing", "Login", "Export", "Reports"),
    "Severity": ("S1", "S2", "S3"),
}
# What every workspace has: name, label, data type.
_BUILT_IN = (
    ("id", "Conversation ID", "string"),
    ("created_at", "Started at", "date"),
    ("state", "State", "string"),
    ("priority", "Priority", "string"),
    ("ai_agent.rating", "Fin rating", "integer"),
    ("open", "Open", "boolean"),
)
_OLD_TYPES = {
    "list": "string",
    "decimal": "float",
    "datetime": "date",
    "relationship": "string",
    "files": "string",
}


def conversation_attributes(seed: int, *, archived: bool) -> list[Json]:
    """Return the attributes as GET /conversations/attributes has them."""
    return [
        _attribute(seed, number, name, kind, gone=gone)
        for number, (name, kind, gone) in enumerate(_CUSTOM)
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
            for place, label in enumerate(_CHOICES[name])
        ]
    if kind == "relationship":
        attribute["reference"] = {"type": "many", "object_type_id": "Order"}
    return attribute


def data_attributes(*, archived: bool) -> list[Json]:
    """Return the attributes as GET /data_attributes?model=conversation has them."""
    built_in = [_built_in(name, label, kind) for name, label, kind in _BUILT_IN]
    custom = [
        _custom(number, name, kind, gone=gone)
        for number, (name, kind, gone) in enumerate(_CUSTOM)
        if archived or not gone
    ]
    return built_in + custom


def _built_in(name: str, label: str, kind: str) -> Json:
    return {
        "type": "data_attribute",
        "name": name.rsplit(".", 1)[-1],
        "full_name": name,
        "label": label,
        "description": f"{label} of the conversation",
        "data_type": kind,
        "api_writable": False,
        "ui_writable": False,
        "messenger_writable": False,
        "custom": False,
        "archived": False,
        "model": "conversation",
    }


def _custom(number: int, name: str, kind: str, *, gone: bool) -> Json:
    attribute: Json = {
        "type": "data_attribute",
        "id": 3 + number,
        "name": name,
        "full_name": f"custom_attributes.{name}",
        "label": name,
        "description": pick(("", "Set by the team"), number),
        "data_type": _OLD_TYPES.get(kind, kind),
        "api_writable": True,
        "ui_writable": True,
        "messenger_writable": every(number, 2),
        "custom": True,
        "archived": gone,
        "created_at": FOUNDED + number * WEEK,
        "updated_at": FOUNDED + (number + 60) * WEEK,
        "admin_id": "991267700",
        "model": "conversation",
    }
    if name in _CHOICES:
        attribute["options"] = list(_CHOICES[name])
    return attribute
