"""What follows from a conversation's events: its state, who has it, and its statistics."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.scene import Event
    from sandbox.story import Tale

Json = dict[str, Any]


@dataclass(slots=True)
class Figures:
    """The sums over a conversation's events."""

    state: str = "open"
    snoozed_until: int | None = None
    waiting_since: int | None = None
    admin: int = 0
    team: int = 0
    bot_assigned: bool = False
    teammates: list[str] = field(default_factory=list)
    contact_replies: list[int] = field(default_factory=list)
    admin_replies: list[int] = field(default_factory=list)
    assignments: list[int] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)
    closed_by: str | None = None
    reopens: int = 0
    delays: list[int] = field(default_factory=list)
    answered_by_fin: bool = False


def sum_up(tale: Tale, *, started_by_contact: bool) -> Figures:
    """Go through the events in the order in which they happened."""
    figures = Figures()
    if started_by_contact:
        figures.waiting_since = tale.life.created_at
    for event in tale.events:
        _add(figures, event)
    return figures


def _add(figures: Figures, event: Event) -> None:
    if event.author["type"] == "admin" and event.author["id"] not in figures.teammates:
        figures.teammates.append(event.author["id"])
    handler = _HANDLERS.get(event.step)
    if handler:
        handler(figures, event)


def _contact_reply(figures: Figures, event: Event) -> None:
    figures.contact_replies.append(event.at)
    if figures.waiting_since is None:
        figures.waiting_since = event.at
    _reopen(figures, event)


def _admin_reply(figures: Figures, event: Event) -> None:
    figures.admin_replies.append(event.at)
    if figures.waiting_since is not None:
        figures.delays.append(event.at - figures.waiting_since)
    figures.waiting_since = None


def _fin(figures: Figures, _event: Event) -> None:
    figures.answered_by_fin = True


def _assign(figures: Figures, event: Event) -> None:
    figures.assignments.append(event.at)
    target = event.extra["assigned_to"]
    if target["type"] == "admin":
        figures.admin = int(target["id"])
    elif target["type"] == "team":
        figures.team = int(target["id"])
    else:
        figures.bot_assigned = True


def _unassign(figures: Figures, _event: Event) -> None:
    figures.admin = 0


def _close(figures: Figures, event: Event) -> None:
    figures.closes.append(event.at)
    figures.closed_by = event.author["id"]
    figures.state, figures.snoozed_until, figures.waiting_since = "closed", None, None


def _reopen(figures: Figures, _event: Event) -> None:
    if figures.state == "closed":
        figures.reopens += 1
    figures.state, figures.snoozed_until = "open", None


def _snooze(figures: Figures, event: Event) -> None:
    figures.state = "snoozed"
    figures.snoozed_until = event.extra["snoozed_until"]


_HANDLERS = {
    "contact_reply": _contact_reply,
    "admin_reply": _admin_reply,
    "fin_answer": _fin,
    "fin_question": _fin,
    "assign_team": _assign,
    "assign_admin": _assign,
    "assign_bot": _assign,
    "unassign": _unassign,
    "close": _close,
    "reopen": _reopen,
    "snooze": _snooze,
}


def statistics(tale: Tale, figures: Figures) -> Json:
    """Return the statistics block of a conversation."""
    created = tale.life.created_at
    team = {
        "team_id": tale.scene.cast.team_id(tale.scene.team),
        "team_name": tale.scene.cast.teams[tale.scene.team]["name"],
        "response_time": _since(created, figures.admin_replies, 0),
    }
    by_team = [team] if figures.team and figures.admin_replies else []
    handling = 45 * len(figures.admin_replies) + 20
    return {
        "type": "conversation_statistics",
        "time_to_assignment": _since(created, figures.assignments, 0),
        "time_to_admin_reply": _since(created, figures.admin_replies, 0),
        "time_to_first_close": _since(created, figures.closes, 0),
        "time_to_last_close": _since(created, figures.closes, -1),
        "median_time_to_reply": int(median(figures.delays)) if figures.delays else None,
        "first_contact_reply_at": _at(figures.contact_replies, 0),
        "first_assignment_at": _at(figures.assignments, 0),
        "first_admin_reply_at": _at(figures.admin_replies, 0),
        "first_close_at": _at(figures.closes, 0),
        "last_assignment_at": _at(figures.assignments, -1),
        "last_assignment_admin_reply_at": _at(figures.admin_replies, -1),
        "last_contact_reply_at": _at(figures.contact_replies, -1),
        "last_admin_reply_at": _at(figures.admin_replies, -1),
        "last_close_at": _at(figures.closes, -1),
        "last_closed_by_id": figures.closed_by,
        "count_reopens": figures.reopens,
        "count_assignments": len(figures.assignments),
        "count_conversation_parts": len(tale.events),
        "assigned_team_first_response_time": by_team,
        "assigned_team_first_response_time_in_office_hours": by_team,
        "handling_time": handling if figures.admin_replies else None,
        "adjusted_handling_time": handling - 5 if len(figures.admin_replies) > 1 else None,
    }


def _at(moments: list[int], index: int) -> int | None:
    return moments[index] if moments else None


def _since(created: int, moments: list[int], index: int) -> int | None:
    return moments[index] - created if moments else None
