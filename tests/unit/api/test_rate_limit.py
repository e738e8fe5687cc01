"""The limiter keeps to its share in any company, waits no longer than it must, and never hangs.

Time is simulated (tests/support/simulation.py): a minute of many threads takes a moment.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tap_intercom_conversations.api.clock import ApiClock
from tap_intercom_conversations.api.rate_limit import RateLimiter
from tap_intercom_conversations.errors import Stopped
from tests.support.simulation import START, WINDOW, Budget, Simulation, work

LIMIT = 400
"""Requests a window: 2,400 a minute."""
USUAL = 1_667
"""The same on the usual plan, of 10,000 a minute."""
SMALL = 167
"""The same on the smallest plan, of 1,000 a minute."""
WORKERS = 10
SECONDS = 30.0
WINDOWS = range(3)
EVEN = 0.9 * LIMIT / WINDOW
"""Requests a second at an even pace."""


def simulate(
    limit: int = LIMIT,
    *,
    share: float = 0.9,
    begin: float = 0.0,
    latency: float = 0.2,
    limiters: int = 1,
    workers: int = WORKERS,
    **budget: Any,
) -> tuple[Budget, list[Counter[int]]]:
    """Let limiters' workers ask as fast as they may; returns each limiter's answers by status."""
    simulation = Simulation(START + begin)
    api = Budget(simulation, limit, **budget)
    answers = []
    for _ in range(limiters):
        limiter = simulation.limiter(share)
        answers.append([work(simulation, limiter, api, latency) for _ in range(workers)])
    simulation.run(SECONDS - begin)
    return api, [sum(each, Counter[int]()) for each in answers]


# --- The share, in every window from the first on ---


@pytest.mark.parametrize("begin", [0.0, 3.7, 9.5])
@pytest.mark.parametrize(("limit", "share"), [(LIMIT, 0.9), (LIMIT, 0.05), (SMALL, 0.5), (10, 0.9)])
def test_keeps_to_its_share_in_every_window(limit: int, share: float, begin: float) -> None:
    api, _ = simulate(limit, share=share, begin=begin)

    assert max(api.used.values()) <= share * limit
    assert not api.refused


@pytest.mark.parametrize(("limit", "workers"), [(USUAL, 32), (LIMIT, WORKERS), (SMALL, 32)])
def test_uses_nearly_all_of_its_share(limit: int, workers: int) -> None:
    api, _ = simulate(limit, workers=workers)

    assert min(api.used[window] for window in WINDOWS) >= 0.95 * 0.9 * limit
    assert max(api.used.values()) <= 0.9 * limit
    assert not api.refused


def test_a_whole_share_is_the_whole_budget_and_no_more() -> None:
    api, _ = simulate(share=1, latency=0.1)

    assert min(api.used[window] for window in WINDOWS) >= 0.95 * LIMIT
    assert not api.refused


def test_requests_go_out_evenly() -> None:
    api, _ = simulate()
    by_second = Counter(int(moment - START) for moment in api.moments if moment < START + 20)

    # A late start is made up for at 1.25 times the even pace.
    assert max(by_second.values()) <= 1.25 * EVEN + 1


def test_a_late_start_does_not_use_up_the_window_in_a_burst() -> None:
    api, _ = simulate(begin=9.0, workers=32)

    # 32 workers could send 160 in the second that is left, and the window still has all its 400.
    assert api.used[0] <= 1.25 * EVEN + 1


def test_before_the_first_answer_one_request_asks() -> None:
    api, _ = simulate(latency=2.0)

    assert [moment - START for moment in api.moments if moment < START + 2.0] == [0.0]


def test_a_first_request_without_an_answer_does_not_hold_up_the_others() -> None:
    simulation = Simulation()
    limiter = simulation.limiter(0.9)
    turns = []

    def lost() -> None:
        turn = limiter.acquire()
        simulation.wait(1.0)
        limiter.observe(turn)

    def other() -> None:
        turns.append((limiter.acquire(), simulation.now - START))

    simulation.spawn(lost)
    simulation.spawn(other, after=0.1)
    simulation.run(20.0)

    assert len(turns) == 1
    assert 1.0 <= turns[0][1] < 1.1


# --- In company ---


@pytest.mark.parametrize("ahead", [-300.0, -1.9, -0.5, 0.0, 0.5, 1.9, 300.0])
def test_others_who_use_most_of_the_budget_are_let_through(ahead: float) -> None:
    """Whatever the difference of the clocks, at which a window's end is easily taken too early."""
    api, answers = simulate(others=lambda second: 24 * second, ahead=ahead)

    # 240 of a window's 400 are the others'; of the rest, the reserve is left alone.
    assert sum(answers[0].values()) >= 0.9 * SECONDS * (LIMIT - 240 - 0.1 * LIMIT) / WINDOW
    assert not api.refused


@pytest.mark.parametrize("rate", [5, 10, 14])
def test_others_on_a_small_plan_are_let_through(rate: int) -> None:
    api, answers = simulate(SMALL, others=lambda second: rate * second)

    assert sum(answers[0].values()) > 0
    assert not api.refused


def test_others_who_take_all_but_the_reserve_at_once() -> None:
    """The reserve is left alone; all that may go out is what it takes to see that."""
    api, _ = simulate(others=lambda _: 0.96 * LIMIT)

    assert max(api.used.values()) <= 0.2 * 1.25 * EVEN + 2
    assert not api.refused


def test_others_in_a_burst_cost_no_more_than_what_was_under_way() -> None:
    api, _ = simulate(others=lambda second: LIMIT if second > 5 else 0)

    # So many are out when the budget is gone; nobody asks again until the window ends.
    assert max(api.refused.values()) <= WORKERS
    assert min(api.used[window] for window in WINDOWS) >= 5 * 0.9 * EVEN


@pytest.mark.parametrize("limit", [LIMIT, SMALL])
def test_two_limiters_of_one_budget_do_not_starve_each_other(limit: int) -> None:
    api, (one, other) = simulate(limit, limiters=2)

    assert not api.refused
    assert min(api.used[window] for window in WINDOWS) >= 0.85 * limit
    assert min(one[200], other[200]) >= 0.45 * (one[200] + other[200])


# --- Headers of all kinds, and none ---


@pytest.mark.parametrize("ahead", [-3600.0, -5.0, -1.0, -0.3, 0.3, 1.0, 5.0, 3600.0])
def test_a_clock_that_goes_wrong_makes_no_difference(ahead: float) -> None:
    api, answers = simulate(ahead=ahead)

    assert max(api.used.values()) <= 0.9 * LIMIT + 1
    assert answers[0][200] >= 0.9 * SECONDS * 0.9 * LIMIT / WINDOW


def test_a_clock_that_is_set_meanwhile_is_found_out() -> None:
    simulation = Simulation()
    api = Budget(simulation, LIMIT, ahead=3600.0)
    limiter = simulation.limiter(0.9)
    answers = [work(simulation, limiter, api) for _ in range(WORKERS)]

    simulation.spawn(lambda: setattr(api, "ahead", 0.0), after=12.0)
    simulation.run(SECONDS)

    assert sum(sum(answers, Counter[int]()).values()) >= 0.85 * SECONDS * 0.9 * LIMIT / WINDOW
    assert not api.refused


def test_the_minutes_figure_in_the_limit_header() -> None:
    api, _ = simulate(stated=6 * LIMIT)

    assert max(api.used.values()) <= 0.9 * LIMIT
    assert min(api.used[window] for window in WINDOWS) >= 0.95 * 0.9 * LIMIT


@pytest.mark.parametrize("headers", [(), ("Date",), ("Limit", "Remaining"), ("Reset", "Date")])
def test_without_headers_the_documented_budget_is_assumed(headers: tuple[str, ...]) -> None:
    api, _ = simulate(USUAL, share=0.2, headers=headers)

    assert max(api.used.values()) <= 0.2 * USUAL + 1
    assert min(api.used[window] for window in WINDOWS) >= 0.95 * 0.2 * USUAL


@pytest.mark.parametrize(
    "name", ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
)
@pytest.mark.parametrize("value", ["", "many", "0", "-1", "nan", "inf", "1e400"])
def test_a_broken_header_does_not_stop_or_free_the_limiter(name: str, value: str) -> None:
    simulation = Simulation()
    limiter = simulation.limiter(0.2)
    headers = {
        "X-RateLimit-Limit": "1667",
        "X-RateLimit-Remaining": "1666",
        "X-RateLimit-Reset": str(int(START) + WINDOW),
        name: value,
    }
    turns = 0

    def worker() -> None:
        nonlocal turns
        while True:
            turn = limiter.acquire()
            turns += 1
            simulation.wait(0.001)
            limiter.observe(turn, headers)

    simulation.spawn(worker)
    simulation.run(20.0)

    # That nothing remains is believed; each window is then only asked for.
    assert turns >= 2
    assert turns <= 20 * 1.25 * 0.2 * 166.7 + 10


# --- Stopping, and what the progress line asks for ---


def test_who_waits_is_stopped() -> None:
    limiter = RateLimiter(0.9, clock=ApiClock(lambda: START), wait=lambda _: True)
    limiter.observe(limiter.acquire(), {})

    with pytest.raises(Stopped):
        limiter.acquire()


@pytest.mark.parametrize(
    ("limit", "remaining", "per_second"),
    [("1667", "1600", 166.7), ("167", "100", 16.7), ("10000", "1600", 10_000 / 60)],
)
def test_says_how_large_the_whole_budget_is(limit: str, remaining: str, per_second: float) -> None:
    limiter = RateLimiter(0.5, clock=ApiClock(lambda: START), wait=lambda _: False)
    headers = {
        "X-RateLimit-Limit": limit,
        "X-RateLimit-Remaining": remaining,
        "X-RateLimit-Reset": str(int(START) + WINDOW),
    }
    limiter.observe(limiter.acquire(), headers)

    assert limiter.per_second == pytest.approx(per_second)
