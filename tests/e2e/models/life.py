"""What became of one conversation, told from the workspace's truth in plain Python.

The definitions are those of docs/models.md; nothing here is taken from the models' SQL. Times are
epoch seconds.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
Period = tuple[int, "int | None"]

_PEOPLE = {"user": "contact", "lead": "contact", "bot": "bot", "admin": "teammate"}
_OPENING = ("open", "note_and_reopen", "snoozed", "unsnoozed", "timer_unsnooze")
_SERVED = 500


class Life:
    """A conversation with its parts and calls, and the figures that follow from them."""

    def __init__(self, conversation: Json, parts: list[Json], calls: list[Json]) -> None:
        self.row = conversation
        self.calls = len(calls)
        self.missed_calls = sum(call["answered_at"] is None for call in calls)
        self.id: str = conversation["id"]
        self.created: int = conversation["created_at"]
        self.updated: int = conversation["updated_at"]
        self.closed = conversation["state"] == "closed"
        self.statistics: Json = conversation["statistics"] or {}
        self.parts = sorted(parts, key=lambda part: (part["created_at"], int(part["id"])))
        counted = self.statistics.get("count_conversation_parts") or 0
        self.complete = len(parts) == counted
        self.by_contact = conversation["source"]["author"]["type"] in ("user", "lead")

    def messages(self, who: str) -> list[Json]:
        """What a contact, a teammate or a bot wrote, in order; notes are none."""
        return [part for part in self.parts if role(part) == who and is_message(part)]

    def asked_at(self) -> int | None:
        """When the contact first wrote."""
        if self.by_contact:
            return self.created
        written = self.messages("contact")
        return written[0]["created_at"] if written else None

    def first_response(self) -> tuple[int, str | None] | None:
        """When a teammate first answered, and who."""
        asked = self.asked_at()
        if asked is None:
            return None
        if not self.complete:
            at = self.statistics.get("first_admin_reply_at")
            return (at, None) if at and at >= asked else None
        for part in self.messages("teammate"):
            if part["created_at"] >= asked:
                return part["created_at"], part["author"]["id"]
        return None

    def open_periods(self) -> list[Period]:
        """From when to when it was not closed."""
        periods: list[Period] = []
        opened: int | None = self.created
        for part in self.parts:
            at = part["created_at"]
            if part["part_type"] == "close":
                if opened is not None:
                    periods.append((opened, at))
                    opened = None
            elif opened is None and (
                part["part_type"] in _OPENING or (role(part) == "contact" and is_message(part))
            ):
                opened = at
        if opened is not None and self.closed:
            end = self.statistics.get("last_close_at") or self.updated
            periods.append((opened, max(opened, end)))
        elif opened is not None or not self.closed:
            periods.append((self.updated if opened is None else opened, None))
        return periods

    def closes(self) -> tuple[int | None, int | None]:
        """When it was closed first and last."""
        if not self.complete:
            return self.statistics["first_close_at"], self.statistics["last_close_at"]
        ends = [end for _, end in self.open_periods() if end is not None]
        return (ends[0], ends[-1]) if ends else (None, None)

    def last_closed_by(self) -> str | None:
        """Who closed it last."""
        if not self.complete:
            by = self.statistics["last_closed_by_id"]
            return None if by is None else str(by)
        found = [part["author"]["id"] for part in self.parts if part["part_type"] == "close"]
        return found[-1] if found else None

    def reopens(self) -> int:
        """How often it was opened again."""
        if not self.complete:
            return int(self.statistics["count_reopens"])
        return len(self.open_periods()) - 1

    def assignments(self, kind: str) -> list[tuple[str, int, int | None]]:
        """Whom it was assigned to, from when to when: `admin` or `team`."""
        given = [
            (part["created_at"], part["assigned_to"]["id"])
            for part in self.parts
            # Taken from a teammate, it is given to `nobody_admin`, who has no id.
            if part["assigned_to"] and part["assigned_to"]["type"] in (kind, f"nobody_{kind}")
        ]
        now = self.row[f"{kind}_assignee_id"] or None
        present = None if now is None else str(now)
        if not given:
            began = self.statistics.get("first_assignment_at") or self.created
            given = [(began, present)]
        elif given[-1][1] != present:
            given.append((self.updated, present))
        periods: list[tuple[str, int, int | None]] = []
        for at, who in given:
            if periods and periods[-1][2] is None:
                if periods[-1][0] == who:
                    continue
                periods[-1] = (periods[-1][0], periods[-1][1], at)
            if who is not None:
                periods.append((who, at, None))
        return periods


def role(part: Json) -> str:
    """Who wrote a part: contact, teammate or bot."""
    return "bot" if part["author"].get("from_ai_agent") else _PEOPLE[part["author"]["type"]]


def is_message(part: Json) -> bool:
    """Whether the contact sees it as something that was said."""
    if part["part_type"] in ("close", "open"):
        return part["body"] is not None
    return part["part_type"] in ("comment", "quick_reply")
