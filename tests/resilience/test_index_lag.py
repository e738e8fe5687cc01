"""The search's index lags: with a lookback_window that covers it, nothing is missed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.resilience.copy import Copy
from tests.resilience.harness import BOTH, at_each_request, say
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from sandbox import Workspace
    from tests.conftest import Json, Runner, Serve

LAG = 50
LOOKBACK = 60
SETTINGS: Json = {"page_size": 10, "max_concurrency": 4, "lookback_window": LOOKBACK, **WHOLE}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("broken_off", [False, True])
def test_syncs_while_conversations_change_and_the_index_lags(
    serve: Serve, run_tap: Runner, seed: int, *, broken_off: bool
) -> None:
    server = serve(80, seed=seed, exact_parts={}, index_lag=LAG, index_lag_clock="simulated")
    workspace = server.workspace
    rng = random.Random(seed)  # noqa: S311  chooses what changes
    copy = Copy()
    for _ in range(8):
        ids = rng.sample(workspace.ids(), 5)
        workspace.touch(ids)
        workspace.create(rng.randint(0, 3))
        workspace.bulk_touch(rng.sample(workspace.ids(), 20), workspace.now + 1)
        workspace.tick(rng.choice((0, 1, 20, 70)))
        run_tap.now = workspace.now
        run = run_tap(server, *BOTH, state=copy.state, **SETTINGS)
        assert (run.status, run.failures) == (0, [])
        messages = run.messages
        copy.take(messages[: rng.randrange(len(messages))] if broken_off else messages)
        copy.lose()
    workspace.tick(LAG)
    run_tap.now = workspace.now
    run = run_tap(server, *BOTH, state=copy.state, **SETTINGS)
    copy.take(run.messages)
    rows = copy.check(workspace, *BOTH)
    how = ", each broken off" if broken_off else ""
    say(f"an index that lags {LAG} s, 8 syncs{how}: then {rows} rows right")


@pytest.mark.parametrize("page_size", [10, 2])
def test_a_row_at_its_old_place_neither_ends_a_window_nor_is_left_out(
    serve: Serve, run_tap: Runner, page_size: int
) -> None:
    settings: Json = {**SETTINGS, "page_size": page_size, "max_concurrency": 32}
    for seed in range(3):
        server = serve(60 * page_size, seed=seed, index_lag=LAG, index_lag_clock="manual")
        workspace = server.workspace
        moved = random.Random(seed).sample(workspace.ids(), 40)  # noqa: S311  which ones
        # The search has them where they stood before, but with a moment of the last minutes.
        workspace.touch(moved)
        run_tap.now = workspace.now
        run = run_tap(server, **settings)
        copy = Copy()
        copy.take(run.messages)
        assert run.status == 0
        rows = copy.check(workspace, "conversations")
    say(f"40 of {len(workspace)} rows at their old place: {rows} rows right in one sync")


@pytest.mark.parametrize("concurrency", [1, 32])
def test_an_index_that_catches_up_between_windows(
    serve: Serve, run_tap: Runner, concurrency: int
) -> None:
    """A row goes from its old place to the newest; neither may be read before and after that."""
    settings: Json = {"page_size": 10, "max_concurrency": concurrency, **WHOLE}
    for moment in range(4, 44, 4):
        server = serve(400, seed=3, index_lag=300.0, index_lag_clock="manual")
        workspace = server.workspace
        workspace.touch_some(100, at=workspace.now - 5, kind="attribute")
        run_tap.now = workspace.now

        def catch_up(number: int, moment: int = moment, workspace: Workspace = workspace) -> None:
            if number == moment:
                workspace.reindex(everything=True)

        with at_each_request(server, catch_up):
            run = run_tap(server, **settings)
        assert run.status == 0
        assert set(run.ids()) >= set(workspace.ids())
    say(f"an index that catches up while {concurrency // 4 or 1} windows are read: no row missing")
