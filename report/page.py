"""The page: everything that it needs is inside, and it reads well without any chart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

import vl_convert

from report import questions
from report.sections import SECTIONS
from report.words import SAME, cell, change, change_of_share, duration, number, share

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from report.database import Database, Row
    from report.sections import Section


@dataclass(frozen=True)
class Figure:
    """A headline figure.

    Args:
        column: Its column.
        name: What it is called.
        written: How it is written.
        moved: How its change is.
        better: 1 if more is better, -1 if less is, 0 if it is neither.
    """

    column: str
    name: str
    written: Callable[[float | None], str]
    moved: Callable[[float | None, float | None], str] = change
    better: int = 0


FIGURES = (
    Figure("created", "Began", number),
    Figure("closed", "Closed", number),
    Figure("first_response", "First response", duration, better=-1),
    Figure("time_to_close", "Time to close", duration, better=-1),
    Figure("rating", "Rating", number, better=1),
    Figure("fin_resolved", "Resolved by Fin", share, change_of_share, better=1),
    Figure("open_conversations", "Open now", number, better=-1),
)


def page(database: Database) -> str:
    """The report as HTML.

    Raises:
        Unusable: A model is missing.
    """
    today = questions.today(database)
    answers = [(section, section.ask(database)) for section in SECTIONS]
    charts = {
        section.name: section.draw(rows).to_dict()
        for section, rows in answers
        if section.draw and rows
    }
    now = questions.headline(database)
    before = questions.headline(database, ended=questions.PERIOD)
    template = Template(files("report").joinpath("page.html").read_text("utf-8"))
    return template.substitute(
        period=_period(today),
        figures="".join(_figure(figure, now, before) for figure in FIGURES),
        sections="".join(_section(section, rows) for section, rows in answers),
        completeness=escape(completeness(questions.completeness(database))),
        charts=_json(charts),
        vega=_vega(),
    )


@cache
def _vega() -> str:
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def completeness(row: Row) -> str:
    """The last line: whether all is there."""
    if not row["weeks"]:
        return (
            "Nobody has counted whether all conversations are here: select the stream "
            "conversation_counts."
        )
    count, day = number(row["counted"]), row["counted_at"]
    counted = f"Intercom counted {count} conversations on {day:%Y-%m-%d}"
    if row["lacking"]:
        return f"Incomplete. {counted}; these weeks lack some: {row['lacking']}."
    if row["weeks_with_more"]:
        return (
            f"No week lacks any, but in {number(row['weeks_with_more'])} more are here than "
            "Intercom counts: deletions are not loaded, or search_filters were changed. A lack in "
            f"these would not be seen. {counted}; {number(row['loaded'])} are here."
        )
    if row["loaded"] < row["counted"]:
        late = number(row["counted"] - row["loaded"])
        return (
            f"Complete but for {late} that changed just then: the next sync brings them. {counted}."
        )
    return f"Complete. {counted}, and all are here."


def _period(today: date | None) -> str:
    if today is None:
        return "Nothing is loaded yet."
    first = today - timedelta(days=questions.PERIOD - 1)
    return (
        f"{first:%Y-%m-%d} to {today:%Y-%m-%d}, beside the {questions.PERIOD} days before. "
        "Times are medians; the charts have whole weeks."
    )


def _figure(figure: Figure, now: Row, before: Row) -> str:
    value, was = now[figure.column], before[figure.column]
    moved = escape(figure.moved(value, was))
    if moved and moved != SAME:
        judgement = "better" if (value - was) * figure.better > 0 else "worse"
        moved = f'<b class="{judgement if figure.better else ""}">{moved}</b>'
        moved += f" <span>from {escape(figure.written(was))}</span>"
    return (
        f'<div class="figure"><dt>{escape(figure.name)}</dt>'
        f"<dd>{escape(figure.written(value))}<small>{moved}</small></dd></div>"
    )


def _section(section: Section, rows: list[Row]) -> str:
    chart = f'<div class="chart" id="chart-{section.name}" aria-hidden="true"></div>'
    table = _table(section, rows)
    if section.draw:
        table = f"<details><summary>As a table</summary>{table}</details>"
    body = (chart if section.draw else "") + table if rows else "<p>Nothing yet.</p>"
    return (
        f'<section id="{section.name}"><h2>{escape(section.title)}</h2>'
        f"<p>{escape(section.note)}</p>{body}</section>"
    )


def _table(section: Section, rows: list[Row]) -> str:
    names = [name for name in (rows[0] if rows else {}) if not name.endswith("_order")]
    head = "".join(f'<th scope="col">{escape(_heading(name))}</th>' for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell(name, row[name]))}</td>' for name in names)}</tr>"
        for row in rows
    )
    caption = f"<caption>{escape(section.title)}</caption>"
    return (
        f'<div class="scroll"><table>{caption}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _heading(name: str) -> str:
    return name.removesuffix("_seconds").replace("_", " ")


def _json(charts: dict[str, Any]) -> str:
    # A name with `</script>` in it must not end ours.
    return json.dumps(charts).replace("<", "\\u003c")
