"""What the sandbox remembers of the requests it got, for tests and benchmarks to look at."""

from __future__ import annotations

from collections import Counter
from typing import Any


class Counters:
    """Counts of requests by endpoint, status and window, and how many were in flight at once."""

    def __init__(self) -> None:
        self.internal_errors: list[str] = []
        self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Begin anew; what is in flight stays in flight."""
        self.requests = 0
        self.by_endpoint: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()
        self.by_endpoint_and_status: Counter[str] = Counter()
        self.by_window: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()
        self.max_in_flight = self.in_flight
        self.bytes_sent = 0

    def begin(self, endpoint: str, window: int) -> None:
        """Note that a request has come."""
        self.requests += 1
        self.by_endpoint[endpoint] += 1
        self.by_window[window] += 1
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def end(self, endpoint: str, status: str, size: int) -> None:
        """Note how a request ended."""
        self.in_flight -= 1
        self.by_status[status] += 1
        self.by_endpoint_and_status[f"{endpoint} {status}"] += 1
        self.bytes_sent += size

    def as_dict(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "requests": self.requests,
            "by_endpoint": dict(self.by_endpoint),
            "by_status": dict(self.by_status),
            "by_endpoint_and_status": dict(self.by_endpoint_and_status),
            "by_window": {str(window): count for window, count in self.by_window.items()},
            "faults": dict(self.faults),
            "rate_limited": self.by_status["429"],
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
            "bytes_sent": self.bytes_sent,
            "internal_errors": self.internal_errors,
        }
