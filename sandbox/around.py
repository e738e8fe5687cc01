"""What is served apart from its conversation: handling events, side threads, deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import texts
from sandbox.chance import every, stream
from sandbox.conversation import part
from sandbox.ids import conversation_id
from sandbox.scene import Event, author
from sandbox.steps import iso

if TYPE_CHECKING:
    from sandbox.scene import Scene
    from sandbox.story import Tale
    from sandbox.workspace import Workspace

Json = dict[str, Any]

_FIRST_SIDE_PART = 3_000  # behind the numbers of a conversation's own parts


def handling_events(tale: Tale) -> list[Json]:
    """Return when teammates paused and resumed their work on a conversation."""
    scene, created = tale.scene, tale.life.created_at
    if every(scene.ordinal, 3):
        return []
    events = []
    for index in range(1 + scene.ordinal % 2):
        start = created + 600 * (index + 1)
        teammate = _teammate(scene, index)
        reason = "Break" if every(index, 2) else None
        paused = {"teammate": teammate, "type": "paused", "timestamp": iso(start)}
        events.append({**paused, "reason": reason})
        events.append({"teammate": teammate, "type": "resumed", "timestamp": iso(start + 420)})
    return events


def _teammate(scene: Scene, index: int) -> Json:
    if every(scene.ordinal + index, 11):
        return {"type": "bot", "id": int(scene.cast.fin["id"]), "name": "Fin", "email": None}
    admin = scene.admin
    return {
        "type": "admin",
        "id": int(admin["id"]),
        "name": admin["name"],
        "email": admin["email"],
    }


def side_conversations(tale: Tale) -> list[Json]:
    """Return the threads that teammates opened from within a conversation."""
    scene = tale.scene
    count = scene.ordinal % 3 if every(scene.ordinal, 4, 2) else 0
    if every(scene.ordinal, 97, 58):
        count = 55  # more than a page holds
    scene.rng = stream(scene.cast.seed, 23, scene.ordinal)
    return [_side_conversation(tale, index) for index in range(count)]


def _side_conversation(tale: Tale, index: int) -> Json:
    scene, created = tale.scene, tale.life.created_at
    parts = []
    for number in range(1 + index % 3):
        who = scene.admin if every(number, 2) else scene.colleague
        at = created + 1_800 + 60 * number
        event = Event("note", at, "comment", author(who), scene.html(scene.words(texts.SIDE)))
        position = _FIRST_SIDE_PART + index * 8 + number
        parts.append(part(scene.ordinal, position, event))
    number = 900_000 + scene.ordinal * 64 + index
    return {
        "side_conversation_id": str(number),
        "conversation_parts": parts,
        "total_count": len(parts),
    }


def deleted(workspace: Workspace, *, descending: bool) -> list[Json]:
    """Return what is left of the deleted conversations, in the order of their deletion."""
    listed = ((at, n) for n, at in workspace.deleted.items() if n not in workspace.purged)
    gone = sorted(listed, reverse=descending)
    return [
        {
            "type": "conversation",
            "id": conversation_id(ordinal),
            "metrics_retained": every(ordinal, 2),
            "deleted_at": at,
        }
        for at, ordinal in gone
    ]
