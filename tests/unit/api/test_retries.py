"""Pauses grow, differ from worker to worker, and outlast a window of the rate limit."""

from __future__ import annotations

import pytest

from tap_intercom_conversations.api.retries import RetryPolicy, fixed_pauses


def test_the_default_tries_outlast_a_window_of_the_rate_limit() -> None:
    # The waits themselves would take a minute.
    policy = RetryPolicy(9)
    rounds = [[policy.pause_after(failed) or 0.0 for failed in range(1, 9)] for _ in range(50)]

    assert all(sum(pauses) > 2 * 10 for pauses in rounds)
    assert all(0 < pause <= 30 for pauses in rounds for pause in pauses)
    assert len({pauses[0] for pauses in rounds}) > 1  # not all workers at once


@pytest.mark.parametrize("tries", [1, 3])
def test_after_the_last_try_there_is_no_pause(tries: int) -> None:
    policy = RetryPolicy(tries)

    assert [policy.pause_after(failed) is None for failed in range(1, tries + 1)] == (
        [False] * (tries - 1) + [True]
    )


def test_a_first_contact_is_given_up_after_a_few_seconds() -> None:
    policy = RetryPolicy(9).for_first_contact()
    pauses = [policy.pause_after(failed) for failed in range(1, policy.tries + 1)]

    assert pauses[-1] is None
    assert 1 < sum(pause or 0.0 for pause in pauses) < 5


def test_a_first_contact_is_never_tried_more_often_than_was_set() -> None:
    assert RetryPolicy(2).for_first_contact() == RetryPolicy(2)


def test_pauses_can_be_fixed_for_a_while() -> None:
    policy = RetryPolicy(5)
    with fixed_pauses(7.0):
        assert [policy.pause_after(failed) for failed in (1, 4, 5)] == [7.0, 7.0, None]

    assert (policy.pause_after(1) or 0.0) < 1
