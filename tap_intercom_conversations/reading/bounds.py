"""From when until when a sync reads: frozen at its start, in whole epoch seconds."""

from __future__ import annotations

import sys
import typing as t


class TimeRange(t.NamedTuple):
    """A half-open range of time; None for no bound."""

    start: int | None
    end: int | None

    def holds(self, time: int | None) -> bool:
        """Tell whether a time lies within; one that could not be read does."""
        if time is None:
            return True
        return (self.start is None or self.start <= time) and (self.end is None or time < self.end)


class Bounds(t.NamedTuple):
    """The bounds of one sync.

    Attributes:
        start: The earliest time to read, inclusive; None for the beginning.
        end: The moment at which the sync started, or the user's `end_date` if that is earlier.
        horizon: Up to when, exclusive, the search's index is complete. What is younger may still
            stand at its old place there, or not at all.
        user: The user's `start_date` and `end_date`; no row outside is written.
        whole: What changed after `end` is read to its end, too: no later sync would look for it.
        started: When the sync began, by the earlier of the API's clock and the machine's. A later
            time is no watermark: it may be one of the future, if a clock is wrong.
    """

    start: int | None
    end: int
    horizon: int
    user: TimeRange
    whole: bool = False
    started: int = sys.maxsize
