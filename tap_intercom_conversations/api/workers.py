"""The worker threads: a bounded number of fetches in flight, results in order.

Workers only fetch and decode. The main thread hands out work, waits, and consumes; it waits in
short turns, because a signal's handler only runs between them.
"""

from __future__ import annotations

import contextlib
import ctypes
import typing as t
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from tap_intercom_conversations.errors import Stopped

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = t.TypeVar("T")
R = t.TypeVar("R")

POLL_SECONDS = 0.1
"""Between two looks at whether the process is to stop."""
QUEUED_PER_WORKER = 2
"""Fetches that are under way or next."""
AHEAD_PER_WORKER = 8
"""Items that may be taken before the first of them has been consumed: one that takes long, or has
to be tried again, holds up the order but not the others' requests."""
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Of glibc's `mallopt`: from how many bytes on memory is the system's and returns to it, and how
many heaps threads share."""
MMAP_THRESHOLD_BYTES = 48 * 1024
"""Pages of conversations are larger, packed or not, and little else is."""


class Workers:
    """The worker threads of a sync, as many as there may be requests in flight."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        _give_pages_back()
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="intercom")
        self._queue_length = QUEUED_PER_WORKER * threads
        self._stopping = False

    def stop(self) -> None:
        """Make the next or current wait raise `Stopped`; a signal's handler may call this."""
        self._stopping = True

    def close(self) -> None:
        """Drop what has not begun, and wait for the threads to end."""
        self._stopping = True
        self._executor.shutdown(wait=True, cancel_futures=True)

    def submit(self, fetch: Callable[..., R], *args: t.Any) -> Future[R]:
        """Have a worker call `fetch`."""
        return self._executor.submit(fetch, *args)

    def wait_any(self, futures: Iterable[Future[t.Any]]) -> None:
        """Wait until one of them is done.

        Raises:
            Stopped: The process is to stop.
            ValueError: There is none.
        """
        waiting = tuple(futures)
        if not waiting:
            raise ValueError("nothing to wait for")  # a bug, which shall not spin for ever
        while not self._stopping:
            if wait(waiting, POLL_SECONDS, FIRST_COMPLETED).done:
                return
        raise Stopped

    def result(self, future: Future[R]) -> R:
        """Wait for a result; raises what the fetch raised, or `Stopped`."""
        self.wait_any((future,))
        return future.result()

    def ordered_map(
        self, fetch: Callable[[T], R], items: Iterable[T], *, ahead: int | None = None
    ) -> Iterator[tuple[T, Future[R]]]:
        """Call `fetch` for each item in worker threads; yield each with its outcome, in order.

        At most `ahead` items, by default 8 a worker, are taken before the first of them has been
        consumed, so memory does not depend on how many there are or how slow the consumer is. Of
        these, no more are handed out than keep the workers busy: what else the main thread asks for
        must not queue up behind them.

        Raises:
            Stopped: The process is to stop.
            Exception: What `items` raised, once all that it gave before has been yielded.
        """
        ahead = AHEAD_PER_WORKER * self.threads if ahead is None else ahead
        pending: deque[tuple[T, Future[R]]] = deque()
        source: Iterator[T] | None = iter(items)
        failure: Exception | None = None
        try:
            while True:
                going = [future for _, future in pending if not future.done()]
                while (
                    source is not None and len(pending) < ahead and len(going) < self._queue_length
                ):
                    try:
                        item = next(source)
                    except StopIteration:
                        source = None
                    except Exception as error:  # noqa: BLE001  raised again in its turn
                        source, failure = None, error
                    else:
                        future = self.submit(fetch, item)
                        pending.append((item, future))
                        going.append(future)
                if not pending:
                    break
                if pending[0][1].done():
                    yield pending.popleft()
                else:
                    self.wait_any(going)
        finally:
            for _, future in pending:
                future.cancel()
        if failure is not None:
            raise failure


def _give_pages_back() -> None:
    """Have the memory of a page go back to the system once it is read.

    glibc raises the threshold to whatever was freed, so pages would come to lie among all else in
    a heap for each thread, and leave holes there: a load of 500,000 conversations took a third
    more memory than one of 5,000. Other C libraries have no such thing.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)
        libc.mallopt(M_ARENA_MAX, 1)  # threads rarely meet there: most hold Python's own lock
