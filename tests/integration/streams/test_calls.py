"""calls of the simulated workspace: those of changed conversations, as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.truth import differences, rows

if TYPE_CHECKING:
    from tests.conftest import Runner, Serve

STREAM = "calls"


@pytest.mark.parametrize("version", ["2.14", "Preview"])
def test_every_call_is_as_it_is(serve: Serve, run_tap: Runner, version: str) -> None:
    server = serve(400)
    run = run_tap(server, STREAM, api_version=version)
    truth = {row["id"]: row for row in rows(server, STREAM, run.schema(STREAM))}
    records = {record["id"]: record for record in run.records(STREAM)}
    unlike = {name for key in truth for name in differences(records[key], truth[key])}

    assert run.status == 0
    assert len(run.records(STREAM)) == len(records)
    assert records.keys() == truth.keys()
    newer = {"duration", "talk_time", "queue_time", "hold_time"}
    assert unlike == (set() if version == "Preview" else newer)
    assert server.counters.by_endpoint["calls_search"] <= 400 / 20 + 4
