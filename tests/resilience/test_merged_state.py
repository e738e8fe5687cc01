"""Meltano merges STATE deeply, into what it had: after a full refresh that is another sync's."""

from __future__ import annotations

from copy import deepcopy
from itertools import product
from typing import TYPE_CHECKING

from meltano.core.utils import merge

from tests.resilience.copy import Copy
from tests.resilience.harness import say
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from tests.conftest import Runner, Serve


def test_any_state_merged_into_any_other(serve: Serve, run_tap: Runner) -> None:
    """The target was emptied for the full refresh, which was killed, as the sync before it was."""
    server = serve(120, seed=3)
    settings = {"page_size": 10, "max_concurrency": 32, **WHOLE}
    run = run_tap(server, **settings)
    states = [
        (number, message["value"])
        for number, message in enumerate(run.messages)
        if message["type"] == "STATE"
    ]
    chosen = [*states[:2], *states[4:12:3], states[-1]]
    for (_, before), (number, after) in product(chosen, chosen):
        copy = Copy()
        copy.take(run.messages[: number + 1])
        state = merge(deepcopy(after), deepcopy(before))  # type: ignore[no-untyped-call]
        rest = run_tap(server, state=state, **settings)
        copy.take(rest.messages)
        assert rest.status == 0
        rows = copy.check(server.workspace, "conversations")
    say(f"{len(chosen) ** 2} pairs of STATEs, merged as Meltano does: {rows} rows right each")
