"""A stream in simulated time."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tap_intercom_conversations.progress import lines, pace, tally
from tap_intercom_conversations.progress.pace import Pace
from tap_intercom_conversations.progress.tally import Tally

MAX_CONCURRENCY = 32
SHARE = 0.9


class Scene:
    """A stream, what has been sent for it, and a clock, all as a test wants them.

    The workspace grants 100 requests a second.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.cpu = 0.0
        clock = SimpleNamespace(monotonic=lambda: self.now, process_time=lambda: self.cpu)
        for module in (lines, pace, tally):
            monkeypatch.setattr(module, "time", clock)
        self.traffic = SimpleNamespace(sent=0, in_flight=0, budget_per_second=100.0)
        self.count = SimpleNamespace(rows=0)
        self.tally = self.begun("conversation_parts", "conversations")
        self.tallies = {name: Tally(name) for name in ("conversations", "tags")}
        self.tallies[self.tally.stream] = self.tally
        self.pace = self.paced()

    def begun(self, stream: str, noun: str = "") -> Tally:
        """A stream that is being read."""
        tally = Tally(stream)
        tally.begin(self.traffic, self.count)
        tally.noun = noun
        return tally

    def paced(self, *, max_concurrency: int = MAX_CONCURRENCY) -> Pace:
        """A pace of this stream."""
        return Pace(
            self.traffic, share=SHARE, max_concurrency=max_concurrency, largest_concurrency=100
        )

    def go_on(self, seconds: float, *, rows: int = 0, objects: int = 0, sent: int = 0) -> None:
        """Let time pass in which something is done."""
        self.now += seconds
        self.count.rows += rows
        self.tally.objects += objects
        self.traffic.sent += sent


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A stream in simulated time."""
    return Scene(monkeypatch)
