"""Killed with -9 anywhere, also among 3,000 ties: the next run goes on, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox
from sandbox.truth import truth
from tests.conftest import PLENTY
from tests.resilience.harness import say
from tests.resilience.kills import PAGE, TIES, kill_again_and_again, tied_workspace

if TYPE_CHECKING:
    from pathlib import Path


# Fewer than would fit on a quiet machine: on a busy one a process comes further before it dies, and
# a run that comes to its end is not killed.
@pytest.mark.parametrize(("endpoint", "kills"), [("search", 6), ("list", 5)])
def test_killed_among_thousands_of_ties(tmp_path: Path, endpoint: str, kills: int) -> None:
    with Sandbox(tied_workspace(seed=6), rate_limit=PLENTY) as server:
        chain = kill_again_and_again(
            server, tmp_path, seed=61, kills=kills, conversations_endpoint=endpoint
        )
        parts = Counter(
            row["conversation_id"] for row in truth(server.workspace, "conversation_parts")
        )
    assert chain.kills.total() == kills
    # No more than a page of conversations, and the parts of as many: at most the longest ones'.
    assert chain.most_repeated <= PAGE + sum(number for _, number in parts.most_common(PAGE))
    say(
        f"{dict(chain.kills)} kills on the {endpoint} with {TIES} ties: {chain.rows} rows right, "
        f"{chain.repeated} read twice, {chain.most_repeated} at most after one kill"
    )
