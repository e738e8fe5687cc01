"""Chains of runs, each killed with SIGKILL at a moment of a seed, until one comes to the end."""

from __future__ import annotations

import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox import Workspace
from tests.resilience.copy import Copy
from tests.resilience.harness import BOTH, Tap, at_each_request
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

TIES = 3_000
OTHERS = 60
PAGE = 49
"""No page of ties is full and the last: those would be read again to see whether they are all."""
LINES, REQUESTS = 2_000, 900
"""How far a run comes at most before it is killed."""
WAYS = ("a line written", "a request sent")


@dataclass
class Chain:
    """What came of a chain.

    Attributes:
        kills: How often a process was killed at each kind of moment.
        rows: Rows that the copy has at last.
        repeated: Rows that were read a second time, though nothing had changed.
        most_repeated: In any one run.
    """

    kills: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    repeated: int = 0
    most_repeated: int = 0


def tied_workspace(seed: int) -> Workspace:
    """A workspace where nearly all conversations share one `updated_at`.

    They do not lie within the lookback: each run would read them again, as it is meant to.
    """
    workspace = Workspace(TIES + OTHERS, seed, exact_parts={1: TIES - 500, 2: 500})
    workspace.bulk_touch(workspace.exact(1) + workspace.exact(2), workspace.now)
    workspace.tick(3_600)
    workspace.touch_some(1)
    return workspace


def kill_again_and_again(
    server: Sandbox,
    folder: Path,
    seed: int,
    kills: int,
    command: type[Tap] = Tap,
    **settings: object,
) -> Chain:
    """Run, kill, go on from the STATE that was stored; then, when all is quiet, to the end.

    A run may come to its end before its moment does: then there are fewer kills.
    """
    rng = random.Random(seed)  # noqa: S311  chooses moments
    tap = command(folder, server, *BOTH, page_size=PAGE, **WHOLE, **settings)
    copy, chain = Copy(), Chain()
    while chain.kills.total() < kills:
        way = rng.choice(WAYS)
        before = copy.repeated.total()
        if _run(server, tap, copy, way, rng):
            break
        chain.kills[way] += 1
        # What a target has taken in since the last STATE when its tap dies, it may write or not.
        if rng.choice((True, False)):
            copy.apply()
        copy.lose()
        chain.most_repeated = max(chain.most_repeated, copy.repeated.total() - before)
    server.switches.churn = 0
    before = copy.repeated.total()
    assert _run(server, tap, copy, "", rng)
    chain.most_repeated = max(chain.most_repeated, copy.repeated.total() - before)
    chain.repeated = copy.repeated.total()
    chain.rows = copy.check(server.workspace, *BOTH)
    return chain


def _run(server: Sandbox, tap: Tap, copy: Copy, way: str, rng: random.Random) -> bool:
    """Run once; tells whether it came to its end before it was killed."""
    at_a_line, at_a_request = (way == kind for kind in WAYS)
    moment = rng.randint(1, LINES if at_a_line else REQUESTS)
    with tap.run(copy.state) as process:

        def strike(number: int) -> None:
            if at_a_request and number == moment:
                process.signal(signal.SIGKILL)

        with at_each_request(server, strike):
            for number, message in enumerate(process.lines(), 1):
                copy.take([message])
                if at_a_line and number == moment:
                    process.signal(signal.SIGKILL)
            status, errors = process.ended()
    assert status in (0, -signal.SIGKILL), errors
    return status == 0
