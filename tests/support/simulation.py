"""Simulated time for threads: they run one at a time, and waiting costs nothing.

A thread that waits hands over to whichever is due next; the clock jumps to that moment. So what
threads do over minutes takes milliseconds, and comes out the same each time.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import Counter, deque
from email.utils import formatdate
from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest import mock

from tap_intercom_conversations.api import rate_limit
from tap_intercom_conversations.api.clock import ApiClock
from tap_intercom_conversations.api.rate_limit import RateLimiter
from tap_intercom_conversations.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

START = 1_780_272_000.0
"""2026-06-01T00:00:00Z, when a window of the budget begins."""
WINDOW = 10


class Simulation:
    """A clock, and the threads that live by it."""

    def __init__(self, now: float = START) -> None:
        self.now = now
        self.api_clock = ApiClock(self.clock)
        self._due: list[tuple[float, int, threading.Semaphore]] = []
        self._number = itertools.count()
        self._baton = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []
        self._over = False

    def clock(self) -> float:
        """The moment, in epoch seconds."""
        return self.now

    def wait(self, seconds: float) -> bool:
        """Let simulated time pass; True if the simulation is over."""
        mine = threading.Semaphore(0)
        self.resume_at(self.now + max(seconds, 0.0), mine)
        self.hand_over(mine)
        return self._over

    def lock(self) -> Lock:
        """A lock in simulated time."""
        return Lock(self)

    def limiter(self, share: float) -> RateLimiter:
        """A rate limiter that lives by this clock."""
        with mock.patch.object(rate_limit, "threading", SimpleNamespace(Lock=self.lock)):
            return RateLimiter(share, clock=self.api_clock, wait=self.wait)

    def hand_over(self, mine: threading.Semaphore) -> None:
        """Let others run until somebody, or the time, resumes this thread."""
        self._baton.release()
        mine.acquire()

    def resume_at(self, moment: float, thread: threading.Semaphore) -> None:
        """Have a thread resumed when its time has come."""
        heapq.heappush(self._due, (moment, next(self._number), thread))

    def spawn(self, work: Callable[[], None], after: float = 0.0) -> None:
        """Have a thread do something, from now or later on."""

        def body() -> None:
            try:
                if not self.wait(after):
                    work()
            except Stopped:
                pass
            except BaseException as error:  # noqa: BLE001  raised again in `run`
                self._errors.append(error)
            finally:
                self._baton.release()

        thread = threading.Thread(target=body)
        self._threads.append(thread)
        thread.start()
        self._baton.acquire()

    def run(self, seconds: float) -> None:
        """Let so much time pass, then end all threads."""
        until = self.now + seconds
        while self._due and not self._errors and self._due[0][0] <= until:
            self.now, _, waiting = heapq.heappop(self._due)
            self._resume(waiting)
        self._over = True
        while self._due:
            self._resume(heapq.heappop(self._due)[2])
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _resume(self, waiting: threading.Semaphore) -> None:
        waiting.release()
        self._baton.acquire()


class Lock:
    """A lock whose waiters hand over, in the order in which they came."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._held = False
        self._waiting: deque[threading.Semaphore] = deque()

    def __enter__(self) -> None:
        if self._held:
            mine = threading.Semaphore(0)
            self._waiting.append(mine)
            self._simulation.hand_over(mine)
        self._held = True

    def __exit__(self, *_: object) -> None:
        if self._waiting:
            # It stays held: the first who waits has it from now on.
            self._simulation.resume_at(self._simulation.now, self._waiting.popleft())
        else:
            self._held = False


class Budget:
    """A workspace's budget as Intercom enforces it: so many requests in each window.

    Args:
        simulation: Whose time it is.
        limit: Requests a window.
        others: What other integrations have used of a window after so many seconds of it.
        ahead: Seconds by which the API's clock is ahead of the client's.
        stated: What X-RateLimit-Limit says, if not the window's figure.
        headers: Which headers answers carry.
    """

    def __init__(
        self,
        simulation: Simulation,
        limit: int,
        *,
        others: Callable[[float], float] = lambda _: 0,
        ahead: float = 0.0,
        stated: int | None = None,
        headers: tuple[str, ...] = ("Limit", "Remaining", "Reset", "Date"),
    ) -> None:
        self._simulation = simulation
        self._limit = limit
        self._others = others
        self.ahead = ahead
        self._stated = stated or limit
        self._headers = headers
        self.used: Counter[int] = Counter()
        self.refused: Counter[int] = Counter()
        self.moments: list[float] = []

    def request(self) -> tuple[int, dict[str, str]]:
        """Take a place in the window, if there is one: status and headers."""
        self.moments.append(self._simulation.now)
        # By the API's clock. Microseconds: a float cannot tell the last moment before a window.
        now = round(self._simulation.now + self.ahead, 6)
        window = int(now - START) // WINDOW
        begun = START + window * WINDOW
        left = int(self._limit - self._others(now - begun) - self.used[window])
        status = 200 if left > 0 else 429
        (self.used if left > 0 else self.refused)[window] += 1
        known = {
            "X-RateLimit-Limit": str(self._stated),
            "X-RateLimit-Remaining": str(max(left - 1, 0)),
            "X-RateLimit-Reset": str(int(begun + WINDOW)),
            "Date": formatdate(now, usegmt=True),
        }
        return status, {
            name: value
            for name, value in known.items()
            if name.removeprefix("X-RateLimit-") in self._headers
        }


def work(
    simulation: Simulation, limiter: RateLimiter, budget: Budget, latency: float = 0.2
) -> Counter[int]:
    """Ask again and again, as a worker of the client does; returns what it will have got."""
    answers: Counter[int] = Counter()

    def worker() -> None:
        while True:
            turn = limiter.acquire()
            status, headers = budget.request()
            answers[status] += 1
            over = simulation.wait(latency)
            simulation.api_clock.observe(headers)
            limiter.observe(turn, headers)
            if status == 429:
                limiter.throttle(headers)
            if over:
                return

    simulation.spawn(worker)
    return answers
