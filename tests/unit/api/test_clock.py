"""What is known of the API's clock comes from the answers' `Date`, whatever they say."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from tap_intercom_conversations.api.clock import ApiClock

NOW = 1_780_272_000.0
"""2026-06-01T00:00:00Z."""


class Machine:
    """A machine whose clock stands where it is put."""

    def __init__(self) -> None:
        self.now = NOW
        self.clock = ApiClock(lambda: self.now)

    def hear(self, moment: float) -> float | None:
        """Have an answer say that it is this moment; returns what is thought then."""
        self.clock.observe({"Date": formatdate(moment, usegmt=True)})
        return self.clock.ahead


def test_before_any_answer_nothing_is_known() -> None:
    assert Machine().clock.ahead is None


@pytest.mark.parametrize("ahead", [-3600.0, -1.0, 0.0, 5.0, 86_400.0])
def test_an_answer_tells_how_far_ahead_the_api_is(ahead: float) -> None:
    assert Machine().hear(NOW + ahead) == ahead


def test_the_greatest_difference_is_the_truest() -> None:
    """Answers are under way for a while, and tell their time in whole seconds."""
    machine = Machine()

    assert [machine.hear(NOW + ahead) for ahead in (7, 3, 8, -40)] == [7, 7, 8, 8]


def test_one_far_below_it_says_that_the_machines_clock_was_set() -> None:
    machine = Machine()
    machine.hear(NOW)
    machine.now += 3600

    assert machine.hear(NOW) == -3600


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Date": ""},
        {"Date": "yesterday"},
        {"Date": "Mon, 01 Jun 99999 00:00:00 GMT"},
        {"Date": "Mon, 99 Jun 2026 00:00:00 GMT"},
        {"Date": "1780272000"},
    ],
)
def test_a_date_that_is_none_teaches_nothing(headers: dict[str, str]) -> None:
    clock = ApiClock(lambda: NOW)
    clock.observe(headers)

    assert clock.ahead is None
