"""From when until when streams over changed objects read: the user's bounds, and both clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOW, Runner
from tests.support.few import LATELY, Few
from tests.support.serving import Said
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Json

ENDPOINTS = ["search", "list"]


def at(seconds: int, *identifiers: str) -> list[Json]:
    """Conversations that changed at a moment."""
    return [{"id": identifier, "updated_at": seconds} for identifier in identifiers]


IN_2050 = 2_540_000_000


@pytest.mark.parametrize("later", [NOW + 1, NOW + 60, IN_2050])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_is_later_than_the_start_of_the_sync_comes_now_and_again(
    run_tap: Runner, answer: Answer, endpoint: str, later: int
) -> None:
    """It may have been written by a wrong clock, so it must not wait, nor move the bookmark."""
    server = answer(Few(*at(LATELY, "1"), *at(later, "2")))
    first = run_tap(server, conversations_endpoint=endpoint)
    run_tap.now = NOW + 3_600
    second = run_tap(server, state=first.state, conversations_endpoint=endpoint)

    assert (first.status, second.status) == (0, 0)
    assert (first.once(), second.once()) == ({"1", "2"}, {"1", "2"})
    assert first.bookmark() == moment(LATELY)
    # By then the clocks have come to it, unless it is of 2050.
    assert second.bookmark() == moment(LATELY if later == IN_2050 else later)


def test_a_sync_looks_at_one_page_of_what_is_later(run_tap: Runner, answer: Answer) -> None:
    """A workspace where everything is of 2050 costs no full load each time."""
    rows = [row for number in range(9) for row in at(IN_2050 + number, str(number))]
    run = run_tap(answer(Few(*rows)), page_size=3)

    assert (run.status, run.ids()) == (0, ["0", "1", "2"])
    assert run.state["bookmarks"]["conversations"].get("replication_key_value") is None


def test_a_full_table_has_all_of_what_is_later(run_tap: Runner, answer: Answer) -> None:
    """What changes while it is read stands there, and no next sync looks for it."""
    rows = [row for number in range(9) for row in at(IN_2050 + number, str(number))]
    run = run_tap(answer(Few(*rows)), method="FULL_TABLE", page_size=3)

    assert (run.status, len(run.once())) == (0, 9)


def test_nothing_later_than_end_date_is_loaded(run_tap: Runner, answer: Answer) -> None:
    server = answer(Few(*at(LATELY, "1"), *at(NOW + 60, "2"), *at(IN_2050, "3")))

    assert run_tap(server, end_date=moment(NOW - 1)).ids() == ["1"]
    assert run_tap(server, end_date=moment(NOW + 3_600)).ids() == ["1", "2"]


# --- Clocks ---


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_clock_that_is_not_told_is_this_machines(
    run_tap: Runner, answer: Answer, status: int
) -> None:
    """A token may not be permitted to see /me, and still read conversations."""
    few = Few(*at(LATELY, "1"), else_where=lambda a: Said({}, status) if a.path == "/me" else None)
    run = run_tap(answer(few), max_retries=1)

    assert (run.status, run.ids()) == (0, ["1"])
