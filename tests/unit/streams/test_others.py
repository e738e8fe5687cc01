"""Deleted conversations down to the bookmark, and the lists that conversations refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW, Runner, bookmarked
from tests.support.serving import Asked, Said
from tests.support.truth import differences, moment, rows

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from tests.conftest import Answer, Json, Run, Serve

DELETED = "deleted_conversations"
LISTS = ("admins", "teams", "tags", "conversation_attributes")
OLD = ["1.0", "2.0", "2.5", "2.7", "2.14", "2.15"]


def deleted(server: Sandbox, since: int = 0) -> set[str]:
    """The ids of the conversations that were deleted since a moment."""
    return {row["id"] for row in rows(server, DELETED, {}) if row["deleted_at"] >= since}


def deletions(server: Sandbox) -> list[int]:
    """When conversations were deleted, in order."""
    return sorted(server.workspace.deleted.values())


def once(run: Run) -> set[str]:
    ids = run.ids(DELETED)
    assert len(ids) == len(set(ids))
    return set(ids)


# --- Deleted conversations ---


def test_every_deletion_is_as_it_is(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=200)
    run = run_tap(server, DELETED)
    truth = {row["id"]: row for row in rows(server, DELETED, run.schema(DELETED))}

    assert run.status == 0
    assert once(run) == truth.keys()
    assert [differences(row, truth[row["id"]]) for row in run.records(DELETED)] == [[]] * 200
    assert run.bookmark(DELETED) == moment(deletions(server)[-1])
    # 60 a page is the most that the endpoint allows.
    assert server.counters.requests == 4


@pytest.mark.parametrize("last", ["missing", "null", "empty-object", "null-cursor"])
def test_the_last_page_in_all_its_forms(serve: Serve, run_tap: Runner, last: str) -> None:
    server = serve(10, deleted=130, last_form=last)
    run = run_tap(server, DELETED)

    assert run.status == 0
    assert once(run) == deleted(server)


def test_down_to_the_bookmark_and_no_further(serve: Serve, run_tap: Runner) -> None:
    server = serve(200, deleted=200)
    first = run_tap(server, DELETED)
    server.counters.reset()
    gone = server.workspace.delete(server.workspace.ids()[:70])
    second = run_tap(server, DELETED, state=first.state, lookback_window=0)

    assert once(second) >= set(gone)
    assert len(second.records(DELETED)) <= 71
    # One page more may have been asked for while the last was written.
    assert server.counters.requests <= 3
    assert second.bookmark(DELETED) == moment(deletions(server)[-1])


@pytest.mark.parametrize("lookback", [0, 100_000])
def test_looks_back_as_the_others_do(serve: Serve, run_tap: Runner, lookback: int) -> None:
    server = serve(10, deleted=150)
    at = deletions(server)[100]
    state = bookmarked(moment(at), DELETED)
    run = run_tap(server, DELETED, state=state, lookback_window=lookback)

    assert once(run) == deleted(server, at - lookback)


def test_start_date_is_inclusive(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=100)
    start = deletions(server)[50]
    run = run_tap(server, DELETED, start_date=moment(start))

    assert once(run) == deleted(server, start)
    assert min(row["deleted_at"] for row in run.records(DELETED)) == moment(start)


def test_end_date_bounds_conversations_not_when_they_were_deleted(
    serve: Serve, run_tap: Runner
) -> None:
    """One that is within the span and was deleted later is gone all the same."""
    server = serve(10, deleted=100)
    start, end = deletions(server)[30], deletions(server)[60]
    run = run_tap(server, DELETED, start_date=moment(start), end_date=moment(end))

    assert once(run) == deleted(server, start)
    assert run.bookmark(DELETED) == moment(deletions(server)[-1])


@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
def test_a_bookmark_in_the_future_is_refused(serve: Serve, run_tap: Runner, method: str) -> None:
    server = serve(10, deleted=20)
    state = bookmarked("2999-01-01T00:00:00Z", DELETED)
    run = run_tap(server, DELETED, state=state, method=method)

    if method == "FULL_TABLE":
        assert (run.status, once(run)) == (0, deleted(server))
        return
    assert run.status == 1
    assert f"{DELETED}: its bookmark 2999-01-01T00:00:00Z lies in the future" in run.failures[0]
    assert run.bookmark(DELETED) == "2999-01-01T00:00:00Z"
    assert server.counters.requests == 0


def test_a_bookmark_is_never_later_than_the_sync(run_tap: Runner, answer: Answer) -> None:
    """Else the next sync would have to refuse it."""
    listed = [{"id": "2", "deleted_at": NOW * 2}, {"id": "1", "deleted_at": NOW - 5_000}]
    run = run_tap(answer(Said({"conversations": listed, "pages": None})), DELETED)

    assert run.ids(DELETED) == ["2", "1"]
    assert run.bookmark(DELETED) == moment(NOW)


def test_full_table_is_all_of_it_every_time(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=100)
    state = bookmarked(moment(deletions(server)[-1]), DELETED)
    run = run_tap(server, DELETED, state=state, method="FULL_TABLE")

    assert once(run) == deleted(server)


def test_none_deleted(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, deleted=0)
    run = run_tap(server, DELETED)

    assert (run.status, run.records(DELETED)) == (0, [])
    assert run.bookmark(DELETED) is None


def test_deletions_while_it_is_read_push_none_out_of_sight(run_tap: Runner, answer: Answer) -> None:
    """Each page asked for finds two more on top, and so two of the page before at its own top."""
    gone = [{"id": str(number), "deleted_at": NOW - 9_000 + number} for number in range(200)]

    def said(asked: Asked) -> Said:
        number = int(asked.query.get("page", 1))
        newer = [{"id": f"new{n}", "deleted_at": NOW - 100 + n} for n in range(2 * (number - 1))]
        listed = (gone + newer)[::-1]
        more = number * 60 < len(listed)
        following = f"{server.url}/conversations/deleted?page={number + 1}&per_page=60"
        return Said(
            {
                "conversations": listed[(number - 1) * 60 : number * 60],
                "pages": {"type": "pages", "next": following if more else None},
            }
        )

    server = answer(said)
    run = run_tap(server, DELETED)

    assert once(run) == {row["id"] for row in gone}
    # What came meanwhile is after the bookmark.
    assert run.bookmark(DELETED) == moment(NOW - 9_000 + 199)


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("bookmark", [None, "2020-01-01T00:00:00Z"])
def test_a_failure_on_the_way_leaves_the_bookmark_where_it_was(
    serve: Serve, run_tap: Runner, bookmark: str | None
) -> None:
    """It comes newest first: a bookmark before the end would lose what is older."""
    server = serve(10, deleted=200)
    state = None if bookmark is None else bookmarked(bookmark, DELETED)
    server.switches.set(fault_endpoints=("deleted",))
    gate, number = server.gate, 0
    draw = gate.faults.draw

    def third_fails(endpoint: str, signature: bytes) -> str:
        nonlocal number
        number += 1
        return "500" if number > 2 else draw(endpoint, signature)

    gate.faults.draw = third_fails  # type: ignore[method-assign]
    run = run_tap(server, DELETED, state=state, max_retries=1)

    assert run.status == 1
    assert 0 < len(run.records(DELETED)) <= 120
    assert run.bookmark(DELETED) == bookmark
    gate.faults.draw = draw  # type: ignore[method-assign]
    assert once(run_tap(server, DELETED, state=run.state)) == deleted(server)


@pytest.mark.parametrize(
    "said", [{"conversations": None}, {}, {"conversations": [], "pages": {"next": [1]}}]
)
def test_an_answer_of_another_form_is_an_error_never_the_end(
    run_tap: Runner, answer: Answer, said: Json
) -> None:
    run = run_tap(answer(Said(said)), DELETED)

    assert run.status == 1
    assert run.failures[0].startswith(f"{DELETED}: ")


# --- Lists ---


@pytest.mark.parametrize("stream", LISTS)
def test_every_item_is_as_it_is(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(10)
    run = run_tap(server, stream)
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


@pytest.mark.parametrize("entry", [None, 5, "a", ["a"], True], ids=repr)
@pytest.mark.parametrize("stream", LISTS)
def test_an_entry_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, stream: str, entry: Any
) -> None:
    """All others are written first."""
    items = [{"id": "1", "name": "a"}, entry, {"id": "3", "name": "c"}]
    run = run_tap(answer(Said(dict.fromkeys(("admins", "teams", "data"), items))), stream)

    assert run.ids(stream) == ["1", "3"]
    assert run.status == 1
    assert run.failures == [
        f"{stream}: the API sent what cannot be a row: 1 null or of another type than an object"
    ]


@pytest.mark.parametrize("entry", [None, 5, "a", ["a"], True], ids=repr)
def test_a_deletion_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, entry: Any
) -> None:
    def said(asked: Asked) -> Said:
        last = asked.query.get("page") == "2"
        row = {"id": "3" if last else "1", "deleted_at": NOW - 9_000}
        following = None if last else f"{server.url}/conversations/deleted?page=2"
        return Said({"conversations": [entry, row, entry], "pages": {"next": following}})

    server = answer(said)
    run = run_tap(server, DELETED)

    assert run.ids(DELETED) == ["1", "3"]
    assert run.status == 1
    # Four of them: what has no id is not taken for a row of the page before.
    assert "4 null or of another type" in run.failures[0]
