"""The workspace's request budget, in windows of ten seconds that all its clients share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.switches import Switches

WINDOW = 10
_WINDOWS_A_MINUTE = 6


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of a window after a request has asked for its place in it."""

    admitted: bool
    limit: int
    remaining: int
    reset: int
    seconds: float  # until then

    def headers(self, switches: Switches) -> dict[str, str]:
        """Return the headers that tell a client where it stands."""
        if not switches.rate_limit_headers:
            return {}
        figure = switches.rate_limit_figure
        # Some answers carry the one and some the other.
        minute = figure == "minute" or (figure == "mixed" and self.remaining % 2 == 0)
        return {
            "X-RateLimit-Limit": str(switches.rate_limit if minute else self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class Limiter:
    """Counts requests by window of the real clock, as the reset header names a real second."""

    def __init__(self, switches: Switches, clock: Callable[[], float] = time.time) -> None:
        self._switches = switches
        self._clock = clock
        self._window = 0
        self._used = 0

    def window(self) -> int:
        """Return the second in which the present window began."""
        return int(self._now()) // WINDOW * WINDOW

    def date(self) -> str:
        """Return the present as a `Date` header, by the clock that the windows go by."""
        return formatdate(self._now(), usegmt=True)

    def _now(self) -> float:
        """Return the present by the API's clock."""
        return self._clock() + self._switches.clock_offset

    def admit(self) -> Budget:
        """Take a place in the present window, if there is one."""
        now = self._now()
        window = int(now) // WINDOW * WINDOW
        if window != self._window:
            self._window, self._used = window, 0
        limit = round(self._switches.rate_limit / _WINDOWS_A_MINUTE)
        by_others = int((now - window) * self._switches.other_usage)
        reset = window + WINDOW
        remaining = limit - by_others - self._used
        admitted = remaining > 0
        self._used += admitted
        left = max(0, remaining - 1)
        return Budget(admitted, limit, left, reset, reset - now)
