"""Service levels: the parts that tell of them, and what a conversation says of its own."""

from __future__ import annotations

from typing import Any

from sandbox.chance import every, pick
from sandbox.scene import Event, Scene
from sandbox.steps import SLA_NAMES

Json = dict[str, Any]

_STATUSES = ("hit", "missed", "cancelled", "active")
_TARGETS = ("first_reply_time", "next_reply_time", "resolution_time", "time_to_close")


def applied(scene: Scene, at: int) -> Event:
    """A rule or a workflow sets the targets."""
    by = "workflow" if every(scene.ordinal, 2) else "rule"
    details = {
        "sla_name": name(scene),
        "sla_definition": {
            "first_reply_time": 300,
            "next_reply_time": 600,
            "resolution_time": 28_800 if every(scene.ordinal, 3) else 3_600,
            "time_to_close": 7_200,
        },
    }
    if by == "workflow":
        details["workflow"] = {"name": "Route by plan"}
    return _event(scene, at, f"applied_by_{by}", details)


def missed(scene: Scene, at: int) -> Event:
    """A target is missed."""
    states = {
        "first_reply_time": {"status": "missed", "seconds_remaining": None},
        "time_to_close": {"status": "active", "seconds_remaining": 5_400},
    }
    details = {
        "sla_name": name(scene),
        "sla_target_type": pick(_TARGETS, scene.ordinal),
        "current_sla_status": "missed",
        "sla_states": states,
    }
    return _event(scene, at, "target_missed", details)


def paused(scene: Scene, at: int) -> Event:
    """The clock stops, as the conversation waits for the contact."""
    return _event(scene, at, "paused", _running(scene, "paused"))


def unpaused(scene: Scene, at: int) -> Event:
    """The clock goes on."""
    return _event(scene, at, "unpaused", _running(scene, "active"))


def removed(scene: Scene, at: int) -> Event:
    """The targets no longer hold."""
    return _event(scene, at, "removed", {"sla_name": name(scene)})


def name(scene: Scene) -> str:
    """Return the name of the service level that the conversation comes under."""
    return pick(SLA_NAMES, scene.ordinal)


def summary(scene: Scene) -> Json | None:
    """Return what the conversation itself says of its service level."""
    if not every(scene.ordinal, 3, 1):
        return None
    status = pick(_STATUSES, scene.ordinal // 3)
    return {"type": "conversation_sla_summary", "sla_name": name(scene), "sla_status": status}


def _running(scene: Scene, status: str) -> Json:
    states = {target: {"status": status, "seconds_remaining": 240} for target in _TARGETS[::3]}
    return {"sla_name": name(scene), "current_sla_status": "active", "sla_states": states}


def _event(scene: Scene, at: int, what: str, details: Json) -> Event:
    part_type = f"conversation_sla_{what}"
    return Event("sla", at, part_type, scene.system(), None, {"event_details": details})
