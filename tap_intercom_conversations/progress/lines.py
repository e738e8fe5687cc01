"""Progress in log lines: one every 30 seconds, and a table at the end."""

from __future__ import annotations

import time
import typing as t

from tap_intercom_conversations.progress.duration import in_words
from tap_intercom_conversations.progress.watcher import Watcher, logger

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_intercom_conversations.progress.pace import Pace
    from tap_intercom_conversations.progress.table import Line
    from tap_intercom_conversations.progress.tally import Tally

INTERVAL_SECONDS = 30.0
"""Between two lines."""


class LogLines(Watcher):
    """Says every now and then how far a long stream is; of a short one it says nothing."""

    seconds_between_looks = 1.0

    def __init__(self, tallies: Mapping[str, Tally], pace: Pace) -> None:
        super().__init__(tallies, pace)
        self._stream = ""
        self._said = 0.0

    def show(self, tally: Tally) -> None:
        """Say how far a stream is, if it is time for that."""
        now = time.monotonic()
        if tally.stream != self._stream:
            self._stream, self._said = tally.stream, now
        elif now - self._said >= INTERVAL_SECONDS:
            self._said = now
            logger.info("%s: %s", tally.stream, self._how_far(tally))

    def tell(self, table: list[Line]) -> None:
        """Log the table."""
        for line in table:
            logger.info("%s", line.text)

    def _how_far(self, tally: Tally) -> str:
        pace = self.pace
        parts = [
            f"{tally.rows:,} rows",
            f"{pace.rows_per_second:,.0f}/s",
            f"{100 * pace.budget_used:.0f} % of the request budget in use",
        ]
        if tally.total:
            total = max(tally.total, tally.objects)
            parts.append(f"{tally.objects:,} of about {total:,} {tally.noun}")
        if (left := pace.seconds_left) is not None:
            parts.append(f"{in_words(left)} left")
        return ", ".join(parts)
