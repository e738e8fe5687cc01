"""Tickets, calls, articles and logs that change while they are read: a later run makes it right."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.resilience.copy import Copy
from tests.resilience.harness import at_each_request, say
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from sandbox import Workspace
    from tests.conftest import Json, Runner, Serve

STREAMS = ("tickets", "ticket_parts", "calls", "admin_activity_logs", "articles")
A_DAY = 86_400
FAULTS: Json = {"fault_500": 0.05, "fault_empty": 0.05, "fault_cut": 0.05}


def change_something(workspace: Workspace, rng: random.Random) -> None:
    """Have something change, in one of the ways in which it does."""
    tickets = workspace.tickets
    rng.choice(
        (
            lambda: tickets.touch_some(3),
            lambda: tickets.create(2),
            lambda: workspace.touch(rng.sample(workspace.ids(), 2)),
            lambda: workspace.articles.touch_some(1),
            lambda: workspace.activity_logs.create(1),
        )
    )()


@pytest.mark.usefixtures("no_backoff")
def test_everything_around_changes_at_every_request(serve: Serve, run_tap: Runner) -> None:
    server = serve(200, tickets=300, ticket_parts_in_search=4, exact_parts={}, **FAULTS)
    workspace = server.workspace
    rng = random.Random(5)  # noqa: S311  chooses what changes
    copy = Copy()

    def change(_: int) -> None:
        if rng.random() < 0.3:
            change_something(workspace, rng)

    with at_each_request(server, change):
        for _ in range(2):
            run_tap.now = workspace.now
            run = run_tap(server, *STREAMS, state=copy.state, page_size=20, **WHOLE)
            assert (run.status, run.failures) == (0, [])
            copy.take(run.messages)
    # Transcripts come three days after their calls; their conversations do not move.
    workspace.tick(4 * A_DAY)
    run_tap.now = workspace.now + 1
    run = run_tap(server, *STREAMS, state=copy.state, **WHOLE)
    copy.take(run.messages)
    copy.apply()  # a STATE that says nothing new is not written again

    assert (run.status, run.failures) == (0, [])
    rows = copy.check(workspace, *STREAMS)
    say(f"around conversations: {workspace.revision} changes while reading; then {rows} rows right")
