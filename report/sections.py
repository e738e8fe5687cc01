"""The report's sections: a title, what it shows in a sentence, its rows, and its chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from report import charts, questions

if TYPE_CHECKING:
    from collections.abc import Callable

    from report.charts import Chart
    from report.database import Database, Row


@dataclass(frozen=True)
class Section:
    """What is asked, how it is drawn, and what it is called.

    Args:
        name: What it is called in the page's addresses.
        title: Its heading.
        note: What the figures are, in a sentence.
        ask: The question.
        draw: The chart; none where a table says it better.
    """

    name: str
    title: str
    note: str
    ask: Callable[[Database], list[Row]]
    draw: Chart | None = None


SECTIONS = (
    Section(
        "volume",
        "Volume",
        "Conversations that began in each week, and those that were closed in it and still are.",
        questions.volume,
        charts.volume,
    ),
    Section(
        "backlog",
        "Backlog",
        "Conversations that were not closed when each week ended, by how long ago they began.",
        questions.backlog,
        charts.backlog,
    ),
    Section(
        "first-response",
        "First response",
        "From a contact's first message to a teammate's first answer, by the week of the answer. "
        "Bots do not count.",
        questions.first_response,
        charts.times,
    ),
    Section(
        "hours",
        "First response by hour of the week",
        f"How long contacts who wrote in that hour waited for a teammate: the median of "
        f"{questions.WEEKS} weeks.",
        questions.hours,
        charts.hours,
    ),
    Section(
        "resolution",
        "Time to close",
        "From the beginning to the last close, by the week in which it was closed.",
        questions.resolution,
        charts.times,
    ),
    Section(
        "ratings",
        "Ratings",
        "What contacts gave, 1 to 5, by week.",
        questions.ratings,
        charts.ratings,
    ),
    Section(
        "fin",
        "Fin",
        "What became of each week's conversations with Fin, Intercom's AI agent, beside those "
        "without it.",
        questions.fin,
        charts.fin,
    ),
    Section(
        "tags",
        "Tags that grow",
        "Conversations of the last four weeks by tag, less those of the four weeks before.",
        questions.tags,
        charts.tags,
    ),
    Section(
        "teammates",
        "Teammates' load",
        f"Messages to contacts in the last {questions.PERIOD} days, and what is open now.",
        questions.teammates,
        charts.teammates,
    ),
    Section(
        "waiting",
        "Waiting longest",
        "Open conversations whose contacts wait for an answer.",
        questions.waiting,
    ),
)
