"""ordered_map keeps order and bounds, hands on what fetches raise, and can be stopped anywhere."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.api.workers import Workers
from tap_intercom_conversations.errors import NotFound, Stopped

if TYPE_CHECKING:
    from concurrent.futures import Future

Make = Callable[[int], Workers]


@pytest.fixture
def start() -> Iterator[Make]:
    """Make workers_made with so many threads."""
    with ExitStack() as stack:

        def make(threads: int) -> Workers:
            made = Workers(threads)
            stack.callback(made.close)
            return made

        yield make


def results(outcomes: Iterator[tuple[int, Future[int]]]) -> list[tuple[int, int]]:
    return [(item, future.result()) for item, future in outcomes]


@pytest.mark.parametrize("threads", [1, 3, 16])
def test_results_come_in_order_whatever_each_takes(start: Make, threads: int) -> None:
    latencies = [random.Random(7).random() / 200 for _ in range(200)]  # noqa: S311  no secret

    def fetch(item: int) -> int:
        time.sleep(latencies[item])
        return item * item

    outcomes = start(threads).ordered_map(fetch, range(200), ahead=4 * threads)

    assert results(outcomes) == [(item, item * item) for item in range(200)]


def test_nothing_in_nothing_out(start: Make) -> None:
    assert results(start(2).ordered_map(abs, [], ahead=4)) == []


def test_all_threads_are_used(start: Make) -> None:
    together = threading.Barrier(5, timeout=10)

    def fetch(item: int) -> int:
        together.wait()
        return item

    assert len(results(start(5).ordered_map(fetch, range(20), ahead=10))) == 20


@pytest.mark.parametrize("ahead", [1, 4, 9])
def test_no_more_is_taken_ahead_than_was_asked_for(start: Make, ahead: int) -> None:
    """So memory does not depend on how slow the consumer is."""
    taken: list[int] = []

    def source() -> Iterator[int]:
        for item in range(40):
            taken.append(item)
            yield item

    consumed = 0
    for _ in start(8).ordered_map(abs, source(), ahead=ahead):
        assert len(taken) - consumed <= ahead
        consumed += 1
    assert consumed == 40


def test_one_that_takes_long_does_not_keep_the_others_from_being_fetched(
    start: Make,
) -> None:
    others = threading.Semaphore(0)

    def fetch(item: int) -> int:
        if item == 0:
            for _ in range(11):
                assert others.acquire(timeout=10)
        else:
            others.release()
        return item

    outcomes = start(2).ordered_map(fetch, range(12), ahead=12)

    assert [item for item, _ in results(outcomes)] == list(range(12))


def test_what_is_asked_for_beside_it_does_not_queue_up_behind_it(start: Make) -> None:
    workers = start(2)
    free = threading.Event()
    begun: list[int] = []

    def fetch(item: int) -> int:
        begun.append(item)
        if item:
            free.wait(10)
        return item

    outcomes = workers.ordered_map(fetch, range(100), ahead=100)
    next(outcomes)
    beside = workers.submit(lambda: len(begun))
    free.set()

    assert beside.result(10) <= 100 / 2
    outcomes.close()  # type: ignore[attr-defined]  # a generator


def test_what_a_fetch_raises_is_its_own_outcome(start: Make) -> None:
    def fetch(item: int) -> int:
        if item % 3 == 1:
            raise NotFound(f"GET /{item}", status=404)
        return item

    outcomes = list(start(4).ordered_map(fetch, range(6), ahead=4))

    assert [item for item, _ in outcomes] == list(range(6))
    assert [item for item, future in outcomes if future.exception()] == [1, 4]
    with pytest.raises(NotFound, match="GET /4"):
        outcomes[4][1].result()


@pytest.mark.parametrize("ahead", [1, 2, 3, 100])
def test_what_the_source_raises_comes_after_all_that_it_gave_before(
    start: Make, ahead: int
) -> None:
    free = threading.Event()

    def source() -> Iterator[int]:
        yield from range(3)
        free.set()  # only now can any fetch end
        raise NotFound("GET /source", status=404)

    def fetch(item: int) -> int:
        if ahead > 3:
            free.wait(10)
        return item

    outcomes = start(4).ordered_map(fetch, source(), ahead=ahead)

    assert results(islice(outcomes, 3)) == [(0, 0), (1, 1), (2, 2)]
    with pytest.raises(NotFound, match="GET /source"):
        next(outcomes)


def test_a_source_that_raises_at_once_gives_nothing_else(start: Make) -> None:
    def source() -> Iterator[int]:
        raise NotFound("GET /source", status=404)
        yield 0  # type: ignore[unreachable]  # what makes it a generator

    with pytest.raises(NotFound, match="GET /source"):
        next(start(1).ordered_map(abs, source(), ahead=1))


def test_giving_up_drops_what_has_not_begun(start: Make) -> None:
    workers = start(1)
    fetched: list[int] = []
    outcomes = workers.ordered_map(fetched.append, range(1_000), ahead=500)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]  # a generator
    workers.close()

    assert len(fetched) < 100


def test_stopping_ends_a_wait_at_once(start: Make) -> None:
    workers = start(1)
    free = threading.Event()
    future = workers.submit(free.wait, 30)
    timer = threading.Timer(0.05, workers.stop)
    timer.start()
    begun = time.monotonic()

    with pytest.raises(Stopped):
        workers.result(future)
    assert time.monotonic() - begun < 5
    free.set()
    timer.join()


def test_once_stopped_every_wait_is_broken_off(start: Make) -> None:
    workers = start(1)
    workers.stop()

    with pytest.raises(Stopped):
        workers.result(workers.submit(abs, -1))
    with pytest.raises(Stopped):
        next(workers.ordered_map(abs, [1], ahead=1))


def test_closing_waits_for_the_threads(start: Make) -> None:
    workers = start(3)
    results(workers.ordered_map(abs, range(30), ahead=9))
    workers.close()

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("intercom_")]
