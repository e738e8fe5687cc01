"""The page: everything that it needs is inside, and it reads well without any chart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

import vl_convert

from report import questions
from report.sections import SECTIONS
from report.words import cell, change, duration, number, share

if TYPE_CHECKING:
    from collections.abc import Callable

    from report.database import Database, Row
    from report.sections import Section


@dataclass(frozen=True)
class Figure:
    """A headline figure: its column, its name, and how it is written."""

    column: str
    name: str
    written: Callable[[float | None], str]


FIGURES = (
    Figure("created", "conversations began", number),
    Figure("closed", "were closed", number),
    Figure("first_response", "median first response", duration),
    Figure("time_to_close", "median time to close", duration),
    Figure("rating", "average rating", number),
    Figure("fin_resolved", "of Fin's were resolved by it", share),
    Figure("open_conversations", "are open", number),
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
        until=f"{today:%Y-%m-%d}" if today else "nothing is loaded yet",
        days=questions.PERIOD,
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
        return f"Nothing is missing. {counted}; {number(row['loaded'])} are here, more than that."
    if row["loaded"] < row["counted"]:
        late = number(row["counted"] - row["loaded"])
        return (
            f"Complete but for {late} that changed just then: the next sync brings them. {counted}."
        )
    return f"Complete. {counted}, and all are here."


def _figure(figure: Figure, now: Row, before: Row) -> str:
    value, moved = now[figure.column], change(now[figure.column], before[figure.column])
    return (
        f'<div class="figure"><dt>{escape(figure.name)}</dt>'
        f"<dd>{escape(figure.written(value))}<small>{escape(moved)}</small></dd></div>"
    )


def _section(section: Section, rows: list[Row]) -> str:
    chart = f'<div class="chart" id="chart-{section.name}" aria-hidden="true"></div>'
    table = _table(section, rows)
    if section.draw:
        table = f"<details><summary>The figures</summary>{table}</details>"
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
