"""Articles and their collections, as the simulated workspace has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.truth import differences, rows

if TYPE_CHECKING:
    from tests.conftest import Json, Runner, Serve

STREAMS = ("articles", "help_center_collections")


@pytest.mark.parametrize("stream", STREAMS)
def test_every_item_is_as_it_is(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(10)
    run = run_tap(server, stream, api_version="Preview")
    truth = {row["id"]: row for row in rows(server, stream, run.schema(stream))}
    records = {record["id"]: record for record in run.records(stream)}

    assert run.status == 0
    assert records.keys() == truth.keys()
    assert len(run.records(stream)) == len(truth) >= 40
    assert [key for key in truth if differences(records[key], truth[key])] == []


@pytest.mark.parametrize("stream", STREAMS)
def test_comes_whole_every_time_whatever_the_dates(
    serve: Serve, run_tap: Runner, stream: str
) -> None:
    server = serve(10)
    first = run_tap(server, stream)
    dates: Json = {"start_date": "2026-05-01T00:00:00Z", "end_date": "2026-05-02T00:00:00Z"}
    second = run_tap(server, stream, state=first.state, **dates)

    assert second.records(stream) == first.records(stream)
    assert first.bookmark(stream) is None


def test_a_version_is_activated(serve: Serve, run_tap: Runner) -> None:
    """Deleted articles are told nowhere: a target can find them by the version alone."""
    run = run_tap(serve(10), "articles", emit_activate_version_messages=True)

    assert run.messages[-2]["type"] == "ACTIVATE_VERSION"
