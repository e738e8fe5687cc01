"""conversation_counts is what the simulated workspace has of each week."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOW
from tests.support.truth import moment

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Runner, Serve

STREAM = "conversation_counts"


def by_week(server: Sandbox, start: int = 0, end: int = NOW) -> Counter[str]:
    """How many living conversations were created in each week, by its Monday."""
    workspace = server.workspace
    found = [workspace.created_at(workspace.ordinal_of(key)) for key in workspace.ids()]
    return Counter(monday_of(at) for at in found if start <= at < end)


def monday_of(seconds: int) -> str:
    day = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{day - timedelta(days=day.weekday()):%Y-%m-%d}"


@pytest.mark.parametrize("inclusive", [False, True], ids=["strict", "inclusive"])
def test_every_week_has_its_count(serve: Serve, run_tap: Runner, *, inclusive: bool) -> None:
    server = serve(300, inclusive_comparisons=inclusive)
    run = run_tap(server, STREAM)
    counts = {record["week"]: record["conversations"] for record in run.records(STREAM)}
    weeks = sorted(counts)

    assert run.status == 0
    assert Counter(counts) == by_week(server)
    assert [record["recently_changed"] for record in run.records(STREAM)] == [0] * len(weeks)
    # Also those in which nothing was created: a table may have rows of them all the same.
    assert [monday_of(NOW - age * 604_800) for age in range(len(weeks))] == weeks[::-1]
    # Two for where to begin, one for what changed of late; and the clock.
    assert server.counters.requests <= 1.3 * len(weeks) + 4


def test_whatever_is_created_on_the_very_edge_is_counted_once(
    serve: Serve, run_tap: Runner
) -> None:
    for inclusive in (False, True):
        server = serve(5, deleted=0, inclusive_comparisons=inclusive)
        monday = 1_779_667_200  # 2026-05-25
        for at in (monday - 1, monday, monday + 1):
            server.workspace.create(1, at)
        run = run_tap(server, STREAM)

        counts = {record["week"]: record["conversations"] for record in run.records(STREAM)}
        assert Counter(counts) == by_week(server)


def test_a_count_that_is_capped_is_made_in_parts(serve: Serve, run_tap: Runner) -> None:
    server = serve(600, count_lie="capped", count_cap=10)
    run = run_tap(server, STREAM)
    counts = {record["week"]: record["conversations"] for record in run.records(STREAM)}

    assert max(counts.values()) > 10
    assert Counter(counts) == by_week(server)


def test_start_date_and_end_date_bound_what_is_counted(
    serve: Serve, run_tap: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    """Of what was created since start_date, a table has all; of what was before, it has some."""
    server = serve(300)
    start, end = NOW - 40 * 86_400, NOW - 12 * 86_400
    run = run_tap(server, STREAM, start_date=moment(start), end_date=moment(end))
    records = run.records(STREAM)

    assert (records[0]["starts_at"], records[-1]["ends_at"]) == (moment(start), moment(end))
    counts = {record["week"]: record["conversations"] for record in records}
    assert Counter(counts) == by_week(server, start, end)
    workspace = server.workspace
    ordinals = map(workspace.ordinal_of, workspace.ids())
    later = sum(
        workspace.updated_at(n) >= end and start <= workspace.created_at(n) < end for n in ordinals
    )
    assert sum(record["recently_changed"] for record in records) == later > 0
    assert "whether an earlier sync has loaded it" in caplog.text


def test_filters_count_too(serve: Serve, run_tap: Runner) -> None:
    """Also as many of them as are allowed."""
    server = serve(100)
    some = {"field": "open", "operator": "=", "value": True}
    run = run_tap(server, STREAM, search_filters=[some] * 13)
    counted = sum(record["conversations"] for record in run.records(STREAM))

    assert run.status == 0
    assert 0 < counted < 100


def test_what_changed_of_late_may_not_be_loaded_yet(serve: Serve, run_tap: Runner) -> None:
    """The search's index may not have had it when conversations were read."""
    server = serve(40)
    run_tap.now = server.workspace.now + 60
    server.workspace.touch(server.workspace.ids()[:3])
    run = run_tap(server, STREAM)

    assert sum(record["recently_changed"] for record in run.records(STREAM)) >= 3


def test_a_workspace_without_conversations_has_no_weeks(serve: Serve, run_tap: Runner) -> None:
    run = run_tap(serve(0), STREAM)

    assert (run.status, run.records(STREAM)) == (0, [])
