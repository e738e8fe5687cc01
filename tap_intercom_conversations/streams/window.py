"""A range of time that the API is asked for at once, or half by half if it holds too much."""

from __future__ import annotations

import typing as t


class Window(t.NamedTuple):
    """A time range that is asked for at once, or half by half: from `start` up to `end`."""

    start: int
    end: int

    def halves(self) -> tuple[Window, Window]:
        """Cut it in the middle; the first half is empty if it is of one second."""
        middle = (self.start + self.end) // 2
        return Window(self.start, middle), Window(middle, self.end)
