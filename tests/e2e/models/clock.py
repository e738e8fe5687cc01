"""Days, weeks and office hours, as docs/models.md defines them, without any SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Clock:
    """A workspace's calendar.

    Args:
        name: Name of the timezone.
        days: Office days; 1 is Monday.
        opens: When the office opens.
        closes: When it closes.
    """

    name: str = "UTC"
    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    opens: time = time(9)
    closes: time = time(17)

    def variables(self) -> dict[str, object]:
        """The same as variables of the dbt project."""
        return {
            "timezone": self.name,
            "office_days": list(self.days),
            "office_opens": f"{self.opens:%H:%M}",
            "office_closes": f"{self.closes:%H:%M}",
        }

    def local(self, at: int) -> datetime:
        """What a clock on the wall shows at an epoch second."""
        moment = datetime.fromtimestamp(at, timezone.utc)
        return moment.astimezone(ZoneInfo(self.name)).replace(tzinfo=None)

    def day(self, at: int) -> date:
        """The day of an epoch second."""
        return self.local(at).date()

    def week(self, at: int) -> date:
        """The Monday before an epoch second."""
        day = self.day(at)
        return day - timedelta(days=day.weekday())

    def office_seconds(self, start: int, stop: int) -> int:
        """Seconds between two epoch seconds in which the office is open, day by day."""
        begin, end = self.local(start), self.local(stop)
        total = 0.0
        for ordinal in range(begin.toordinal(), end.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if day.isoweekday() in self.days:
                since = max(begin, datetime.combine(day, self.opens))
                until = min(end, datetime.combine(day, self.closes))
                total += max(0.0, (until - since).total_seconds())
        return round(total)
