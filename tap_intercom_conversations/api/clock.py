"""The API's clock, as far as answers tell it: how far it is ahead of the machine's."""

from __future__ import annotations

import threading
import time
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CLOCK_SET_SECONDS = 60.0
"""No answer is under way for so long: its `Date` is older only if a clock was set."""


class ApiClock:
    """Compares each answer's `Date` with the machine's clock; one for all threads.

    Args:
        now: Gives the machine's time, in epoch seconds.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._ahead: float | None = None
        self._lock = threading.Lock()

    @property
    def ahead(self) -> float | None:
        """Seconds by which the API's clock is ahead; None before an answer has told.

        `Date` is cut to whole seconds, so the truth may be up to one second more.
        """
        return self._ahead

    def observe(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer's headers, which should have come just now.

        An answer has been under way for a while: the greatest difference seen is the truest. One
        far below it says that the machine's clock was set meanwhile.
        """
        date = _http_date(headers)
        if date is None:
            return
        with self._lock:
            ahead = date - self.now()
            if self._ahead is None or not self._ahead - CLOCK_SET_SECONDS < ahead < self._ahead:
                self._ahead = ahead


def _http_date(headers: Mapping[str, str]) -> float | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  only for answers with a date

    try:
        return parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, OverflowError, TypeError, ValueError):
        return None
