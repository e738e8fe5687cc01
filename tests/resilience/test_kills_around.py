"""Killed with -9 among tickets, parts, companies of a scroll, calls, logs: the next run goes on."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox, Workspace
from tests.conftest import PLENTY
from tests.resilience.copy import Copy
from tests.resilience.harness import Tap, say
from tests.support.truth import WHOLE, differences, expected

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Json

KILLS = 4
"""How often a chain is killed; if the rest is short, its last runs may end before that."""
LATENCY = 0.02
"""Seconds: a run must not be at its end while its first lines are read."""
SCROLL_LIFETIME = 61
BY_SCROLL: Json = {"company_cap": 60, "scroll_size": 20}
STREAMS: dict[str, Json] = {
    "tickets": WHOLE,
    "ticket_parts": WHOLE,
    "companies": {"api_version": "2.17"},
    "calls": WHOLE,
    "admin_activity_logs": {**WHOLE, "start_date": "2024-01-01T00:00:00Z"},
}
"""By name, with the settings that make the API serve all that the truth has."""


class Chain:
    """Runs of one stream, one after another, and what a target has of it."""

    def __init__(self, tap: Tap, seed: int) -> None:
        self._tap = tap
        self._rng = random.Random(seed)  # noqa: S311  chooses moments
        self.copy = Copy()

    def run(self, lines: int = -1, states: int = -1) -> bool:
        """Run until so many lines or STATEs have come; tells whether it ended before that."""
        with self._tap.run(self.copy.state) as process:
            for message in process.lines():
                self.copy.take([message])
                lines -= 1
                states -= message["type"] == "STATE"
                if 0 in (lines, states):
                    process.signal(signal.SIGKILL)
            status, errors = process.ended()
        assert status in {0, -signal.SIGKILL}, errors
        # What a target has taken in since the last STATE when its tap dies, it may write or not.
        if status == 0 or self._rng.choice((True, False)):
            self.copy.apply()
        self.copy.lose()
        return status == 0

    def run_and_kill(self, lines: int, states: int) -> bool:
        """Run until some line or some STATE has come, of so many at most."""
        if states > 1 and self._rng.choice((True, False)):
            return self.run(states=self._rng.randint(1, states))
        return self.run(lines=self._rng.randint(2, lines))


@pytest.mark.parametrize("stream", STREAMS)
def test_killed_anywhere_the_next_run_goes_on(tmp_path: Path, stream: str) -> None:
    workspace = Workspace(1_200, companies=200, tickets=300, contacts=20)
    truth = expected(workspace, stream)
    with Sandbox(workspace, rate_limit=PLENTY, latency=LATENCY, **BY_SCROLL) as server:
        tap = Tap(tmp_path, server, stream, page_size=20, **STREAMS[stream])
        with tap.run() as process:
            kinds = [message["type"] for message in process.lines()]
        # So that all of them together come about as far as half the way.
        furthest = len(kinds) // KILLS, kinds.count("STATE") // KILLS
        chain, kills = Chain(tap, seed=len(stream)), 0
        for _ in range(KILLS):
            # An app has one scroll at a time, and that of a dead tap lives for a minute.
            workspace.tick(SCROLL_LIFETIME)
            kills += not chain.run_and_kill(*furthest)
        workspace.tick(SCROLL_LIFETIME)
        before = chain.copy.received[stream]
        assert chain.run()
    rows, came = chain.copy.rows[stream], chain.copy.received[stream] - before

    assert kills > 0
    assert rows.keys() == truth.keys()
    assert [key for key in truth if differences(rows[key], truth[key])] == []
    # A scroll begins anew; whatever has a bookmark does not.
    assert came < len(truth) or stream == "companies"
    again = chain.copy.repeated[stream]
    say(f"{kills} kills among {stream}: {len(rows)} rows right, {again} of them read twice")
