"""The table that a sync ends with: a line a stream, and what to do where one is not complete."""

from __future__ import annotations

import textwrap
import typing as t

from tap_intercom_conversations.progress.tally import Status

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_intercom_conversations.progress.tally import Tally

HEAD = ("stream", "rows", "requests", "seconds", "outcome")
LONGEST_REASON_CHARACTERS = 80
"""A failure's own line has been logged when it happened; the table repeats its beginning."""


class Line(t.NamedTuple):
    """A line of the table, and whether what it tells is as it should be."""

    text: str
    is_good: bool = True


def table_of(tallies: Sequence[Tally]) -> list[Line]:
    """Make the table.

    Args:
        tallies: The streams that were selected, in the order in which they were read.

    Returns:
        Its lines: a head, the streams, their sum if there are several, and if one is not complete,
        what to do. None if no stream was selected.
    """
    if not tallies:
        return []
    missing = [tally for tally in tallies if tally.status is not Status.COMPLETE]
    rows = [HEAD, *map(_cells, tallies)]
    good = [True, *(tally not in missing for tally in tallies)]
    if len(tallies) > 1:
        rows.append(_sum(tallies, missing))
        good.append(not missing)
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
    lines = [Line(_aligned(row, widths), each) for row, each in zip(rows, good, strict=True)]
    return [*lines, Line(_next_step(missing), is_good=False)] if missing else lines


def _cells(tally: Tally) -> tuple[str, ...]:
    outcome = tally.status.value
    if tally.why:
        told = tally.why.partition(" [request id")[0]
        why = textwrap.shorten(told, LONGEST_REASON_CHARACTERS, placeholder=" ...")
        outcome += f": {why}"
    return (tally.stream, *_figures([tally]), outcome)


def _sum(tallies: Sequence[Tally], missing: Sequence[Tally]) -> tuple[str, ...]:
    outcome = f"{len(missing)} not complete" if missing else "complete"
    return (f"{len(tallies)} streams", *_figures(tallies), outcome)


def _figures(tallies: Sequence[Tally]) -> tuple[str, str, str]:
    rows = sum(tally.rows for tally in tallies)
    requests = sum(tally.requests for tally in tallies)
    seconds = sum(tally.seconds for tally in tallies)
    return f"{rows:,}", f"{requests:,}", f"{seconds:,.1f}"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    """Names to the left, figures to the right, the outcome as long as it is."""
    name, *figures, outcome = row
    padded = [f"{text:>{width}}" for text, width in zip(figures, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *padded, outcome])


def _next_step(missing: Sequence[Tally]) -> str:
    """What to do about streams, each thing once."""
    steps = [*dict.fromkeys(tally.remedy for tally in missing if tally.remedy)]
    puzzling = [tally.stream for tally in missing if tally.why and not tally.remedy]
    if puzzling:
        steps.append(f"What to do about {', '.join(puzzling)} is in the errors above.")
    return " ".join(steps or ["The next run goes on from the last STATE."])
