"""After a 429 everybody waits, no longer than it takes, and goes on at a pace that fits.

Time is simulated (tests/support/simulation.py).
"""

from __future__ import annotations

from collections import Counter

import pytest

from tap_intercom_conversations.api.clock import ApiClock
from tap_intercom_conversations.api.rate_limit import RateLimiter
from tests.support.simulation import START, Budget, Simulation, work

USUAL = 1_667
"""Requests a window on the usual plan, of 10,000 a minute."""
WORKERS = 10


def refuse_at(second: float, headers: dict[str, str], *, seconds: float = 25.0) -> list[float]:
    """The moments of all requests, of which one is refused; Reset and Date count from the start."""
    simulation = Simulation()
    limiter = simulation.limiter(0.15)  # 25 a second of the usual plan
    moments: list[float] = []

    def worker() -> None:
        while True:
            limiter.observe(limiter.acquire(), {})
            moments.append(simulation.now - START)

    def unlucky() -> None:
        limiter.throttle(headers)

    for _ in range(WORKERS):
        simulation.spawn(worker)
    simulation.spawn(unlucky, after=second)
    simulation.run(seconds)
    return moments


def pause(moments: list[float], second: float) -> tuple[float, float]:
    """The last request before a moment, and the first after it."""
    return (
        max(moment for moment in moments if moment <= second),
        min(moment for moment in moments if moment > second),
    )


def test_a_429_stops_everybody_until_the_window_ends() -> None:
    moments = refuse_at(4.0, {"X-RateLimit-Reset": str(int(START) + 10)})

    before, after = pause(moments, 4.0)
    assert before == pytest.approx(4.0, abs=0.1)
    assert after == pytest.approx(10.0, abs=0.1)


def test_after_a_429_nobody_rushes() -> None:
    moments = refuse_at(4.0, {"X-RateLimit-Reset": str(int(START) + 10)})

    assert len([moment for moment in moments if 10 <= moment < 11]) <= 1.25 * 25 + 1


def test_retry_after_is_honoured_if_it_is_sent() -> None:
    headers = {"X-RateLimit-Reset": str(int(START) + 10), "Retry-After": "17"}

    assert pause(refuse_at(4.0, headers), 4.0)[1] == pytest.approx(21.0, abs=0.1)


@pytest.mark.parametrize("value", ["", "Mon, 01 Jun 2026 00:00:30 GMT", "nan", "-5"])
def test_another_retry_after_does_no_harm(value: str) -> None:
    headers = {"X-RateLimit-Reset": str(int(START) + 10), "Retry-After": value}

    _, after = pause(refuse_at(4.0, headers), 4.0)
    assert after <= 31.0


def test_an_endless_retry_after_is_not_believed() -> None:
    for value in ("86400", "inf"):
        _, after = pause(refuse_at(4.0, {"Retry-After": value}, seconds=130.0), 4.0)
        assert after <= 4.0 + 120.0 + 0.1


def test_a_429_without_headers_waits_a_window_and_halves_the_pace() -> None:
    moments = refuse_at(4.0, {})

    assert pause(moments, 4.0)[1] == pytest.approx(14.0, abs=0.1)
    before = len([moment for moment in moments if 0 <= moment < 4])
    after = len([moment for moment in moments if 20 <= moment < 24])
    assert after == pytest.approx(before / 2, rel=0.1)


def test_after_a_429_without_headers_the_pace_recovers() -> None:
    """Slowly: a tenth more in each ten seconds, up to what it was."""
    moments = refuse_at(4.0, {}, seconds=130.0)
    per_second = Counter(int(moment) for moment in moments)
    pace = [sum(per_second[start + second] for second in range(10)) for start in range(14, 124, 10)]

    assert pace == sorted(pace)
    assert pace[1] == pytest.approx(1.1 * pace[0], rel=0.05)
    before = 10 * per_second[2]
    assert pace[0] == pytest.approx(before / 2, rel=0.05)
    assert pace[-1] == pytest.approx(before, rel=0.05)


@pytest.mark.parametrize(("stated", "least"), [(6, 6), (15, 10), (400, 10)])
def test_a_429_without_headers_never_raises_what_was_stated(stated: int, least: int) -> None:
    now = START
    limiter = RateLimiter(0.9, clock=ApiClock(lambda: now), wait=lambda _: False)
    headers = {"Limit": stated, "Remaining": stated - 1, "Reset": int(START) + 10}
    named = {f"X-RateLimit-{name}": str(value) for name, value in headers.items()}
    limiter.observe(limiter.acquire(), named)
    limits = [limiter.limit]
    for _ in range(8):
        limiter.throttle({})
        limits.append(limiter.limit)
        now += 20

    assert limits[0] == stated
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] == least


def test_a_small_budget_that_no_header_states_is_found() -> None:
    """A third of what is documented: most of it is used, and few requests are refused."""
    simulation = Simulation(START)
    api = Budget(simulation, USUAL // 3, headers=())
    limiter = simulation.limiter(0.9)
    work_of = [work(simulation, limiter, api, 0.05) for _ in range(20)]
    simulation.run(300.0)
    answers = sum(work_of, Counter[int]())

    assert answers[200] > 0.5 * 30 * (USUAL // 3)
    assert answers[429] < 0.05 * answers[200]


def test_a_reset_that_has_just_been_waits_a_moment() -> None:
    _, after = pause(refuse_at(14.0, {"X-RateLimit-Reset": str(int(START) + 10)}), 14.0)

    assert after == pytest.approx(15.0, abs=0.1)


def test_a_reset_far_away_is_not_believed() -> None:
    headers = {"X-RateLimit-Reset": str(int(START) + 7_200)}

    assert pause(refuse_at(4.0, headers, seconds=130.0), 4.0)[1] <= 4.0 + 120.0


def test_the_second_429_of_a_window_does_not_shorten_the_pause() -> None:
    simulation = Simulation()
    limiter = simulation.limiter(0.9)
    moments: list[float] = []

    def worker() -> None:
        limiter.acquire()
        moments.append(simulation.now - START)

    simulation.spawn(lambda: limiter.throttle({"Retry-After": "10"}))
    simulation.spawn(lambda: limiter.throttle({"Retry-After": "2"}), after=0.5)
    simulation.spawn(worker, after=1.0)
    simulation.run(30.0)

    assert moments == [pytest.approx(10.0)]
