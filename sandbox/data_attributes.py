"""The attributes of contacts, companies and, up to 2.15, conversations, in one list of all."""

from __future__ import annotations

from typing import Any

from sandbox import texts
from sandbox.attributes import CHOICES, CUSTOM
from sandbox.cast import FOUNDED, WEEK
from sandbox.chance import every, pick
from sandbox.versions import V2_17

Json = dict[str, Any]

MODELS = ("contact", "company", "conversation")
# What every workspace has: name, label, data type.
_BUILT_IN = {
    "contact": (
        ("id", "User ID", "string"),
        ("email", "Email", "string"),
        ("updated_at", "Updated", "date"),
        ("location.city", "City", "string"),
        ("has_hard_bounced", "Hard bounced", "boolean"),
    ),
    "company": (
        ("name", "Company name", "string"),
        ("company_id", "Company ID", "string"),
        ("last_request_at", "Company last seen", "date"),
        ("plan.name", "Plan", "string"),
        ("monthly_spend", "Monthly spend", "float"),
    ),
    "conversation": (
        ("id", "Conversation ID", "string"),
        ("created_at", "Started at", "date"),
        ("state", "State", "string"),
        ("priority", "Priority", "string"),
        ("ai_agent.rating", "Fin rating", "integer"),
        ("open", "Open", "boolean"),
    ),
}
# Name, data type, archived.
_CUSTOM = {
    "contact": (
        ("plan", "list", False),
        ("seats", "integer", False),
        ("monthly spend (EUR)", "float", False),
        ("is_admin", "boolean", False),
        ("trial_ends_at", "datetime", False),
        ("crm:stage", "string", True),
    ),
    "company": (
        ("paid_subscriber", "boolean", False),
        ("monthly spend (EUR)", "float", False),
        ("crm:owner", "string", True),
    ),
    "conversation": CUSTOM,
}
_FIRST = {"contact": 1_000, "company": 2_000, "conversation": 3}
_OPTIONS = {**CHOICES, "plan": texts.PLANS}
_OLD_TYPES = {
    "list": "string",
    "decimal": "float",
    "relationship": "string",
    "files": "string",
}


def data_attributes(model: str, version: int, *, archived: bool) -> list[Json]:
    """Return the attributes of a model: those that all workspaces have, then this one's own."""
    built_in = [_built_in(model, *known) for known in _BUILT_IN.get(model, ())]
    custom = [
        _custom(model, number, version)
        for number, (*_, gone) in enumerate(_CUSTOM.get(model, ()))
        if archived or not gone
    ]
    return built_in + custom


def _built_in(model: str, name: str, label: str, kind: str) -> Json:
    return {
        "type": "data_attribute",
        "name": name.rsplit(".", 1)[-1],
        "full_name": name,
        "label": label,
        "description": f"{label} of the {model}",
        "data_type": kind,
        "api_writable": False,
        "ui_writable": False,
        "messenger_writable": False,
        "custom": False,
        "archived": False,
        "model": model,
    }


def _custom(model: str, number: int, version: int) -> Json:
    name, kind, gone = _CUSTOM[model][number]
    if kind == "datetime" and (version < V2_17 or model == "conversation"):
        kind = "date"
    attribute: Json = {
        "type": "data_attribute",
        "id": _FIRST[model] + number,
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
        "model": model,
    }
    if name in _OPTIONS:
        attribute["options"] = list(_OPTIONS[name])
    return attribute
