"""What each stream has done in a sync: counted by the main thread, looked at by any."""

from __future__ import annotations

import enum
import time
import typing as t


class Traffic(t.Protocol):
    """Whoever sends the requests: the API's client, which this room does not know."""

    @property
    def sent(self) -> int:
        """How many requests were sent, each try counted."""

    @property
    def in_flight(self) -> int:
        """How many of them have no answer yet."""

    @property
    def budget_per_second(self) -> float:
        """Requests a second that the workspace grants to all who ask."""


class RowCount(t.Protocol):
    """Whoever counts the rows that a stream writes."""

    @property
    def rows(self) -> int:
        """How many there are so far."""


class Status(enum.Enum):
    """How far a stream has come; the value is what a table says of it when the sync is over."""

    WAITING = "not begun"
    RUNNING = "interrupted"
    COMPLETE = "complete"
    FAILED = "not complete"


class Tally:
    """What one stream has done.

    Args:
        stream: The stream's name.

    Attributes:
        status: How far it has come.
        why: What ended it before it was complete, as one line.
        remedy: What to do about that, if `why` does not say it.
        noun: What it looks at, in the plural: "conversations".
        objects: How many of these were looked at.
        total: How many there are, as far as known; 0 if nobody has counted them.
    """

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.status = Status.WAITING
        self.why = self.remedy = ""
        self.noun = ""
        self.objects = self.total = 0
        self._traffic: Traffic | None = None
        self._count: RowCount | None = None
        self._began = self._seconds = 0.0
        self._sent_before = self._requests = 0

    def begin(self, traffic: Traffic, count: RowCount) -> None:
        """Count rows, requests and seconds from now on."""
        self.status = Status.RUNNING
        self._traffic, self._count = traffic, count
        self._began, self._sent_before = time.monotonic(), traffic.sent

    def end(self) -> None:
        """Count requests and seconds no more; without `complete` or `fail`, it was interrupted."""
        self._requests, self._seconds = self.requests, self.seconds
        self._traffic = None

    def complete(self) -> None:
        """Note that all rows are written."""
        self.status = Status.COMPLETE

    def fail(self, why: str, remedy: str) -> None:
        """Note what ended it, and what to do about it, if anybody knows."""
        self.status, self.why, self.remedy = Status.FAILED, why, remedy

    @property
    def is_being_read(self) -> bool:
        """Between `begin` and `end`."""
        return self._traffic is not None

    @property
    def rows(self) -> int:
        """Rows written."""
        return 0 if self._count is None else self._count.rows

    @property
    def requests(self) -> int:
        """Requests sent, each try counted."""
        if self._traffic is None:
            return self._requests
        return self._traffic.sent - self._sent_before

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        if self._traffic is None:
            return self._seconds
        return time.monotonic() - self._began
