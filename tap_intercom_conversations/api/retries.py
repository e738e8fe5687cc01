"""How often a request is tried, and how long the pauses in between are."""

from __future__ import annotations

import contextlib
import random
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.errors import ApiError

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
FIRST_CONTACT_TRIES = 4
"""Tries where nothing has ever answered: a few seconds, then api_url is more likely to be wrong."""


class Retriable(Exception):
    """A try that failed in a way that another may not.

    Attributes:
        error: What to raise after the last try.
        unreachable: Nothing listens there, or the host's name is not known.
    """

    def __init__(self, error: ApiError, *, unreachable: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.unreachable = unreachable


@dataclass(frozen=True)
class RetryPolicy:
    """How often to try; pauses double, from half a second to half a minute.

    Attributes:
        tries: How often in all, the first try counted.
    """

    tries: int

    def pause_after(self, failed: int) -> float | None:
        """How long to wait before the next try.

        Half of a pause is random, so that not all workers come back at once. Nine tries last 45 to
        90 seconds: well past a rate limit's window of ten.

        Args:
            failed: How many tries have failed.

        Returns:
            Seconds; None if that was the last try.
        """
        if failed >= self.tries:
            return None
        if _fixed_pause is not None:
            return _fixed_pause
        longest: float = min(FIRST_PAUSE_SECONDS * 2 ** (failed - 1), LONGEST_PAUSE_SECONDS)
        return longest * random.uniform(0.5, 1)  # noqa: S311  jitter is no secret

    def for_first_contact(self) -> RetryPolicy:
        """The same where nothing has ever answered: a few tries."""
        return RetryPolicy(min(self.tries, FIRST_CONTACT_TRIES))


_fixed_pause: float | None = None


@contextlib.contextmanager
def fixed_pauses(seconds: float) -> Iterator[None]:
    """Make every pause so long while inside: a test's way not to wait."""
    global _fixed_pause  # noqa: PLW0603  a process has one set of tests
    before, _fixed_pause = _fixed_pause, seconds
    try:
        yield
    finally:
        _fixed_pause = before
