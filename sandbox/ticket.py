"""The canonical ticket: the newest documented shape, with its parts.

A ticket is a conversation of a ticket type, so its people and its topic are the conversation's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox import texts
from sandbox.chance import every, likely, pick, stream
from sandbox.ids import conversation_id
from sandbox.scene import Scene, author
from sandbox.steps import attachment
from sandbox.ticket_types import (
    LIVING_STATES,
    attribute_number,
    ticket_state,
    ticket_type,
    type_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.cast import Cast
    from sandbox.collection import Mutation

Json = dict[str, Any]

SERVED_PARTS = 500
_FIRST_PART = 52_000_000_000
_PARTS_EACH = 2_048
_PERIOD, _FIRST = 25, 6  # which conversations are tickets, see `conversation.is_ticket`
_FIRST_TICKET = 8_100_000
_AUTHOR = ("type", "id", "name", "email")
_STEPS = ("comment", "note", "assignment", "state", "attribute", "comment")
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class TicketLife:
    """What is known of a ticket before it is made.

    Attributes:
        parts: How many parts it has before anything changes it; -1 for as many as it happens.
    """

    ordinal: int
    created_at: int
    updated_at: int
    settled_at: int
    parts: int = -1
    mutations: Sequence[Mutation] = ()


def conversation_of(ordinal: int) -> int:
    """Return which conversation a ticket is."""
    return ordinal * _PERIOD + _FIRST


def ticket_id(ordinal: int) -> str:
    """Return the id of the n-th ticket."""
    return str(_FIRST_TICKET + conversation_of(ordinal))


def ticket_ordinal(identifier: str) -> int:
    """Return which ticket an id belongs to, or -1 when none can have it."""
    if not (identifier.isascii() and identifier.isdigit()):
        return -1
    ordinal, rest = divmod(int(identifier) - _FIRST_TICKET - _FIRST, _PERIOD)
    return ordinal if rest == 0 else -1


def ticket_in(conversation: int) -> str:
    """Return the id of the ticket that a conversation is, or of the one nearest to it."""
    return ticket_id(conversation // _PERIOD)


def ticket(cast: Cast, life: TicketLife) -> Json:
    """Return a ticket with all its parts."""
    ordinal = life.ordinal
    number = conversation_of(ordinal)
    scene = Scene(cast, number, stream(cast.seed, 21, number))
    story = _Story(scene, life)
    contact = {"type": "contact", "id": scene.contact["id"]}
    snoozed = {"snoozed_until": life.updated_at + _DAY} if every(ordinal, 9, 5) else {}
    linked = _linked_objects(ordinal)
    kind = ticket_type(type_of(ordinal))
    return {
        "type": "ticket",
        "id": ticket_id(ordinal),
        "ticket_id": str(ordinal + 1),
        "ticket_attributes": _attributes(scene, life),
        "ticket_state": ticket_state(story.state),
        "previous_ticket_state_id": story.previous and ticket_state(story.previous - 1)["id"],
        "ticket_type": kind,
        "contacts": {
            "type": "contact.list",
            "contacts": [{**contact, "external_id": scene.contact["external_id"]}],
        },
        "admin_assignee_id": story.admin,
        "team_assignee_id": 0 if every(ordinal, 4) else cast.team_id(scene.team),
        "created_at": life.created_at,
        "updated_at": life.updated_at,
        "open": ticket_state(story.state)["category"] != "resolved",
        **snoozed,
        "linked_objects": {
            "type": "list",
            "data": linked,
            "total_count": len(linked),
            "has_more": False,
        },
        "ticket_parts": {
            "type": "ticket_part.list",
            "ticket_parts": story.parts[-SERVED_PARTS:],
            "total_count": len(story.parts),
        },
        "is_shared": every(ordinal, 2),
        "category": kind["category"],
    }


def _attributes(scene: Scene, life: TicketLife) -> Json:
    ordinal = life.ordinal
    attributes: Json = {
        "_default_title_": scene.first_words(scene.topic.subjects),
        "_default_description_": None if every(ordinal, 4) else scene.first_words(texts.NOTES),
        "Severity": "High" if every(ordinal, 3) else "Low",
    }
    if every(ordinal, 3):
        attributes |= {"Order total": 155.5, "Due": life.created_at + _DAY, "Paid": True}
    if every(ordinal, 5, 2):
        attributes["Receipt"] = [attachment(scene, life.created_at)]
        attributes["Signature"] = attachment(scene, life.created_at - life.created_at % 2)
    if life.mutations:
        attributes["Synced"] = len(life.mutations)
    return attributes


def _linked_objects(ordinal: int) -> list[Json]:
    linked: list[Json] = []
    if every(ordinal, 3):
        other = conversation_id(conversation_of(ordinal) + 1)
        linked.append({"type": "conversation", "id": other, "category": None})
    if every(ordinal, 4, 3):
        linked.append({"type": "ticket", "id": ticket_id(ordinal + 1), "category": "Tracker"})
    return linked


class _Story:
    """What happened to a ticket, told from its first moment on."""

    def __init__(self, scene: Scene, life: TicketLife) -> None:
        self._scene = scene
        self._ordinal = life.ordinal
        self.state = life.ordinal % LIVING_STATES
        self.previous = 0  # the state before, counted from one
        self.admin = 0
        self.parts: list[Json] = []
        scene.rng = stream(scene.cast.seed, 27, life.ordinal)
        count = 1 + int(scene.rng.expovariate(1 / 3)) if life.parts < 0 else life.parts
        span = max(0, life.settled_at - life.created_at)
        for index in range(count):
            step = pick(_STEPS, life.ordinal + index)
            self._happen(step, life.created_at + span * (index + 1) // count)
        for mutation in life.mutations:
            scene.rng = stream(scene.cast.seed, 28, life.ordinal, mutation.number)
            self._happen(mutation.kind, mutation.at)

    def _happen(self, step: str, at: int) -> None:
        before = self.state
        what: Json = {}
        by_contact = step == "comment" and likely(self._scene.rng, 0.5)
        who = self._scene.contact_author() if by_contact else self._scene.admin_author()
        if step == "state":
            self.previous = self.state + 1
            self.state = (self.state + 1) % LIVING_STATES
            what = {"part_type": "ticket_state_updated_by_admin"}
        elif step == "assignment":
            self.admin = int(self._scene.admin["id"])
            assigned = {"type": "admin", "id": str(self.admin)}
            what = {"part_type": "assignment", "assigned_to": assigned}
        elif step == "attribute":
            what = {"part_type": "ticket_attribute_updated_by_admin", **self._attribute()}
            who = author(self._scene.cast.operator)
        else:
            body = self._scene.html(self._scene.next_words(self._scene.topic.details))
            what = {"part_type": step, "body": body, "translations": {"en": body, "fr": body}}
            what |= {"external_id": f"mail-{at}"} if every(at, 3) else {}
            what |= {"attachments": [attachment(self._scene, at)]} if every(at, 5) else {}
        states = {
            "previous_ticket_state": ticket_state(before)["category"],
            "ticket_state": ticket_state(self.state)["category"],
        }
        self.parts.append({**self._part(at, who), **states, **what})

    def _part(self, at: int, who: Json) -> Json:
        number = _FIRST_PART + self._ordinal * _PARTS_EACH + len(self.parts)
        return {
            "type": "ticket_part",
            "id": str(number),
            "part_type": "comment",
            "body": None,
            "created_at": at,
            "updated_at": at,
            "assigned_to": None,
            "author": {key: who[key] for key in _AUTHOR},
            "attachments": [],
            "external_id": None,
            "redacted": False,
            "app_package_code": "larkspur-automations" if every(number, 7) else None,
            "updated_attribute_data": None,
            "translations": None,
        }

    def _attribute(self) -> Json:
        many = every(len(self.parts), 2)
        number = attribute_number(type_of(self._ordinal), "Severity")
        return {
            "updated_attribute_data": {
                "attribute": {"type": "attribute", "id": number, "label": "Severity"},
                "value": {
                    "type": "value",
                    "id": [1, 2] if many else "2",
                    "label": ["Low", "High"] if many else "High",
                },
            }
        }
