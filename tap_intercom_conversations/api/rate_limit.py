"""The shared request budget, fed by response headers, waited on by every request.

Intercom counts an app's requests in windows of 10 seconds and says in every answer how large the
window is, what remains of it and when it ends (API documentation, "Rate Limiting"). Other
integrations of the workspace eat from the same budget. So a turn is given at an even pace that
would use up our share of what remains by the end of the window, and never past the reserve that
is left to the others.

https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
"""

from __future__ import annotations

import logging
import math
import threading
import typing as t

from tap_intercom_conversations.errors import Stopped

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_intercom_conversations.api.clock import ApiClock

logger = logging.getLogger("tap-intercom-conversations.rate_limit")

WINDOW_SECONDS = 10.0
"""How long a window is, as documented."""
DEFAULT_REQUESTS = 10_000 / 6
"""Requests a window when no header says: the documented 10,000 a minute, a sixth each."""
CATCH_UP_FACTOR = 1.25
"""How much faster than the even pace a late start or a pause may be made up for."""
CLOCK_TOLERANCE_SECONDS = 2.0
"""By how much a window may seem longer than it is."""
RECOVERY_FACTOR = 1.1
"""How much larger a budget that no header states is taken for after each span without a 429."""
SMALLEST_GUESSED_REQUESTS = 10.0
"""Requests a window that a budget is taken for after many 429 in a row, unless less was stated."""
CLOCK_SET_BACK_SECONDS = 1_200.0
"""No turn is so far away, even of the smallest budget, unless the machine's clock was set back."""
LONGEST_PAUSE_SECONDS = 120.0
"""No documented window is longer; a reset further away is a broken header."""


class RateLimiter:
    """Gives each request its turn; one for all threads of a process.

    Args:
        share: The part of each window that may be used, from 0 to 1.
        clock: Our clock, and what is known of the API's, whose headers tell a window's end.
        wait: Waits so many seconds, or gives up early with True if the process is to stop.
    """

    def __init__(
        self,
        share: float,
        *,
        clock: ApiClock,
        wait: Callable[[float], bool],
    ) -> None:
        self._share = share
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        # The first in the queue waits for its turn, the others wait for the first.
        self._queue_lock = threading.Lock()
        self._sent = 0  # turns given
        self._next = 0.0  # when the next turn may be given
        self._paused_until = 0.0
        self._span = WINDOW_SECONDS
        self._stated_limit = DEFAULT_REQUESTS
        self._larger_at: float | None = None  # when a budget that was guessed is guessed anew
        self._capacity = DEFAULT_REQUESTS  # the most that was ever seen to remain of a window
        self._reset: float | None = None  # when the current window ends, by our clock
        self._ceiling = 0.0  # `_sent` may not go past this in the current window
        self._answers = 0

    @property
    def limit(self) -> float:
        """Requests a window; the figure of some answers is the minute's, six times as large."""
        minutes = self._span == WINDOW_SECONDS and self._capacity < self._stated_limit / 3
        return self._stated_limit / 6 if minutes else self._stated_limit

    @property
    def turns(self) -> int:
        """How many turns were given."""
        return self._sent

    @property
    def unanswered(self) -> int:
        """How many turns were given whose answers have not been observed."""
        return self._sent - self._answers

    @property
    def per_second(self) -> float:
        """The whole budget, in requests a second."""
        return self.limit / self._span

    def acquire(self) -> int:
        """Wait for a turn.

        Returns:
            The turn's number, which goes back in with the answer's headers.

        Raises:
            Stopped: The process is to stop.
        """
        with self._queue_lock:
            while True:
                with self._lock:
                    now = self._clock.now()
                    turn = self._next_slot(now)
                    if turn <= now:
                        self._take(now)
                        return self._sent
                if self._wait(turn - now):
                    raise Stopped

    def _next_slot(self, now: float) -> float:
        """When the next turn is, as far as known by now."""
        if self._sent and not self._answers:
            # Nothing is known of the budget before the first answer: one request asks.
            return now + 0.02
        if max(self._next, self._reset or 0.0) > now + CLOCK_SET_BACK_SECONDS:
            # The machine's clock was set back: what was reckoned by it means nothing any more.
            self._next, self._reset = now, None
        turn = max(now, self._next)
        if self._reset is not None and turn < self._reset and self._left() < 1:
            return self._reset
        return turn

    def _take(self, now: float) -> None:
        """Take the turn, and say when the next one is."""
        if self._larger_at is not None and now >= self._larger_at:
            self._stated_limit = min(self._stated_limit * RECOVERY_FACTOR, DEFAULT_REQUESTS)
            self._larger_at = now + self._span
        gap = self._span / (self._share * self.limit)
        if self._reset is not None:
            if now >= self._reset:
                self._start_window(now)
            gap = max((self._reset - now) / max(self._left(), 1), gap / CATCH_UP_FACTOR)
        self._next = now + gap
        self._sent += 1

    def _left(self) -> float:
        """Turns left to us in the current window."""
        return self._ceiling - (1 - self._share) * self.limit - self._sent

    def _start_window(self, turn: float) -> None:
        """Go on into the window that holds `turn`, taken as untouched until an answer says."""
        reset = t.cast("float", self._reset)
        self._reset = reset + self._span * (int((turn - reset) / self._span) + 1)
        self._ceiling = self._sent + self.limit

    def observe(self, number: int, headers: Mapping[str, str] | None = None) -> None:
        """Learn from an answer.

        Args:
            number: The turn's number.
            headers: The answer's headers; None if there was no answer.
        """
        with self._lock:
            self._answers += 1
            if headers is None:
                return
            limit = _figure(headers, "X-RateLimit-Limit")
            remaining = _figure(headers, "X-RateLimit-Remaining")
            reset = self._local_reset(headers)
            if limit is None or remaining is None or reset is None or limit <= 0:
                return
            self._stated_limit, self._larger_at = limit, None
            self._window_seen(number, remaining, reset)

    def _window_seen(self, number: int, remaining: float, reset: float) -> None:
        # The answer counts all turns up to its own, more or less; later ones come on top.
        ceiling = number + remaining
        if self._reset is None:
            self._capacity = remaining + 1
            self._reset, self._ceiling = reset, ceiling
        elif abs(reset - self._reset) < self._span / 2:
            self._reset = reset
            self._ceiling = min(self._ceiling, ceiling)
        elif reset > self._reset:
            self._reset, self._ceiling = reset, ceiling
        else:
            return  # a late answer, of the window before
        self._capacity = max(self._capacity, remaining + 1)

    def _local_reset(self, headers: Mapping[str, str]) -> float | None:
        """When the window ends, by our clock: the API's may be minutes off from it."""
        reset = _figure(headers, "X-RateLimit-Reset")
        if reset is None:
            return None
        now = self._clock.now()
        reset -= self._clock.ahead or 0.0
        left = reset - now
        if not -LONGEST_PAUSE_SECONDS < left < LONGEST_PAUSE_SECONDS:
            return None
        if left > WINDOW_SECONDS + CLOCK_TOLERANCE_SECONDS:
            self._span = 60.0
        return reset

    def throttle(self, headers: Mapping[str, str]) -> None:
        """Stop all turns after a 429, until the window ends.

        `Retry-After` is undocumented, but honoured if it is sent. Without any header, the budget
        must be smaller than thought, at least for a while.
        """
        with self._lock:
            now = self._clock.now()
            retry_after = _figure(headers, "Retry-After")
            reset = self._local_reset(headers)
            if retry_after is not None:
                until = now + min(retry_after, LONGEST_PAUSE_SECONDS)
            elif reset is not None and reset > now:
                until = reset
            elif reset is not None:
                until = now + 1  # the window has just ended
            else:
                until = now + self._span
                if now >= self._paused_until:  # not for each of those that were under way together
                    floor = min(self._stated_limit, SMALLEST_GUESSED_REQUESTS)
                    self._stated_limit = max(self._stated_limit / 2, floor)
                self._larger_at = until + self._span
            if until > self._paused_until:
                self._paused_until = until
                self._next = max(self._next, until)
                logger.info("Rate limit reached: all requests wait %.1f s", until - now)


def _figure(headers: Mapping[str, str], name: str) -> float | None:
    try:
        figure = float(headers[name])
    except (KeyError, ValueError):
        return None
    return figure if math.isfinite(figure) else None
