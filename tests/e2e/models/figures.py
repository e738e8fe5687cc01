"""The rows of the marts, made of conversations' lives in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from tests.e2e.models.life import is_message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.e2e.models.clock import Clock
    from tests.e2e.models.life import Life

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]

_RESOLVED = ("assumed_resolution", "confirmed_resolution")
_HANDED_OVER = ("escalated", "procedure_handoff", "negative_feedback")
_AGES = (("up to 1 day", 0, 1), ("2 to 7 days", 2, 7), ("8 to 30 days", 8, 30))


def conversations(lives: Iterable[Life], clock: Clock) -> Rows:
    """A row for each conversation."""
    return {(life.id,): _conversation(life, clock) for life in lives}


def _conversation(life: Life, clock: Clock) -> Row:
    row, response = life.row, life.first_response()
    asked = life.asked_at()
    first, last = life.closes()
    author = row["source"]["author"]
    contacts = [contact["id"] for contact in row["contacts"]["contacts"]]
    by_teammate = row["source"]["delivered_as"] == "admin_initiated"
    rating = row["conversation_rating"] or {}
    return {
        "state": row["state"],
        "created_on": clock.day(life.created),
        "asked_on": None if asked is None else clock.day(asked),
        "asked_weekday": None if asked is None else clock.day(asked).isoweekday(),
        "asked_hour": None if asked is None else clock.local(asked).hour,
        "started_by": "contact"
        if life.by_contact
        else ("teammate" if by_teammate else "automation"),
        "contact_id": author["id"] if life.by_contact else min(contacts),
        "contacts": len(contacts),
        "company_id": (row["company"] or {}).get("id"),
        "channel": row["channel"]["initial"],
        "teammate_id": _text(row["admin_assignee_id"]),
        "team_id": _text(row["team_assignee_id"]),
        "tag_names": ", ".join(sorted(tag["name"] for tag in row["tags"]["tags"])) or None,
        "has_all_parts": life.complete,
        "parts": len(life.parts),
        "contact_replies": len(life.messages("contact")),
        "teammate_replies": len(life.messages("teammate")),
        "bot_replies": len(life.messages("bot")),
        "notes": sum(part["part_type"] == "note" for part in life.parts),
        "calls": life.calls,
        "missed_calls": life.missed_calls,
        "first_response_by_id": response[1] if response else None,
        "first_response_seconds": response[0] - asked if response and asked else None,
        "first_response_office_seconds": clock.office_seconds(asked, response[0])
        if response and asked
        else None,
        "time_to_first_close_seconds": None if first is None else first - life.created,
        "time_to_last_close_seconds": None if last is None else last - life.created,
        "time_to_last_close_office_seconds": None
        if last is None
        else clock.office_seconds(life.created, last),
        "last_closed_by_id": life.last_closed_by(),
        "reopens": life.reopens(),
        "rating": rating.get("rating"),
        "rated_teammate_id": _rated(row),
        "sla_status": (row["sla_applied"] or {}).get("sla_status"),
        "fin_outcome": fin_outcome(row),
    }


def _text(value: Any) -> str | None:
    return str(value) if value else None


def _rated(row: Row) -> str | None:
    """The teammate who was rated; a workflow can be rated, too."""
    rated = (row["conversation_rating"] or {}).get("teammate") or {}
    return _text(rated["id"]) if rated.get("type") == "admin" else None


def fin_outcome(row: Row) -> str | None:
    if not row["ai_agent_participated"]:
        return None
    state = (row["ai_agent"] or {}).get("resolution_state")
    if state in _RESOLVED:
        return "resolved"
    return "handed over" if state in _HANDED_OVER else "neither"


def messages(lives: Iterable[Life]) -> Rows:
    """A row for each message and note, in the order of its conversation."""
    found: Rows = {}
    for life in lives:
        source = life.row["source"]
        said = [(source["author"]["id"], source["body"])] + [
            (part["author"]["id"], part["body"])
            for part in life.parts
            # What was redacted has no text any more, and was said all the same.
            if is_message(part) or part["part_type"] == "note" or part["body"] is not None
        ]
        for position, (author, body) in enumerate(said, 1):
            found[life.id, position] = {"author_id": author, "body": body}
    return found


def fin_weeks(lives: Iterable[Life], clock: Clock) -> Rows:
    """A row for each week in which conversations began."""
    rows: dict[date, list[Row]] = defaultdict(list)
    for life in lives:
        rows[clock.week(life.created)].append(life.row)
    return {
        (week,): {
            "conversations": len(begun),
            "involved": sum(row["ai_agent_participated"] for row in begun),
            "resolved": sum(fin_outcome(row) == "resolved" for row in begun),
            "handed_over": sum(fin_outcome(row) == "handed over" for row in begun),
            "average_rating": mean_of((row["ai_agent"] or {}).get("rating") for row in begun),
        }
        for week, begun in rows.items()
    }


def tag_weeks(lives: list[Life], clock: Clock) -> Rows:
    """A row for each tag and week."""
    of_week = Counter(clock.week(life.created) for life in lives)
    tagged: dict[tuple[date, str], list[Life]] = defaultdict(list)
    for life in lives:
        for tag in {tag["id"] for tag in life.row["tags"]["tags"]}:
            tagged[clock.week(life.created), tag].append(life)
    return {
        key: {
            "conversations": len(found),
            "share_of_conversations": len(found) / of_week[key[0]],
            "average_rating": mean_of(_rating(life) for life in found),
            "median_first_response_seconds": median_of(response_seconds(life) for life in found),
        }
        for key, found in tagged.items()
    }


def backlog_days(lives: Iterable[Life], clock: Clock, today: date) -> Rows:
    """How many conversations were open at the end of each day, by age: those that were any."""
    found: Counter[tuple[date, str]] = Counter()
    for life in lives:
        born = clock.day(life.created)
        for opened, closed in life.open_periods():
            for day in _ends_of_days(clock, opened, closed, today):
                age = (day - born).days
                name = next((name for name, a, b in _AGES if a <= age <= b), "over 30 days")
                found[day, name] += 1
    return {key: {"open_conversations": count} for key, count in found.items()}


def days_of(kind: str, lives: list[Life], clock: Clock, today: date) -> Rows:
    """What teammates (`admin`) or teams did on each day, and had open at its end."""
    rows: Rows = defaultdict(_nothing_done)
    values: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for life in lives:
        team = _text(life.row["team_assignee_id"])
        for what, at, teammate, value in deeds(life):
            owner = team if kind == "team" else teammate
            if owner is not None:
                rows[clock.day(at), owner][what] += 1
                values[clock.day(at), owner, what].append(value)
        for who, start, end in _held(life, kind):
            for day in _ends_of_days(clock, start, end, today):
                rows[day, who]["open_at_end"] += 1
    for place, row in rows.items():
        row["median_first_response_seconds"] = median_of(values[(*place, "first_responses")])
        row["average_rating"] = mean_of(values[(*place, "ratings")])
        if kind == "admin":
            del row["created"]
    return rows


def deeds(life: Life) -> Iterable[tuple[str, int, str | None, int]]:
    """What was done, when, by or to which teammate, and its figure: seconds, or a rating."""
    response, asked, last = life.first_response(), life.asked_at(), life.closes()[1]
    rating = life.row["conversation_rating"]
    yield "created", life.created, None, 0
    for part in life.messages("teammate"):
        yield "replies", part["created_at"], part["author"]["id"], 0
    if response and asked:
        yield "first_responses", *response, response[0] - asked
    if life.closed and last is not None:
        yield "closed", last, life.last_closed_by(), last - life.created
    if rating:
        yield "ratings", rating["created_at"], _rated(life.row), rating["rating"]


def _held(life: Life, kind: str) -> Iterable[tuple[str, int, int | None]]:
    """Who had it open from when to when."""
    for who, since, until in life.assignments(kind):
        for opened, closed in life.open_periods():
            start = max(since, opened)
            end = min((end for end in (until, closed) if end is not None), default=None)
            if end is None or start < end:
                yield who, start, end


def contacts(lives: Iterable[Life], tickets: Iterable[Row], loaded: Iterable[Row]) -> Rows:
    """A row for each contact that takes part in a conversation, has a ticket, or was loaded."""
    of_contact: dict[str, list[Life]] = defaultdict(list)
    had: Counter[str] = Counter()
    has_open: Counter[str] = Counter()
    for ticket in tickets:
        for contact in ticket["contacts"]["contacts"]:
            of_contact[contact["id"]] += []
            had[contact["id"]] += 1
            has_open[contact["id"]] += ticket["open"]
    for life in lives:
        for contact in life.row["contacts"]["contacts"]:
            of_contact[contact["id"]].append(life)
    rows = _with_history(of_contact, loaded, ("name", "email", "role"))
    for (contact,), row in rows.items():
        row |= {"tickets": had[contact], "open_tickets": has_open[contact]}
    return rows


def companies(lives: Iterable[Life], loaded: Iterable[Row]) -> Rows:
    """A row for each company that a conversation belongs to or that was loaded."""
    of_company: dict[str, list[Life]] = defaultdict(list)
    for life in lives:
        if life.row["company"]:
            of_company[life.row["company"]["id"]].append(life)
    return _with_history(of_company, loaded, ("name", "industry", "user_count"))


def _with_history(
    lives: dict[str, list[Life]], loaded: Iterable[Row], names: tuple[str, ...]
) -> Rows:
    known = {row["id"]: row for row in loaded}
    return {
        (key,): {
            "is_loaded": key in known,
            **({name: known[key][name] or None for name in names} if key in known else {}),
            **_history(lives.get(key, [])),
        }
        for key in lives.keys() | known.keys()
    }


def _history(lives: list[Life]) -> Row:
    return {
        "conversations": len(lives),
        "open_conversations": sum(not life.closed for life in lives),
        "calls": sum(life.calls for life in lives),
        "missed_calls": sum(life.missed_calls for life in lives),
        "ratings": sum(_rating(life) is not None for life in lives),
        "average_rating": mean_of(_rating(life) for life in lives),
        "median_first_response_seconds": median_of(response_seconds(life) for life in lives),
    }


def _nothing_done() -> Row:
    counts = ("created", "replies", "first_responses", "closed", "ratings", "open_at_end")
    return dict.fromkeys(counts, 0)


def _ends_of_days(clock: Clock, start: int, stop: int | None, today: date) -> Iterable[date]:
    last = today if stop is None else clock.day(stop) - timedelta(days=1)
    for ordinal in range(clock.day(start).toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _rating(life: Life) -> int | None:
    rating: int | None = (life.row["conversation_rating"] or {}).get("rating")
    return rating


def response_seconds(life: Life) -> int | None:
    response, asked = life.first_response(), life.asked_at()
    return response[0] - asked if response and asked else None


def mean_of(values: Iterable[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return mean(known) if known else None


def median_of(values: Iterable[int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def same(left: Any, right: Any) -> bool:
    """Whether two figures are equal; an average's last digits are the machine's."""
    if isinstance(left, float) and right is not None:
        return bool(abs(left - right) < 1e-6)
    return bool(left == right)
