"""The lists that conversations refer to: whole each time, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.serving import Said
from tests.support.truth import differences, rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Answer, Runner, Serve

LISTS = (
    "admins",
    "teams",
    "tags",
    "conversation_attributes",
    "ticket_types",
    "ticket_states",
    "segments",
    "contact_attributes",
    "company_attributes",
)
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


@pytest.mark.parametrize("items", [[{"name": "no id"}], None])
def test_no_version_is_activated_if_the_load_is_not_whole(
    run_tap: Runner, answer: Answer, items: Any
) -> None:
    run = run_tap(answer(Said({"data": items})), "tags", emit_activate_version_messages=True)

    assert run.status == 1
    assert "ACTIVATE_VERSION" not in {message["type"] for message in run.messages}


@pytest.mark.parametrize("following", ["https://x/tags?page=2", {"starting_after": "x"}])
def test_a_list_that_names_another_page_is_not_whole(
    run_tap: Runner, answer: Answer, following: Any
) -> None:
    said = Said({"data": [{"id": "1", "name": "vip"}], "pages": {"next": following}})
    run = run_tap(answer(said), "tags")

    assert (run.status, run.ids("tags")) == (1, ["1"])
    assert "not the last page" in run.failures[0]


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


@pytest.mark.parametrize("stream", LISTS)
@pytest.mark.parametrize("said", [{}, {"type": "list"}, {"data": None, "admins": {}, "teams": 1}])
def test_a_list_without_its_items_is_an_error_never_empty(
    run_tap: Runner, answer: Answer, stream: str, said: dict[str, Any]
) -> None:
    run = run_tap(answer(Said(said)), stream)

    assert run.status == 1
    assert run.records(stream) == []


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


def test_an_item_without_a_key_fails_the_stream_at_its_end(run_tap: Runner, answer: Answer) -> None:
    """All others are written first."""
    items = [{"id": "1", "name": "a"}, {"name": "b"}, {"id": "3", "name": "c"}]
    run = run_tap(answer(Said({"type": "list", "data": items})), "tags")

    assert run.ids("tags") == ["1", "3"]
    assert run.status == 1
    assert "1 without id" in run.failures[0]


@pytest.mark.parametrize(
    ("stream", "entry"),
    [*((stream, None) for stream in LISTS), *(("tags", entry) for entry in (5, "a", ["a"], True))],
)
def test_an_entry_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, stream: str, entry: Any
) -> None:
    """All others are written first."""
    items = [{"id": "1", "full_name": "a"}, entry, {"id": "3", "full_name": "c"}]
    names = ("admins", "teams", "segments", "data")
    run = run_tap(answer(Said(dict.fromkeys(names, items))), stream)

    assert run.ids(stream) == ["1", "3"]
    assert run.status == 1
    assert run.failures == [
        (
            f"{stream}: the API sent what cannot be a row: 1 null or of another type than an "
            "object; all other rows are written"
        )
    ]
