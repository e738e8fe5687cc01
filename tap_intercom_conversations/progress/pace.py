"""How fast a stream goes, how much of the request budget that takes, and what holds it up."""

from __future__ import annotations

import time
import typing as t
from collections import deque

if t.TYPE_CHECKING:
    from tap_intercom_conversations.progress.tally import Tally, Traffic

WINDOW_SECONDS = 15.0
"""What was seen in so many seconds says how fast it goes now."""
BUSY_SHARE = 0.9
"""From this share on, all requests that may be in flight are; and the budget is used up."""
CPU_SHARE = 0.7
"""From this share of a core on, it may be the machine that is too slow, and not the network."""


class Sight(t.NamedTuple):
    """What was seen at one moment; times are in seconds."""

    at: float
    cpu: float
    rows: int
    objects: int
    sent: int
    in_flight: int


class Pace:
    """How fast the stream goes that is being read.

    Args:
        traffic: Whose requests use up the budget.
        share: The part of the budget that may be used, up to 1.
        max_concurrency: How many requests may be in flight.
        largest_concurrency: How many may be if the setting is raised as far as it goes.
    """

    def __init__(
        self, traffic: Traffic, *, share: float, max_concurrency: int, largest_concurrency: int
    ) -> None:
        self._traffic = traffic
        self._share = share
        self._max_concurrency = max_concurrency
        self._may_grow = max_concurrency < largest_concurrency
        self._tally: Tally | None = None
        self._sights: deque[Sight] = deque()
        self._has_advised = False

    def look(self, tally: Tally) -> None:
        """Look at a stream; when it is another than before, what was seen of that is forgotten."""
        if tally is not self._tally:
            self._tally = tally
            self._sights.clear()
            self._has_advised = False
        now = time.monotonic()
        sent, in_flight = self._traffic.sent, self._traffic.in_flight
        cpu = time.process_time()
        self._sights.append(Sight(now, cpu, tally.rows, tally.objects, sent, in_flight))
        # One that is older stays, so that there are always two, however rarely somebody looks.
        while len(self._sights) > 2 and self._sights[1].at <= now - WINDOW_SECONDS:  # noqa: PLR2004
            self._sights.popleft()

    @property
    def rows_per_second(self) -> float:
        """Rows written a second."""
        return self._per_second("rows")

    @property
    def budget_used(self) -> float:
        """The part of the workspace's request budget that is in use; 1 is all of it."""
        return self._per_second("sent") / self._traffic.budget_per_second

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at this pace; None if nobody can tell."""
        speed = self._per_second("objects")
        if self._tally is None or not self._tally.total or not speed:
            return None
        return max(self._tally.total - self._tally.objects, 0) / speed

    def advice(self) -> str | None:
        """What would make it faster, once a stream: more requests in flight, if that is all.

        Not while the budget is nearly used up, the machine is busy, or a target that is slow keeps
        requests from being sent: all of that is seen.
        """
        if self._has_advised or not self._may_grow or self._seconds_seen < 0.9 * WINDOW_SECONDS:
            return None
        in_flight = sum(sight.in_flight for sight in self._sights) / len(self._sights)
        is_full = in_flight >= BUSY_SHARE * self._max_concurrency
        has_budget = self.budget_used < BUSY_SHARE * self._share
        has_cpu = self._per_second("cpu") < CPU_SHARE
        if not (is_full and has_budget and has_cpu):
            return None
        self._has_advised = True
        return f"{100 * self.budget_used:.0f} % of the request budget in use: raise max_concurrency"

    @property
    def _seconds_seen(self) -> float:
        return self._sights[-1].at - self._sights[0].at if self._sights else 0.0

    def _per_second(self, what: str) -> float:
        seconds = self._seconds_seen
        if not seconds:
            return 0.0
        grown: float = getattr(self._sights[-1], what) - getattr(self._sights[0], what)
        return grown / seconds
