"""What the report has to say of a workspace, made of conversations' lives in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from statistics import mean, median, quantiles
from typing import TYPE_CHECKING, Any

from tests.e2e.models import figures
from tests.e2e.models.figures import deeds

if TYPE_CHECKING:
    from tests.e2e.models.clock import Clock
    from tests.e2e.models.life import Life

Row = dict[str, Any]


class Answers:
    """The rows of each of the report's charts, by name.

    Args:
        lives: All conversations.
        today: The day of the last update.
        clock: The workspace's calendar.
        names: Teammates' names by id.
    """

    def __init__(self, lives: list[Life], today: date, clock: Clock, names: dict[str, str]) -> None:
        self.lives, self.clock, self.today, self.names = lives, clock, today, names
        self.monday = today - timedelta(days=today.weekday())
        # Of the workspace, whoever did it.
        self.deeds = [(what, at, value) for life in lives for what, at, _, value in deeds(life)]

    def all(self) -> dict[str, list[Row]]:
        """Each question's rows."""
        return {
            "volume": self.volume(),
            "backlog": self.backlog(),
            "first_response": self.times("first_responses"),
            "resolution": self.times("closed"),
            "hours": self.hours(),
            "ratings": self.ratings(),
            "fin": self.fin(),
            "tags": self.tags(),
            "teammates": self.teammates(),
            "waiting": self.waiting(),
        }

    def weeks(self) -> list[date]:
        """The last 26 whole weeks."""
        return [self.monday - timedelta(weeks=number) for number in range(26, 0, -1)]

    def week(self, at: int) -> date:
        """The week of an epoch second."""
        return self.clock.week(at)

    def volume(self) -> list[Row]:
        """Began and closed, by week."""
        counts = Counter((self.week(at), what) for what, at, _ in self.deeds)
        busy = {week for week, _ in counts}
        return [
            {"week": week, "created": counts[week, "created"], "closed": counts[week, "closed"]}
            for week in self.weeks()
            if week in busy
        ]

    def backlog(self) -> list[Row]:
        """Open at the end of each Sunday, by age."""
        rows = figures.backlog_days(self.lives, self.clock, self.today)
        sundays = {week + timedelta(days=6): week for week in self.weeks()}
        return [
            {"week": sundays[day], "age": age, **row}
            for (day, age), row in rows.items()
            if day in sundays
        ]

    def times(self, what: str) -> list[Row]:
        """Median and ninth decile by week."""
        found: dict[date, list[int]] = defaultdict(list)
        for kind, at, value in self.deeds:
            if kind == what:
                found[self.week(at)].append(value)
        return [
            {
                "week": week,
                "conversations": len(found[week]),
                "median_seconds": median(found[week]),
                "slow_seconds": quantiles(found[week], n=10, method="inclusive")[8]
                if len(found[week]) > 1
                else found[week][0],
            }
            for week in self.weeks()
            if found[week]
        ]

    def hours(self) -> list[Row]:
        """Median first response by hour of the week."""
        found: dict[tuple[int, int], list[int | None]] = defaultdict(list)
        for life in self.lives:
            asked = life.asked_at()
            if asked is not None and self.week(asked) in self.weeks():
                local = self.clock.local(asked)
                found[local.isoweekday(), local.hour].append(figures.response_seconds(life))
        return [
            {
                "weekday": weekday,
                "hour": hour,
                "conversations": len(values),
                "median_seconds": figures.median_of(values),
            }
            for (weekday, hour), values in found.items()
        ]

    def ratings(self) -> list[Row]:
        """How many of each, by week."""
        counts = Counter(
            (self.week(at), value) for what, at, value in self.deeds if what == "ratings"
        )
        return [
            {"week": week, "rating": rating, "ratings": count}
            for (week, rating), count in counts.items()
            if week in self.weeks()
        ]

    def fin(self) -> list[Row]:
        """Fin's outcomes by week."""
        return [
            {
                "week": week,
                "conversations": row["conversations"],
                "resolved": row["resolved"],
                "handed_over": row["handed_over"],
                "neither": row["involved"] - row["resolved"] - row["handed_over"],
                "without": row["conversations"] - row["involved"],
            }
            for (week,), row in figures.fin_weeks(self.lives, self.clock).items()
            if week in self.weeks()
        ]

    def tags(self) -> list[Row]:
        """Tags of four weeks and the four before."""
        last, before = self.weeks()[-4:], self.weeks()[-8:-4]
        recent: Counter[str] = Counter()
        earlier: Counter[str] = Counter()
        for life in self.lives:
            week = self.week(life.created)
            for tag in life.row["tags"]["tags"]:
                recent[tag["name"]] += week in last
                earlier[tag["name"]] += week in before
        return [
            {"tag": tag, "before": earlier[tag], "now": recent[tag]}
            for tag in recent | earlier
            if recent[tag] or earlier[tag]
        ]

    def teammates(self) -> list[Row]:
        """The last 28 days of each."""
        rows: dict[str, Row] = {}
        days = figures.days_of("admin", self.lives, self.clock, self.today)
        for (day, who), row in days.items():
            if self.today - timedelta(days=28) < day <= self.today:
                fresh = {"replies": 0, "first_responses": 0, "closed": 0, "open_now": 0}
                sums = rows.setdefault(who, {"teammate": self.names.get(who, who), **fresh})
                for name in ("replies", "first_responses", "closed"):
                    sums[name] += row[name]
                sums["open_now"] += row["open_at_end"] if day == self.today else 0
        return list(rows.values())

    def waiting(self) -> list[Row]:
        """The ten that wait longest."""
        now = max(life.updated for life in self.lives)
        found = sorted(
            (life.row["waiting_since"], life.id)
            for life in self.lives
            if life.row["state"] == "open" and life.row["waiting_since"]
        )
        return [
            {"conversation": name, "waiting_seconds": now - since} for since, name in found[:10]
        ]

    def headline(self, ended: int) -> Row:
        """The figures of 28 days."""
        last = self.today - timedelta(days=ended)
        days = {last - timedelta(days=number) for number in range(28)}
        values: dict[str, list[int]] = defaultdict(list)
        for what, at, value in self.deeds:
            if self.clock.day(at) in days:
                values[what].append(value)
        fin = [
            figures.fin_outcome(life.row) == "resolved"
            for life in self.lives
            if life.row["ai_agent_participated"] and self.clock.day(life.created) in days
        ]
        backlog = figures.backlog_days(self.lives, self.clock, self.today)
        return {
            "created": len(values["created"]),
            "closed": len(values["closed"]),
            "first_response": figures.median_of(values["first_responses"]),
            "time_to_close": figures.median_of(values["closed"]),
            "rating": figures.mean_of(values["ratings"]),
            "fin_resolved": mean(fin) if fin else None,
            "open_conversations": sum(
                row["open_conversations"] for (day, _), row in backlog.items() if day == last
            ),
        }
