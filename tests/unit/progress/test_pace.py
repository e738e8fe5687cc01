"""How fast it goes, by the last seconds; and when more requests in flight would make it faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.progress.pace import WINDOW_SECONDS
from tests.unit.progress.conftest import MAX_CONCURRENCY

if TYPE_CHECKING:
    from tests.unit.progress.conftest import Scene


def test_one_look_says_nothing_of_speed(scene: Scene) -> None:
    scene.tally.total = 100
    scene.pace.look(scene.tally)

    assert (scene.pace.rows_per_second, scene.pace.budget_used) == (0, 0)
    assert scene.pace.seconds_left is None


def test_rates_are_those_between_looks(scene: Scene) -> None:
    scene.tally.total = 1_000
    scene.pace.look(scene.tally)
    scene.go_on(10, rows=2_000, objects=200, sent=500)
    scene.pace.look(scene.tally)

    assert scene.pace.rows_per_second == 200
    assert scene.pace.budget_used == 0.5
    assert scene.pace.seconds_left == 40


def test_only_the_last_seconds_count(scene: Scene) -> None:
    scene.pace.look(scene.tally)
    for _ in range(100):
        scene.go_on(1, rows=1_000)
        scene.pace.look(scene.tally)
    for _ in range(round(WINDOW_SECONDS) + 1):
        scene.go_on(1, rows=10)
        scene.pace.look(scene.tally)

    assert scene.pace.rows_per_second == 10


def test_another_stream_begins_anew(scene: Scene) -> None:
    scene.pace.look(scene.tally)
    scene.go_on(10, rows=2_000)
    scene.pace.look(scene.tally)
    scene.pace.look(scene.begun("tags"))

    assert scene.pace.rows_per_second == 0


def test_what_grew_since_it_was_counted_has_no_time_below_none(scene: Scene) -> None:
    scene.tally.total = 10
    scene.pace.look(scene.tally)
    scene.go_on(10, objects=20)
    scene.pace.look(scene.tally)

    assert scene.pace.seconds_left == 0


def watched(scene: Scene, *, in_flight: int, sent: int, cpu: float, concurrency: int) -> str | None:
    """What is advised after a while of this, each second."""
    pace = scene.paced(max_concurrency=concurrency)
    scene.traffic.in_flight = in_flight
    for second in range(round(WINDOW_SECONDS)):
        pace.look(scene.tally)
        assert second > WINDOW_SECONDS / 2 or pace.advice() is None, "too early to tell"
        scene.go_on(1, sent=sent)
        scene.cpu += cpu
    pace.look(scene.tally)
    advice = pace.advice()
    assert pace.advice() is None, "once is enough"
    return advice


def test_where_latency_is_the_limit_more_requests_are_advised(scene: Scene) -> None:
    advice = watched(scene, in_flight=MAX_CONCURRENCY, sent=67, cpu=0.2, concurrency=32)

    assert advice == "67 % of the request budget in use: raise max_concurrency"


@pytest.mark.parametrize(
    "otherwise",
    [
        {"in_flight": 20},  # a target that is slow, or searches, of which fewer are allowed
        {"sent": 85},  # nearly all that rate_limit_share allows
        {"cpu": 0.9},  # the machine is busy
        {"concurrency": 100, "in_flight": 100},  # it cannot be raised
    ],
)
def test_where_something_else_is_the_limit_nothing_is_advised(
    scene: Scene, otherwise: dict[str, int]
) -> None:
    usual = {"in_flight": MAX_CONCURRENCY, "sent": 67, "cpu": 0.2, "concurrency": 32}

    assert watched(scene, **{**usual, **otherwise}) is None  # type: ignore[arg-type]
