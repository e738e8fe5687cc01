"""A long stream says every now and then how far it is; a short one says nothing."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

from tap_intercom_conversations.singer import progress as module
from tap_intercom_conversations.singer.progress import Progress


class Stream:
    """A stream in simulated time: its progress, and what a client has sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, per_second: float = 100.0) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.now))
        limiter = SimpleNamespace(per_second=per_second)
        self.client = SimpleNamespace(sent=0, limiter=limiter)
        self.progress = Progress(logging.getLogger("of-the-test"), self.client, "conversations")

    def go_on(self, seconds: float, done: int, sent: int, total: int) -> None:
        """Let time pass in which some are done."""
        self.now += seconds
        self.client.sent += sent
        self.progress.add(done, total)


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Stream:
    caplog.set_level(logging.INFO)
    return Stream(monkeypatch)


def test_says_how_far_how_fast_and_how_long(
    stream: Stream, caplog: pytest.LogCaptureFixture
) -> None:
    stream.go_on(30, done=3_000, sent=1_500, total=120_000)

    [line] = caplog.messages
    assert line == (
        "3,000 of about 120,000 conversations, 100/s, 50 % of the request budget in use, "
        "19 min 30 s left"
    )


def test_the_next_line_counts_requests_since_the_last(
    stream: Stream, caplog: pytest.LogCaptureFixture
) -> None:
    stream.go_on(30, done=3_000, sent=3_000, total=9_000)
    stream.go_on(30, done=0, sent=300, total=9_000)

    assert "50/s, 10 % of" in caplog.messages[1]


def test_says_nothing_before_its_time(stream: Stream, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(29):
        stream.go_on(1, done=100, sent=100, total=3_000)
    assert caplog.messages == []

    stream.go_on(1, done=100, sent=100, total=3_000)
    stream.go_on(29, done=100, sent=100, total=3_000)
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    ("done", "total", "left"),
    [
        (30, 60, "30 s left"),
        (30, 120, "1 min 30 s left"),
        (30, 30 + 3_600, "1 h 00 min left"),
        (30, 30 + 90_061, "25 h 01 min left"),
        (60, 30, "0 s left"),  # more than there were when they were counted
        (0, 30, "0 s left"),
    ],
)
def test_says_how_long_in_hours_and_minutes(
    stream: Stream, caplog: pytest.LogCaptureFixture, done: int, total: int, left: str
) -> None:
    stream.go_on(30, done=done, sent=0, total=total)

    assert caplog.messages[0].endswith(left)
    assert f"of about {max(done, total):,} " in caplog.messages[0]
