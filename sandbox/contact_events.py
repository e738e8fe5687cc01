"""What happened to contacts, oldest first: creations, merges, deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.answers import ApiError
from sandbox.chance import every

if TYPE_CHECKING:
    from sandbox.contacts import Contacts

Json = dict[str, Any]
Place = tuple[int, int]

_MILLIS = 1_000
# What of one contact can happen within one second, in this order.
_STEPS = (
    "contact.created",
    "contact.role_updated",
    "contact.merge_failed",
    "contact.merged",
    "contact.deleted",
)


def place_of(cursor: str) -> Place:
    """Return where an event's id, which is a cursor as well, stands among all."""
    moment, _, number = cursor.partition(".")
    try:
        return int(moment), int(number, 16)
    except ValueError:
        raise ApiError(400, "client_error", "bad 'starting_after' param") from None


def contact_activities(contacts: Contacts) -> list[Json]:
    """Return all that happened."""
    events = []
    for ordinal in range(contacts.begun):
        events += _of_one(contacts, ordinal)
    return sorted(events, key=lambda event: place_of(event["id"]))


def _of_one(contacts: Contacts, ordinal: int) -> list[Json]:
    created = contacts.created_at(ordinal)
    role, first_role = contacts.role_of(ordinal), contacts.began_as(ordinal)
    events = [_event(contacts, (created, ordinal, 0), ordinal, first_role)]
    if role != first_role:
        events.append(_event(contacts, (created, ordinal, 1), ordinal, role))
    if every(ordinal, 70, 9):
        failed = _event(contacts, (created, ordinal, 2), ordinal, role)
        target = contacts.id_of((ordinal + 1) % contacts.begun)
        merge = {"merge_source_id": failed["contact_id"], "merge_target_id": target}
        reason = "Merge source_user cannot have role='user_role'"
        events.append({**failed, **merge, "failure_reason": reason})
    if ordinal in contacts.merged:
        heir, at = contacts.merged[ordinal]
        merged = _event(contacts, (at, ordinal, 3), heir, contacts.role_of(heir))
        source = {"merge_source_id": contacts.id_of(ordinal)}
        events.append({**merged, **source, "merge_target_id": contacts.id_of(heir)})
    elif ordinal in contacts.deleted:
        events.append(_event(contacts, (contacts.deleted[ordinal], ordinal, 4), ordinal, role))
    return events


def _event(contacts: Contacts, place: tuple[int, int, int], whose: int, role: str) -> Json:
    """Return an event by its place: the moment, the ordinal of whom it began with, the step."""
    at, ordinal, step = place
    return {
        "type": "contact_activity",
        "id": f"{at * _MILLIS}.{ordinal << 3 | step:06x}",
        "event_type": _STEPS[step],
        "contact_id": contacts.id_of(whose),
        "external_id": contacts.external_id_of(whose),
        "role": role,
        "merge_source_id": None,
        "merge_target_id": None,
        "failure_reason": None,
        "created_at": at,
    }
