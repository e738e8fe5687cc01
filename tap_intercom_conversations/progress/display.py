"""The live display at a terminal: one line, which the target's log lines cannot break.

A target at the same terminal writes whenever it likes. A display of several lines would be redrawn
over what was written meanwhile, and a target's last words would be gone. One line that is as wide
as the terminal is only ever redrawn where the cursor is: what others write begins on a new line.
"""

from __future__ import annotations

import io
import logging
import typing as t
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import singer_sdk
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from tap_intercom_conversations.progress.duration import in_words
from tap_intercom_conversations.progress.watcher import Watcher

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from tap_intercom_conversations.progress.pace import Pace
    from tap_intercom_conversations.progress.table import Line
    from tap_intercom_conversations.progress.tally import Tally

SDK_FOLDER = str(Path(singer_sdk.__file__).parent)
LEAST_BAR_CHARACTERS = 5
"""A shorter bar shows nothing."""


class TerminalConsole(Console):
    """The terminal behind stderr; its cursor stays visible, so a killed process leaves it sane."""

    def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002, FBT001, FBT002  rich's own
        """Leave the cursor alone."""
        return False


class AboveDisplay(io.TextIOBase):
    """A file for log handlers, whose lines appear above the display."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> int:
        """Write whole lines."""
        self._console.out(text, end="", highlight=False)
        return len(text)


class Display(Watcher):
    """Shows the stream that is being read in one line; log lines scroll by above it.

    Args:
        tallies: As for `Watcher`.
        pace: As for `Watcher`.
        console: The terminal.
    """

    seconds_between_looks = 0.25

    def __init__(self, tallies: Mapping[str, Tally], pace: Pace, console: Console) -> None:
        super().__init__(tallies, pace)
        self._console = console
        # Nothing of stdout: that is for messages.
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False
        )
        self._above = AboveDisplay(console)
        self._redirected: list[tuple[logging.StreamHandler[t.Any], t.IO[str]]] = []

    def __enter__(self) -> None:
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._console.file:
                self._redirected.append((handler, handler.stream))
                handler.setStream(self._above)
                handler.addFilter(_is_news)
        self._live.start()
        super().__enter__()

    def __exit__(self, *ended: object) -> None:
        super().__exit__(*ended)
        with suppress(OSError):  # the terminal is gone
            self._live.stop()
        for handler, stream in self._redirected:
            handler.removeFilter(_is_news)
            handler.setStream(stream)

    def show(self, tally: Tally) -> None:
        """Draw the line anew."""
        number = list(self.tallies).index(tally.stream) + 1
        line = line_of(tally, self.pace, number, len(self.tallies), self._console.width)
        with suppress(OSError):
            self._live.update(line, refresh=True)

    def tell(self, table: list[Line]) -> None:
        """Write the table, without the log's prefix."""
        with suppress(OSError):
            for line in table:
                self._console.out(line.text, style=None if line.is_good else "red", highlight=False)


def line_of(tally: Tally, pace: Pace, number: int, count: int, width: int) -> Table:
    """Make the display's line: in full where there is room for that and a bar, else shorter.

    Args:
        tally: The stream that is being read.
        pace: How fast it goes.
        number: Which of the streams it is, from 1.
        count: How many streams there are.
        width: Characters that the terminal has.

    Returns:
        What rich renders as one line of that width.
    """
    left = pace.seconds_left
    percent = f"{min(100 * tally.objects // tally.total, 100)} %" if tally.total else ""
    rows, speed = f"{tally.rows:,} rows", f"{pace.rows_per_second:,.0f}"
    budget = f"{100 * pace.budget_used:.0f} %"

    name = f"stream {number} of {count}: {tally.stream}"
    ends = "" if left is None else f"{in_words(left)} left"
    figures = _joined(percent, rows, f"{speed} rows/s", f"{budget} of the budget in use", ends)
    if _room(width, name, figures) < LEAST_BAR_CHARACTERS:
        name = f"{number}/{count} {tally.stream}"
        clock = "" if left is None else str(timedelta(seconds=round(left))).removeprefix("0:")
        figures = _joined(
            percent, rows, f"{speed}/s", f"{budget} budget", clock and f"{clock} left"
        )
    line = Table.grid(padding=(0, 1), pad_edge=False, expand=True)
    line.add_column(no_wrap=True, overflow="ellipsis")
    cells: list[RenderableType] = [name]
    if _room(width, name, figures) >= LEAST_BAR_CHARACTERS:
        line.add_column(ratio=1)
        cells.append(ProgressBar(tally.total or None, tally.objects))
    line.add_column(no_wrap=True, overflow="ellipsis", justify="right")
    line.add_row(*cells, figures)
    return line


def _joined(*figures: str) -> str:
    return " ".join(filter(None, figures))


def _room(width: int, *texts: str) -> int:
    """Characters that texts leave, with a blank after each."""
    return width - sum(len(text) + 1 for text in texts)


def _is_news(record: logging.LogRecord) -> bool:
    """The SDK's metrics, and which stream begins or is skipped: the display shows all that."""
    return record.levelno != logging.INFO or not record.pathname.startswith(SDK_FOLDER)
