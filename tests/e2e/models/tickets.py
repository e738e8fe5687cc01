"""The rows of the mart of tickets, made of the workspace's truth in plain Python."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.e2e.models.life import role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.models.clock import Clock
    from tests.e2e.models.figures import Row, Rows


def tickets(
    rows: Iterable[Row], parts: Iterable[Row], conversations: set[str], clock: Clock
) -> Rows:
    """A row for each ticket.

    Args:
        rows: The tickets.
        parts: The parts of all of them, every one that there is.
        conversations: Ids of those that live.
        clock: The workspace's calendar.
    """
    of_ticket: dict[str, list[Row]] = defaultdict(list)
    for part in parts:
        of_ticket[part["ticket_id"]].append(part)
    return {
        (row["id"],): {
            **_as_it_is(row, conversations, clock),
            **_course(row["created_at"], of_ticket[row["id"]], clock),
        }
        for row in rows
    }


def _as_it_is(row: Row, conversations: set[str], clock: Clock) -> Row:
    linked = [each["id"] for each in row["linked_objects"]["data"]]
    living = sorted(each for each in linked if each in conversations)
    contacts = [contact["id"] for contact in row["contacts"]["contacts"]]
    return {
        "number": row["ticket_id"],
        "title": row["ticket_attributes"]["_default_title_"],
        "category": row["category"],
        "ticket_type": row["ticket_type"]["name"],
        "state": row["ticket_state"]["category"],
        "is_open": row["open"],
        "created_on": clock.day(row["created_at"]),
        "contact_id": min(contacts),
        "contacts": len(contacts),
        "teammate_id": str(row["admin_assignee_id"]) if row["admin_assignee_id"] else None,
        "team_id": str(row["team_assignee_id"]) if row["team_assignee_id"] else None,
        "conversations": len(living),
        "conversation_ids": ", ".join(living) or None,
    }


def _course(created: int, parts: list[Row], clock: Clock) -> Row:
    parts = sorted(parts, key=lambda part: (part["created_at"], int(part["id"])))
    said = [part for part in parts if part["part_type"] == "comment"]
    answers = [part for part in said if role(part) == "teammate"]
    given = [part for part in parts if part["assigned_to"]]
    resolved = [part for part in parts if _changed(part) and part["ticket_state"] == "resolved"]
    again = [
        part for part in parts if _changed(part) and part["previous_ticket_state"] == "resolved"
    ]
    first, last = (resolved[0], resolved[-1]) if resolved else (None, None)
    answer = answers[0] if answers else None
    return {
        "parts": len(parts),
        "has_all_parts": True,
        "contact_replies": len(said) - len(answers),
        "teammate_replies": len(answers),
        "notes": sum(part["part_type"] == "note" for part in parts),
        "time_to_assignment_seconds": _since(created, given[0] if given else None),
        "first_response_by_id": answer and answer["author"]["id"],
        "first_response_seconds": _since(created, answer),
        "first_response_office_seconds": _office(created, answer, clock),
        "time_to_first_resolution_seconds": _since(created, first),
        "time_to_last_resolution_seconds": _since(created, last),
        "time_to_last_resolution_office_seconds": _office(created, last, clock),
        "reopens": len(again),
    }


def _changed(part: Row) -> bool:
    changed: bool = part["ticket_state"] != part["previous_ticket_state"]
    return changed


def _since(created: int, part: Row | None) -> int | None:
    return None if part is None else int(part["created_at"]) - created


def _office(created: int, part: Row | None, clock: Clock) -> Any:
    return None if part is None else clock.office_seconds(created, part["created_at"])
