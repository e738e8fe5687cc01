"""A long stream says every now and then how far it is; a short one says nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.progress.duration import in_words
from tap_intercom_conversations.progress.lines import LogLines
from tap_intercom_conversations.progress.table import Line

if TYPE_CHECKING:
    from tests.unit.progress.conftest import Scene


@pytest.fixture
def lines(scene: Scene, caplog: pytest.LogCaptureFixture) -> LogLines:
    caplog.set_level(logging.INFO)
    return LogLines(scene.tallies, scene.pace)


def test_says_how_far_how_fast_and_how_long(
    scene: Scene, lines: LogLines, caplog: pytest.LogCaptureFixture
) -> None:
    scene.tally.total = 120_000
    lines.look()
    scene.go_on(30, rows=12_000, objects=3_000, sent=1_500)
    lines.look()

    [line] = caplog.messages
    assert line == (
        "conversation_parts: 12,000 rows, 400/s, 50 % of the request budget in use, "
        "3,000 of about 120,000 conversations, 19 min 30 s left"
    )


def test_says_no_more_than_is_known(
    scene: Scene, lines: LogLines, caplog: pytest.LogCaptureFixture
) -> None:
    lines.look()
    scene.go_on(30, rows=300, sent=30)
    lines.look()

    assert caplog.messages == [
        "conversation_parts: 300 rows, 10/s, 1 % of the request budget in use"
    ]


def test_says_nothing_before_its_time(
    scene: Scene, lines: LogLines, caplog: pytest.LogCaptureFixture
) -> None:
    lines.look()
    for _ in range(29):
        scene.go_on(1, rows=100)
        lines.look()
    assert caplog.messages == []

    scene.go_on(1)
    lines.look()
    scene.go_on(29)
    lines.look()
    assert len(caplog.messages) == 1


def test_each_stream_has_its_own_time(
    scene: Scene, lines: LogLines, caplog: pytest.LogCaptureFixture
) -> None:
    lines.look()
    scene.go_on(29)
    scene.tally.end()
    scene.tallies["tags"] = scene.begun("tags")
    lines.look()
    scene.go_on(29)
    lines.look()

    assert caplog.messages == []


def test_between_streams_there_is_nothing_to_say(
    scene: Scene, lines: LogLines, caplog: pytest.LogCaptureFixture
) -> None:
    scene.tally.end()
    scene.go_on(60)
    lines.look()

    assert caplog.messages == []


def test_advice_is_a_line_of_its_own(
    scene: Scene, lines: LogLines, caplog: pytest.LogCaptureFixture
) -> None:
    scene.traffic.in_flight = 32
    for _ in range(20):
        lines.look()
        scene.go_on(1, sent=40)

    assert caplog.messages == [
        "conversation_parts: 40 % of the request budget in use: raise max_concurrency"
    ]


def test_it_looks_from_a_thread_of_its_own_as_long_as_the_sync_goes_on(
    scene: Scene, lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogLines, "seconds_between_looks", 0.001)
    with lines:
        while not scene.pace.seconds_left:  # until it has looked twice
            scene.tally.total = 1_000_000
            scene.go_on(1, objects=1)

    assert not lines._thread.is_alive()  # noqa: SLF001


def test_the_table_is_information(lines: LogLines, caplog: pytest.LogCaptureFixture) -> None:
    """A failure has had its line; one that counts errors must not find two."""
    lines.tell([Line("one"), Line("100 % two", is_good=False)])

    assert caplog.messages == ["one", "100 % two"]
    assert {record.levelname for record in caplog.records} == {"INFO"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (30.4, "30 s"),
        (90, "1 min 30 s"),
        (3_600, "1 h 00 min"),
        (90_061, "25 h 01 min"),
    ],
)
def test_durations_are_in_hours_minutes_and_seconds(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
