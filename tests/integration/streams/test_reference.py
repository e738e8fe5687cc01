"""The lists that conversations refer to, as the simulated workspace has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.truth import differences, rows
from tests.unit.streams.test_reference import LISTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Runner, Serve

OLD = ["1.0", "2.0", "2.5", "2.7", "2.14", "2.15"]


@pytest.mark.parametrize("stream", LISTS)
def test_every_item_is_as_it_is(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(10)
    run = run_tap(server, stream, api_version="Preview")
    truth = rows(server, stream, run.schema(stream))
    records = run.records(stream)

    assert run.status == 0
    assert len(records) == len(truth) >= 5
    assert [differences(*pair) for pair in zip(records, truth, strict=True)] == [[]] * len(truth)
    assert server.counters.requests == 1


@pytest.mark.parametrize("stream", LISTS)
def test_lists_come_whole_every_time(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(10)
    first = run_tap(server, stream)
    second = run_tap(server, stream, state=first.state)

    assert second.records(stream) == first.records(stream)
    assert first.bookmark(stream) is None


@pytest.mark.parametrize("stream", LISTS)
def test_a_version_is_activated_once_all_rows_of_it_are_written(
    serve: Serve, run_tap: Runner, stream: str
) -> None:
    """A target deletes at once what a version before it had; the SDK's own message comes first."""
    run = run_tap(serve(10), stream, "conversations", emit_activate_version_messages=True)
    written = [message for message in run.messages if message.get("stream") == stream]
    *records, last = written[1:]

    assert {message["type"] for message in records} == {"RECORD"}
    assert {message["version"] for message in records} == {last["version"]}
    assert last["type"] == "ACTIVATE_VERSION"
    # What is incremental has no versions.
    assert [m["type"] for m in run.messages].count("ACTIVATE_VERSION") == 1


def test_no_version_is_activated_for_files(serve: Serve, run_tap: Runner, tmp_path: Path) -> None:
    """Their rows carry none, and a target would take all of them for old."""
    files = {"encoding": {"format": "jsonl"}, "storage": {"root": str(tmp_path)}}
    run = run_tap(serve(10), "tags", emit_activate_version_messages=True, batch_config=files)

    assert [message["type"] for message in run.messages] == ["SCHEMA", "BATCH", "STATE"]


def test_no_version_is_activated_unless_asked_for(serve: Serve, run_tap: Runner) -> None:
    messages = run_tap(serve(10), *LISTS).messages

    assert "ACTIVATE_VERSION" not in {message["type"] for message in messages}
    assert not any("version" in message for message in messages)


@pytest.mark.parametrize("version", OLD)
def test_attributes_before_2_16_are_data_attributes(
    serve: Serve, run_tap: Runner, version: str
) -> None:
    server = serve(10)
    endpoint = "search" if version >= "2" else "list"
    run = run_tap(
        server, "conversation_attributes", api_version=version, conversations_endpoint=endpoint
    )
    records = run.records("conversation_attributes")

    assert run.status == 0
    assert set(server.counters.by_endpoint) == {"data_attributes"}
    # A built-in attribute has no id there: its full name stands in.
    built_in = [record for record in records if not record["custom"]]
    assert built_in
    assert all(record["id"] == record["full_name"] for record in built_in)
    assert any(record["id"].isdigit() for record in records)
    assert len({record["id"] for record in records}) == len(records)


@pytest.mark.parametrize("version", ["2.14", "2.16"])
def test_archived_attributes_are_there_too(serve: Serve, run_tap: Runner, version: str) -> None:
    """Old conversations still have values of them."""
    server = serve(10)
    records = run_tap(server, "conversation_attributes", api_version=version).records(
        "conversation_attributes"
    )

    assert any(record["archived"] for record in records)


@pytest.mark.parametrize(
    ("stream", "endpoint", "permission"),
    [
        ("admins", "admins", "Read admins"),
        ("teams", "teams", "Read admins"),
        ("tags", "tags", "Read tags"),
        ("conversations", "search", "Read conversations"),
        ("deleted_conversations", "deleted", "Read conversations"),
    ],
)
def test_a_missing_permission_is_named(
    serve: Serve, run_tap: Runner, stream: str, endpoint: str, permission: str
) -> None:
    server = serve(10, denied={endpoint: "token_unauthorized"})
    run = run_tap(server, stream)

    assert run.status == 1
    assert f'"{permission}"' in run.failures[0]
