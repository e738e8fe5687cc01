"""Which way a sync shows how far it is: at a terminal, or in the log."""

from __future__ import annotations

import sys
import typing as t

from tap_intercom_conversations.progress.lines import LogLines

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_intercom_conversations.progress.pace import Pace
    from tap_intercom_conversations.progress.tally import Tally
    from tap_intercom_conversations.progress.watcher import Watcher


def watcher_for(tallies: Mapping[str, Tally], pace: Pace, *, may_display: bool) -> Watcher:
    """Make the live display if stderr is a terminal and stdout is none; else log lines will do.

    If messages appear at a terminal, it is no place for a display.

    Args:
        tallies: As for `Watcher`.
        pace: As for `Watcher`.
        may_display: Whether a display is wanted at all.
    """
    if may_display and _is_terminal(sys.stderr) and not _is_terminal(sys.stdout):
        # Here, not above: nobody else needs rich, which takes its time to import.
        from tap_intercom_conversations.progress import display  # noqa: PLC0415

        console = display.TerminalConsole(stderr=True)
        if console.is_interactive:  # `TERM=dumb` is not
            return display.Display(tallies, pace, console)
    return LogLines(tallies, pace)


def _is_terminal(file: t.TextIO | None) -> bool:
    """Tell whether a file is a terminal; with `2>&-` there is none."""
    return file is not None and file.isatty()
