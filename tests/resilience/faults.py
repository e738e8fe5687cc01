"""The faults that the API is known for, and a run of the real command in spite of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox import Sandbox, Workspace
from tests.conftest import PLENTY
from tests.resilience.copy import Copy
from tests.resilience.harness import Tap
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from pathlib import Path

FAULTS = {
    "500": "500",
    "502": "502 with a page of HTML",
    "503": "503 with a page of HTML",
    "504": "504 without a body",
    "408": "408",
    "404": "404 from the search itself",
    "reset": "connection reset",
    "half_close": "connection half-closed, no answer",
    "cut": "connection closed within the body",
    "torn": "half a body whose length fits",
    "empty": "200 without a body",
    "html": "200 with a page of HTML",
    "drip": "an answer that never ends",
    "slow": "an answer slower than `request_timeout`",
    "429": "429",
    "429_bare": "429 without headers or body",
    "429_early": "429 with requests remaining",
}
"""By the sandbox's names, in words."""
REFUSALS = ("429", "429_bare", "429_early")
"""What makes the tap wait until the budget's window of ten seconds ends."""


@dataclass
class Survived:
    """What a run came through: how often each fault befell it, in how many requests."""

    times: dict[str, int]
    requests: int
    rows: int


def survive(folder: Path, *streams: str, endpoint: str = "search", **switches: Any) -> Survived:
    """Run the command once; fails if it does, or if the copy is not the truth."""
    workspace = Workspace(60, seed=12, exact_parts={})
    faults = {"fault_seed": 4, "slow_seconds": 1.5, **switches}
    with Sandbox(workspace, rate_limit=PLENTY, **faults) as server:
        settings = {"page_size": 4, "request_timeout": 1, "conversations_endpoint": endpoint}
        tap = Tap(folder, server, *streams, **settings, **WHOLE)
        copy = Copy()
        with tap.run() as process:
            copy.take(process.lines())
            status, errors = process.ended()
        assert status == 0, errors
        rows = copy.check(workspace, *streams)
        return Survived(dict(server.counters.faults), server.counters.requests, rows)
