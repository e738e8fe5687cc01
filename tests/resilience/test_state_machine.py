"""Whatever happens, in whatever order: after a quiet complete sync the copy equals the truth."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from sandbox import Sandbox, Workspace
from tests.conftest import PLENTY, Run, Runner
from tests.resilience.copy import Copy
from tests.resilience.harness import BOTH, say
from tests.support.truth import WHOLE

STREAMS = (*BOTH, "deleted_conversations")
EXAMPLES = 30
STEPS = 15
LOOKBACK = 60
LONGEST_LAG = 50
MOST = 5
_COUNTS = st.integers(1, MOST)


class Operations(RuleBasedStateMachine):
    """A workspace in use, a tap that is run and killed, a target that holds a copy."""

    done: dict[str, int]

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.tap = Runner(self.patch)
        workspace = Workspace(25, seed=8, exact_parts={}, deleted=3)
        self.server = Sandbox(workspace, rate_limit=PLENTY, index_lag_clock="simulated")
        self.server.__enter__()
        self.workspace = workspace
        self.copy = Copy()

    def note(self, what: str) -> None:
        """Count what was done."""
        type(self).done[what] = type(self).done.get(what, 0) + 1

    @rule(count=_COUNTS, kind=st.sampled_from(["reply", "edit", "close", "tag"]))
    def touch(self, count: int, kind: str) -> None:
        """Conversations change, one after the other."""
        self.note("touch")
        self.workspace.touch_some(count, kind=kind)

    @rule(count=st.integers(5, 20))
    def touch_in_bulk(self, count: int) -> None:
        """Many conversations change in the same second."""
        self.note("bulk touch")
        self.workspace.touch_some(count, at=self.workspace.now, kind="attribute")

    @rule(count=_COUNTS)
    def create(self, count: int) -> None:
        """New conversations begin."""
        self.note("create")
        self.workspace.create(count)

    @precondition(lambda self: len(self.workspace) > MOST)
    @rule(count=_COUNTS)
    def delete(self, count: int) -> None:
        """Conversations are deleted."""
        self.note("delete")
        self.workspace.delete(self.workspace.some(count))

    @rule(seconds=st.sampled_from([1, 30, 90]))
    def pass_time(self, seconds: int) -> None:
        """Nothing happens for a while."""
        self.note("pause")
        self.workspace.tick(seconds)

    @rule(seconds=st.integers(1, LONGEST_LAG - MOST))
    def lag(self, seconds: int) -> None:
        """The search's index begins to lag, or lags less."""
        self.note("lag")
        self.server.switches.set(index_lag=seconds)

    @rule(churn=st.integers(0, 2))
    def change_while_reading(self, churn: int) -> None:
        """Conversations change between the pages of what is read from now on."""
        self.note("churn")
        self.server.switches.set(churn=churn)

    def run(self, endpoint: str) -> Run:
        """Run the tap."""
        self.tap.now = self.workspace.now
        run = self.tap(
            self.server,
            *STREAMS,
            state=self.copy.state,
            conversations_endpoint=endpoint,
            page_size=5,
            max_concurrency=8,
            lookback_window=LOOKBACK,
            **WHOLE,
        )
        assert (run.status, run.failures) == (0, [])
        return run

    @rule(endpoint=st.sampled_from(["search", "list"]))
    def sync(self, endpoint: str) -> None:
        """A run comes to its end."""
        self.note("sync")
        self.copy.take(self.run(endpoint).messages)

    @rule(
        endpoint=st.sampled_from(["search", "list"]),
        moment=st.floats(0, 1),
        writes=st.booleans(),
    )
    def kill(self, endpoint: str, moment: float, *, writes: bool) -> None:
        """A run is killed; the target writes what came in, or it dies, too."""
        self.note("kill")
        messages = self.run(endpoint).messages
        self.copy.take(messages[: int(moment * len(messages))])
        if writes:
            self.copy.apply()
        self.copy.lose()

    @rule(endpoint=st.sampled_from(["search", "list"]))
    def quiet_sync(self, endpoint: str) -> None:
        """Nothing changes, the index catches up, a run comes to its end: all is right."""
        self.note("check")
        self.server.switches.set(churn=0)
        self.workspace.tick(LONGEST_LAG)
        self.copy.take(self.run(endpoint).messages)
        self.copy.check(self.workspace, *STREAMS)

    def teardown(self) -> None:
        """End with a check."""
        try:
            self.quiet_sync("search")
        finally:
            self.server.__exit__(None, None, None)
            self.patch.undo()


def test_anything_in_any_order(run_tap: Runner) -> None:
    del run_tap  # it puts back the signals' handlers
    Operations.done = {}
    run: Any = run_state_machine_as_test  # which has types from some version on
    run(
        Operations,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    say(f"in any order, {EXAMPLES} times: {Operations.done}")
