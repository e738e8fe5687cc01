"""Progress of a long stream, on stderr every 30 seconds."""

from __future__ import annotations

import time
import typing as t

if t.TYPE_CHECKING:
    import logging

INTERVAL = 30.0
"""Seconds between two lines."""


class Budget(t.Protocol):
    """What the workspace grants."""

    @property
    def per_second(self) -> float:
        """Requests a second."""


class Sender(t.Protocol):
    """Whoever sends the requests: the API's client, which this side of the code does not know."""

    @property
    def sent(self) -> int:
        """How many requests it has sent."""

    @property
    def limiter(self) -> Budget:
        """The budget that it keeps to."""


class Progress:
    """Counts what is done, and says from time to time how far that is.

    Args:
        logger: Where to say it.
        client: Whose requests use up the budget.
        what: What is counted, in the plural.
    """

    def __init__(self, logger: logging.Logger, client: Sender, what: str) -> None:
        self._logger = logger
        self._client = client
        self._what = what
        self._done = 0
        self._began = self._said = time.monotonic()
        self._sent = client.sent

    def add(self, count: int, total: int) -> None:
        """Count so many more of a total that may still grow."""
        self._done += count
        now = time.monotonic()
        if now - self._said >= INTERVAL:
            self._say(now, total)

    def _say(self, now: float, total: int) -> None:
        speed = self._done / (now - self._began)
        sent = self._client.sent
        share = (sent - self._sent) / (now - self._said) / self._client.limiter.per_second
        self._said, self._sent = now, sent
        left = max(total - self._done, 0) / speed if speed else 0.0
        self._logger.info(
            "%s of about %s %s, %.0f/s, %.0f %% of the request budget in use, %s left",
            f"{self._done:,}",
            f"{max(total, self._done):,}",
            self._what,
            speed,
            100 * share,
            _duration(left),
        )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
