"""admin_activity_logs of the simulated workspace: every entry once, in every version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW
from tests.support.truth import differences, moment, rows

if TYPE_CHECKING:
    from tests.conftest import Runner, Serve

STREAM = "admin_activity_logs"


@pytest.mark.parametrize("version", ["2.7", "2.15", "2.16", "Preview"])
def test_every_entry_is_as_it_is(serve: Serve, run_tap: Runner, version: str) -> None:
    server = serve(10)
    run = run_tap(server, STREAM, api_version=version)
    truth = {row["id"]: row for row in rows(server, STREAM, run.schema(STREAM))}
    records = {record["id"]: record for record in run.records(STREAM)}

    assert run.status == 0
    assert len(run.records(STREAM)) == len(truth) == 400
    assert [key for key in truth if differences(records[key], truth[key])] == []
    asked = "activity_logs_search" if version in {"2.16", "Preview"} else "activity_logs"
    assert set(server.counters.by_endpoint) <= {asked, "me"}


@pytest.mark.usefixtures("no_backoff")
def test_a_window_that_fails_is_read_in_parts(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, log_window=6)
    run = run_tap(server, STREAM, start_date=moment(NOW - 120 * 86_400))
    wanted = {row["id"] for row in rows(server, STREAM, run.schema(STREAM))}
    dates = (row["created_at"] for row in run.records(STREAM))

    assert run.status == 0
    assert {*run.ids(STREAM)} <= wanted
    assert len(run.ids(STREAM)) == len({*run.ids(STREAM)}) > 100
    assert min(dates) >= moment(NOW - 120 * 86_400)


def test_the_next_sync_reads_on(serve: Serve, run_tap: Runner) -> None:
    server = serve(10)
    first = run_tap(server, STREAM)
    before = server.counters.requests
    run_tap.now = NOW + 10_000
    made = server.workspace.activity_logs.create(3, at=NOW + 500)
    second = run_tap(server, STREAM, state=first.state)

    assert first.bookmark(STREAM) == moment(NOW)
    assert sorted(second.ids(STREAM)) == sorted(made)
    assert server.counters.requests - before <= 2
    assert second.bookmark(STREAM) == moment(NOW + 10_000)


@pytest.mark.parametrize("lie", [{"page_size_cap": 7}, {"false_end": "last", "false_end_page": 2}])
def test_sizes_and_ends_that_lie(serve: Serve, run_tap: Runner, lie: Any) -> None:
    server = serve(10, **lie)
    run = run_tap(server, STREAM)

    assert run.status == 0
    assert len({*run.ids(STREAM)}) == 400
