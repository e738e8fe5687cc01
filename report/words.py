"""Figures as people read them: times in two units, shares, changes."""

from __future__ import annotations

from datetime import date
from typing import Any

NONE = "\N{EN DASH}"
SAME = "as before"


def duration(seconds: float | None) -> str:
    """A time in two units at most.

    Args:
        seconds: The time in seconds; none if there is none.
    """
    if seconds is None:
        return NONE
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes:02} min"


def number(value: float | None) -> str:
    """A number with thousands apart, and two digits behind the point if it is not whole."""
    if value is None:
        return NONE
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def share(value: float | None) -> str:
    """A share of one in percent."""
    return NONE if value is None else f"{value:.0%}"


def change(now: float | None, before: float | None) -> str:
    """How a figure changed, in percent of what it was."""
    if now is None or not before:
        return ""
    percent = round(100 * (now - before) / before)
    return f"{percent:+d} %".replace("-", "\N{MINUS SIGN}") if percent else SAME


def change_of_share(now: float | None, before: float | None) -> str:
    """How a share changed, in percentage points."""
    if now is None or before is None:
        return ""
    points = round(100 * (now - before))
    if not points:
        return SAME
    unit = "point" if abs(points) == 1 else "points"
    return f"{points:+d} {unit}".replace("-", "\N{MINUS SIGN}")


def cell(name: str, value: Any) -> str:
    """A value of a table, by the name of its column: `..._seconds` is a time."""
    if name.endswith("_seconds"):
        return duration(value)
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, (int, float)):
        return number(value)
    return NONE if value is None else str(value)
