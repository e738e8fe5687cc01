"""The report of a loaded warehouse: what it asks, and the page that it writes."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import vl_convert

from report import questions
from report.database import Database
from report.page import page
from report.sections import SECTIONS
from tests.e2e.models.figures import same

if TYPE_CHECKING:
    from tests.e2e.models.answers import Answers

KEYS = {
    "volume": ("week",),
    "backlog": ("week", "age"),
    "first_response": ("week",),
    "resolution": ("week",),
    "hours": ("weekday", "hour"),
    "ratings": ("week", "rating"),
    "fin": ("week",),
    "tags": ("tag",),
    "teammates": ("teammate",),
    "waiting": ("conversation",),
}
Row = dict[str, Any]


def check_report(url: str, answers: Answers) -> None:
    """Compare each of the report's figures with the truth, and look at the page."""
    database = Database(url)
    try:
        wrong = {
            name: _differences(getattr(questions, name)(database), rows, KEYS[name])
            for name, rows in answers.all().items()
        }
        for ended in (0, questions.PERIOD):
            asked = {**questions.headline(database, ended), "of": ended}
            truth = {**answers.headline(ended), "of": ended}
            wrong[f"headline {ended}"] = _differences([asked], [truth], ("of",))
        assert {name: lines for name, lines in wrong.items() if lines} == {}
        check_page(page(database), answers)
    finally:
        database.close()


def check_page(written: str, answers: Answers) -> None:
    """Each section has a table with all rows, each chart can be drawn, nothing is fetched."""
    reader = Reader()
    reader.feed(written)
    rows = {name.replace("_", "-"): len(rows) for name, rows in answers.all().items()}
    assert set(reader.rows) == {section.name for section in SECTIONS}
    for name, count in reader.rows.items():
        # An age of which nothing is open has a row there.
        assert count == rows[name] or name == "backlog", name
    assert reader.fetched == []
    (found,) = re.findall(r"^const charts = (.*);$", written, re.MULTILINE)
    charts = json.loads(found)
    assert set(charts) == {section.name for section in SECTIONS if section.draw}
    for name, chart in charts.items():
        # A browser gives it the width of the page.
        svg = vl_convert.vegalite_to_svg({**chart, "width": 500})
        assert "NaN" not in svg, name
        assert svg.count("<path") > 3, name


class Reader(HTMLParser):
    """Counts the rows of each section's table, and notes what a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, int] = {}
        self.fetched: list[str] = []
        self._section = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag."""
        named = dict(attrs)
        if tag == "section":
            self._section = named["id"] or ""
            self.rows[self._section] = -1  # the head has a row, too
        elif tag == "tr":
            self.rows[self._section] += 1
        self.fetched += [
            f"{tag} {value}" for name, value in attrs if name in ("src", "href") and value
        ]


def _differences(asked: list[Row], truth: list[Row], key: tuple[str, ...]) -> list[str]:
    answered = {tuple(row[name] for name in key): row for row in asked}
    wanted = {tuple(row[name] for name in key): row for row in truth}
    # An age of which nothing is open has a row there.
    extra = {
        each
        for each in answered.keys() - wanted.keys()
        if answered[each].get("open_conversations") != 0
    }
    lines = [f"missing: {each}" for each in wanted.keys() - answered.keys()]
    lines += [f"too much: {each}" for each in extra]
    for each in wanted.keys() & answered.keys():
        lines += [
            f"{each} {name}: {answered[each][name]!r}, not {value!r}"
            for name, value in wanted[each].items()
            if not same(answered[each][name], value)
        ]
    return sorted(lines)[:5]
