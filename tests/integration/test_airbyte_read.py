"""A read over the Airbyte protocol brings what Singer's side brings, and says what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft7Validator

from tap_intercom_conversations.streams.registry import STREAMS
from tap_intercom_conversations.times import rfc3339
from tests.support.airbyte import catalog_of, read
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from tests.conftest import Runner, Serve
    from tests.support.airbyte import Json, Read

ALL = tuple(stream.name for stream in STREAMS)
PARTS = "conversation_parts"

pytestmark = pytest.mark.usefixtures(
    "run_tap"
)  # syncs start at its moment, and signals are put back


def singer_state(run: Read) -> Json:
    """The state of a read, in Singer's form."""
    streams = [state["stream"] for state in run.state]
    return {
        "bookmarks": {each["stream_descriptor"]["name"]: each["stream_state"] for each in streams}
    }


def timeless(records: list[Json]) -> list[Json]:
    """Records without the moment at which they were counted, which ends the last week, too."""
    return [{**record, "counted_at": None, "ends_at": None} for record in records]


def counts(run: Read, stream: str) -> list[float]:
    """How many records each state of a stream is said to stand for."""
    return [
        state["sourceStats"]["recordCount"]
        for state in run.of("STATE")
        if state["stream"]["stream_descriptor"]["name"] == stream
    ]


def test_every_stream_is_what_singers_side_has_and_valid(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    run = read(server, page_size=20, **WHOLE)
    other = run_tap(server, *ALL, page_size=20, **WHOLE)
    schemas = {
        entry["stream"]["name"]: entry["stream"]["json_schema"]
        for entry in catalog_of(WHOLE)["streams"]
    }

    assert (run.status, run.errors) == (0, [])
    assert [*schemas] == [*ALL]
    for stream in ALL:
        records = run.records(stream)
        assert timeless(records) == timeless(other.records(stream))
        validator = Draft7Validator(schemas[stream])
        assert not [error for record in records for error in validator.iter_errors(record)]


@pytest.mark.parametrize("sync_mode", ["incremental", "full_refresh"])
def test_each_stream_says_how_far_it_is(serve: Serve, sync_mode: str) -> None:
    """A stream without a bookmark is read whole, also where a catalog says incremental."""
    server = serve(60)
    run = read(server, catalog=catalog_of(WHOLE, sync_mode=sync_mode), page_size=20, **WHOLE)

    for stream in ALL:
        records = run.records(stream)
        running = ["RUNNING"] if records else []
        assert run.statuses(stream) == ["STARTED", *running, "COMPLETE"]
        assert sum(counts(run, stream)) == len(records)
        assert counts(run, stream)
    assert len(counts(run, "conversations")) > 2
    assert "unfinished" in run.blob("conversations")
    assert run.blob("tags") == {"__ab_full_refresh_sync_complete": True}


def test_a_second_read_goes_on_from_the_first(serve: Serve) -> None:
    server = serve(60)
    first = read(server, lookback_window=0, page_size=20, **WHOLE)
    server.workspace.tick(3_600)
    server.workspace.touch_some(3)
    second = read(server, state=singer_state(first), lookback_window=0, page_size=20, **WHOLE)
    read_again = [record["id"] for record in second.records("conversations")]

    assert second.status == 0
    assert 3 <= len(set(read_again)) < 10
    assert len(second.records("tags")) == len(first.records("tags"))
    assert (
        second.blob("conversations")["replication_key_value"]
        > (first.blob("conversations")["replication_key_value"])
    )


@pytest.mark.parametrize("sync_mode", ["incremental", "full_refresh"])
def test_a_full_refresh_is_whole_whatever_state_it_is_given(serve: Serve, sync_mode: str) -> None:
    """Platforms before Airbyte 1.0 give what they have, and then replace the table."""
    server = serve(60)
    catalog = catalog_of({}, ["conversations"], "full_refresh")
    first = read(server, catalog=catalog_of({}, ["conversations"], sync_mode), page_size=20)
    second = read(server, catalog=catalog, page_size=20, state=singer_state(first))

    assert (first.status, second.status) == (0, 0)
    assert len(second.records("conversations")) == 60


def test_a_full_refresh_goes_on_from_where_it_was_broken_off(serve: Serve) -> None:
    server = serve(60)
    catalog = catalog_of({}, [PARTS], "full_refresh")
    broken = server.workspace.ids()[25]
    server.switches.set(broken=[broken])
    first = read(server, catalog=catalog, page_size=20, max_retries=0)
    server.switches.set(broken=[])
    rest = read(server, catalog=catalog, page_size=20, state=singer_state(first))
    again = read(server, catalog=catalog, page_size=20, state=singer_state(rest))

    assert (first.status, rest.status) == (1, 0)
    assert broken in {record["conversation_id"] for record in rest.records(PARTS)}
    assert len(rest.records(PARTS)) < len(first.records(PARTS)) / 3
    assert "unfinished_full_refresh" not in rest.blob(PARTS)
    assert len(again.records(PARTS)) > len(first.records(PARTS))


def test_a_full_refresh_has_what_changes_while_it_is_read(serve: Serve, run_tap: Runner) -> None:
    """The table is replaced by it, so no later sync brings what this one leaves out."""
    server = serve(200, churn=3)
    run_tap.now = server.workspace.now
    began = rfc3339(run_tap.now)
    catalog = catalog_of({}, ["conversations"], "full_refresh")
    run = read(server, catalog=catalog, page_size=10, max_concurrency=1)

    assert run.status == 0
    assert {row["id"] for row in run.records("conversations")} == set(server.workspace.ids())
    # An incremental read would look at them once more.
    assert run.blob("conversations")["replication_key_value"] <= began


def test_an_incremental_read_goes_on_from_a_full_refresh_that_is_complete(serve: Serve) -> None:
    server = serve(60)
    whole = read(server, catalog=catalog_of({}, ["conversations"], "full_refresh"), page_size=20)
    rest = read(server, "conversations", page_size=20, state=singer_state(whole))
    # What an unfinished one has written may never have come into the table.
    unfinished = next(
        state for state in whole.of("STATE") if "unfinished" in state["stream"]["stream_state"]
    )
    bookmarks = {"conversations": unfinished["stream"]["stream_state"]}
    again = read(server, "conversations", page_size=20, state={"bookmarks": bookmarks})

    assert len(rest.records("conversations")) < 10
    assert len(again.records("conversations")) == 60


def test_what_is_not_configured_is_left_out(serve: Serve) -> None:
    catalog = catalog_of({}, ["conversations", PARTS, "tags"])
    for entry in catalog["streams"][:2]:
        properties = entry["stream"]["json_schema"]["properties"]
        kept = ("state", "source") if entry["stream"]["name"] == "conversations" else ("body",)
        entry["stream"]["json_schema"]["properties"] = {name: properties[name] for name in kept}
    catalog["streams"][2]["stream"]["json_schema"] = {}
    run = read(serve(30), catalog=catalog)

    assert {stream for stream in ALL if run.statuses(stream)} == {"conversations", PARTS, "tags"}
    # Keys, and what the bookmark follows, come even so: a row is nothing without them.
    [columns] = {tuple(sorted(record)) for record in run.records("conversations")}
    assert columns == ("id", "source", "state", "updated_at")
    [columns] = {tuple(sorted(record)) for record in run.records(PARTS)}
    assert columns == ("body", "conversation_id", "conversation_updated_at", "id")
    assert run.records("conversations")[0]["source"]["author"]
    assert len(run.records("tags")[0]) > 2


def test_a_stream_that_there_is_not_fails_and_the_others_run(serve: Serve) -> None:
    catalog = catalog_of({}, ["tags", "deleted_conversations"])
    unknown = {"name": "convresations", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    catalog["streams"].append({**catalog["streams"][0], "stream": unknown})
    run = read(serve(30), catalog=catalog, api_version="2.15")

    assert run.status == 1
    assert run.statuses("tags") == ["STARTED", "RUNNING", "COMPLETE"]
    lines = {error["stream_descriptor"]["name"]: error for error in run.errors}
    assert {error["failure_type"] for error in run.errors} == {"config_error"}
    assert "is no stream of this tap" in lines["convresations"]["message"]
    assert "needs api_version 2.16" in lines["deleted_conversations"]["message"]
    assert all(run.statuses(stream) == ["INCOMPLETE"] for stream in lines)


def test_one_stream_fails_and_the_others_run(serve: Serve) -> None:
    server = serve(40, denied={"tags": "token_unauthorized"})
    broken = server.workspace.ids()[25]
    server.switches.set(broken=[broken])
    run = read(server, "conversations", PARTS, "tags", page_size=5, max_retries=0)
    [parts, tags] = run.errors

    assert run.status == 1
    assert run.statuses("conversations")[-1] == "COMPLETE"
    assert run.statuses(PARTS) == ["STARTED", "RUNNING", "INCOMPLETE"]
    assert run.statuses("tags") == ["STARTED", "INCOMPLETE"]
    assert (parts["failure_type"], parts["stream_descriptor"]["name"]) == ("system_error", PARTS)
    assert broken in parts["message"]
    assert tags["failure_type"] == "config_error"
    assert '"Read tags"' in tags["message"]
    # All that was read is covered by a state; of what was not read there is none.
    assert sum(counts(run, PARTS)) == len(run.records(PARTS))
    assert run.blob(PARTS)["unreadable"] == f'["{broken}"]'
    assert counts(run, "tags") == []


def test_a_token_that_is_refused_ends_them_all(serve: Serve) -> None:
    run = read(serve(5), "conversations", "tags", access_token="another")  # noqa: S106
    [error] = run.errors

    assert run.status == 1
    assert error["failure_type"] == "config_error"
    assert run.statuses("conversations") == ["STARTED", "INCOMPLETE"]
    assert run.statuses("tags") == ["INCOMPLETE"]
    assert run.of("STATE") == []


def test_what_another_try_may_mend_is_transient(serve: Serve) -> None:
    run = read(serve(5, fault_503=1.0), "conversations", "tags", max_retries=0)

    assert run.status == 1
    assert [error["failure_type"] for error in run.errors] == ["transient_error"] * 2
