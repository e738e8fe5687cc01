"""The charts, in Vega-Lite; the colours of text and background are the page's."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import altair as alt

if TYPE_CHECKING:
    from report.database import Row

Chart = Callable[["list[Row]"], Any]

HEIGHT = 240
MOST_BARS = 15
HOUR = 3_600
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Near to Okabe and Ito's: told apart by those who do not see all colours, on white and on black.
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = (
    "#2E86C1",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#8A8F98",
)
# From pale to red: the longer, the more it stands out, on white and on black.
# In steps: one contact who waited for weeks would make all others look alike.
_WAITS = {
    "under 1 h": "#FEE8A0",
    "1 to 4 h": "#FEC44F",
    "4 to 8 h": "#FE9929",
    "8 to 24 h": "#E2531B",
    "a day or more": "#A50F15",
}
_WAIT_STEPS = [1 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR]
_RATINGS = {1: RED, 2: ORANGE, 3: GREY, 4: "#56B4E9", 5: BLUE}
_AGES = {"up to 1 day": "#56B4E9", "2 to 7 days": BLUE, "8 to 30 days": ORANGE, "over 30 days": RED}


def volume(rows: list[Row]) -> Any:
    """Two bars a week."""
    return _bars_by_week(
        _long(rows, {"created": "began", "closed": "closed"}),
        {"began": BLUE, "closed": GREEN},
        offset=True,
    )


def backlog(rows: list[Row]) -> Any:
    """An area a week, by age."""
    data = [{**row, "week": _iso(row["week"])} for row in rows]
    return (
        _chart(data)
        .mark_area()
        .encode(
            x=_weeks(),
            y=alt.Y("open_conversations:Q", title="open", stack="zero"),
            color=_colours("age", _AGES),
            order=alt.Order("age_order:Q"),
            tooltip=["week:T", "age:N", "open_conversations:Q"],
        )
    )


def times(rows: list[Row]) -> Any:
    """Two lines a week, in hours: the median, and what nine of ten were faster than."""
    names = {"median_seconds": "median", "slow_seconds": "9 of 10 faster"}
    data = _long(rows, names)
    for row in data:
        row["hours"] = None if row["value"] is None else row["value"] / HOUR
    return (
        _chart(data)
        .mark_line(point=True)
        .encode(
            x=_weeks(),
            y=alt.Y("hours:Q", title="hours"),
            color=_colours("what", dict(zip(names.values(), (BLUE, ORANGE), strict=True))),
            tooltip=["week:T", "what:N", alt.Tooltip("hours:Q", format=".1f")],
        )
    )


def hours(rows: list[Row]) -> Any:
    """A cell for each hour of the week, the redder the longer."""
    data = [
        {
            "day": WEEKDAYS[row["weekday"] - 1],
            "hour": row["hour"],
            "conversations": row["conversations"],
            "hours": row["median_seconds"] / HOUR,
            "wait": list(_WAITS)[bisect_right(_WAIT_STEPS, row["median_seconds"])],
        }
        for row in rows
        if row["median_seconds"] is not None
    ]
    return (
        _chart(data)
        .mark_rect()
        .encode(
            x=alt.X(
                "hour:O", title="hour of the day", axis=alt.Axis(labelAngle=0, labelOverlap=True)
            ),
            y=alt.Y("day:O", title=None, sort=list(WEEKDAYS)),
            color=_colours("wait", _WAITS, columns=3),
            tooltip=["day:N", "hour:O", "conversations:Q", alt.Tooltip("hours:Q", format=".1f")],
        )
    )


def ratings(rows: list[Row]) -> Any:
    """A bar a week, by rating."""
    data = [
        {"week": _iso(row["week"]), "what": str(row["rating"]), "value": row["ratings"]}
        for row in rows
    ]
    colours = {str(rating): colour for rating, colour in _RATINGS.items()}
    return _bars_by_week(data, colours, title="ratings", columns=5)


def fin(rows: list[Row]) -> Any:
    """A bar a week, by outcome."""
    names = {
        "resolved": "resolved by Fin",
        "handed_over": "handed over",
        "neither": "neither",
        "without": "without Fin",
    }
    colours = dict(zip(names.values(), (GREEN, ORANGE, PURPLE, GREY), strict=True))
    return _bars_by_week(_long(rows, names), colours)


def tags(rows: list[Row]) -> Any:
    """A bar for each tag that grew most, to the right if it did."""
    return (
        _chart(rows[:MOST_BARS], height=_height(rows))
        .mark_bar()
        .encode(
            x=alt.X("growth:Q", title="more or fewer conversations than before", axis=_whole()),
            y=_names("tag"),
            color=alt.condition("datum.growth < 0", alt.value(GREY), alt.value(BLUE)),
            tooltip=["tag:N", "before:Q", "now:Q", "growth:Q"],
        )
    )


def teammates(rows: list[Row]) -> Any:
    """Two bars for each of those who wrote most."""
    names = {"replies": "messages written", "open_now": "open now"}
    data = [
        {"teammate": row["teammate"], "what": what, "value": row[name]}
        for row in rows[:MOST_BARS]
        for name, what in names.items()
    ]
    return (
        _chart(data, height=_height(rows))
        .mark_bar()
        .encode(
            x=alt.X("value:Q", title=None, axis=_whole()),
            y=_names("teammate"),
            yOffset=alt.YOffset("what:N", sort=list(names.values())),
            color=_colours("what", dict(zip(names.values(), (BLUE, ORANGE), strict=True))),
            tooltip=["teammate:N", "what:N", "value:Q"],
        )
    )


def _height(rows: list[Row]) -> int:
    return max(60, 22 * min(len(rows), MOST_BARS))


def _names(name: str) -> alt.Y:
    return alt.Y(f"{name}:N", title=None, sort=None)


def _bars_by_week(
    data: list[Row],
    colours: dict[str, str],
    *,
    title: str = "conversations",
    offset: bool = False,
    columns: int = 2,
) -> Any:
    chart = _chart(data).mark_bar()
    beside = {"xOffset": alt.XOffset("what:N")} if offset else {}
    return chart.encode(
        x=alt.X("yearmonthdate(week):O", title=None, axis=_axis()),
        y=alt.Y("value:Q", title=title, axis=_whole(), stack=None if offset else "zero"),
        color=_colours("what", colours, columns=columns),
        tooltip=["week:T", "what:N", "value:Q"],
        **beside,
    )


def _chart(data: list[Row], *, height: int = HEIGHT) -> alt.Chart:
    return alt.Chart({"values": data}, width="container", height=height)


def _weeks() -> alt.X:
    return alt.X("week:T", title=None, axis=_axis())


def _axis() -> alt.Axis:
    return alt.Axis(format="%b %d", labelAngle=0, labelOverlap=True, tickCount=6)


def _whole() -> alt.Axis:
    return alt.Axis(format=",d", tickMinStep=1, tickCount=6)


def _colours(name: str, colours: dict[str, str], *, columns: int = 2) -> alt.Color:
    return alt.Color(
        f"{name}:N",
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        # No more side by side than a phone has room for.
        legend=alt.Legend(title=None, orient="bottom", columns=columns),
    )


def _long(rows: list[Row], names: dict[str, str]) -> list[Row]:
    """A row for each figure of a week, as Vega-Lite wants them."""
    return [
        {"week": _iso(row["week"]), "what": what, "value": row[name]}
        for row in rows
        for name, what in names.items()
    ]


def _iso(day: Any) -> str:
    # With a time, or the browser would take it for midnight in UTC: the day before in America.
    return f"{day:%Y-%m-%d}T00:00:00"
