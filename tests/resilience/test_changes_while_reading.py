"""Rows that move, appear and vanish between two pages: the next run makes the copy right."""

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

STREAMS = (*BOTH, "deleted_conversations")
A_DAY = 86_400
NO_LONG_ONES: dict[int, int] = {}
"""Past 500 parts, one more pushes the oldest out of sight; the copy keeps it, as it should."""


def change_something(workspace: Workspace, rng: random.Random) -> None:
    """Have a few conversations change, in one of the ways in which they do."""
    count = rng.randint(1, 4)
    ids = rng.sample(workspace.ids(), count)
    rng.choice(
        (
            lambda: workspace.touch(ids),
            lambda: workspace.touch(ids, kind="edit"),
            lambda: workspace.bulk_touch(ids, workspace.now + 1),
            lambda: workspace.create(count),
            lambda: workspace.delete(ids),
        )
    )()


@pytest.mark.parametrize("endpoint", ["search", "list"])
@pytest.mark.parametrize("clock", ["at its end", "a day behind"])
@pytest.mark.parametrize("seed", [1, 2])
def test_everything_changes_at_every_request(
    serve: Serve, run_tap: Runner, endpoint: str, clock: str, seed: int
) -> None:
    server = serve(150, seed=20 + seed, exact_parts=NO_LONG_ONES)
    workspace = server.workspace
    rng = random.Random(seed)  # noqa: S311  chooses what changes
    settings: Json = {"conversations_endpoint": endpoint, "page_size": 10, "max_concurrency": 4}
    copy = Copy()

    def change(_: int) -> None:
        if rng.random() < 0.3:
            change_something(workspace, rng)

    with at_each_request(server, change):
        for _ in range(3):
            # With the workspace's clock behind, changes fall into the span that is being read.
            run_tap.now = workspace.now + (A_DAY if clock == "a day behind" else 0)
            run = run_tap(server, *STREAMS, state=copy.state, **settings, **WHOLE)
            assert (run.status, run.failures) == (0, [])
            copy.take(run.messages)
    changed = workspace.revision
    run_tap.now = workspace.now + (2 * A_DAY if clock == "a day behind" else 1)
    run = run_tap(server, *STREAMS, state=copy.state, **settings, **WHOLE)
    assert (run.status, run.failures) == (0, [])
    copy.take(run.messages)
    rows = copy.check(workspace, *STREAMS)
    say(f"{endpoint}, clock {clock}: {changed} changes during three runs; then {rows} rows right")


@pytest.mark.parametrize("endpoint", ["search", "list"])
@pytest.mark.parametrize("honoured", [True, False])
def test_conversations_that_are_touched_after_each_page(
    serve: Serve, run_tap: Runner, endpoint: str, *, honoured: bool
) -> None:
    server = serve(300, seed=9, exact_parts=NO_LONG_ONES, churn=6, list_honours_order=honoured)
    settings: Json = {"conversations_endpoint": endpoint, "page_size": 10}
    copy = Copy()
    for churn in (6, 6, 0):
        server.switches.churn = churn
        run_tap.now = server.workspace.now + 1
        run = run_tap(server, *BOTH, state=copy.state, **settings, **WHOLE)
        assert (run.status, run.failures) == (0, [])
        copy.take(run.messages)
    rows = copy.check(server.workspace, *BOTH)
    order = "" if honoured else ", order not honoured"
    say(f"{endpoint}{order}, 6 touched after each page: then {rows} rows right")


def test_an_article_that_moves_up_while_the_list_is_read(serve: Serve, run_tap: Runner) -> None:
    """Pages go by number, what changed last first: what moves up is on no page that is to come."""
    server = serve(10)
    articles = server.workspace.articles
    last = min(articles.ids(), key=lambda key: articles.updated_at(articles.ordinal_of(key)))

    def move_up(_: int) -> None:
        if server.counters.by_endpoint["articles"] == 2:
            articles.touch([last])

    copy = Copy()
    with at_each_request(server, move_up):
        run = run_tap(server, "articles", **WHOLE)
    copy.take(run.messages)

    assert run.status == 0
    assert copy.check(server.workspace, "articles") == 60
