"""What a stream does otherwise than the SDK's: keys that stay, a status that is true."""

from __future__ import annotations

import gzip
import io
import json
import logging
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.metrics import Metric
from singer_sdk.singerlib.encoding.simple import SimpleSingerWriter

from tap_intercom_conversations.singer.sdk import RowCounter
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.conftest import catalog_of, config_of

if TYPE_CHECKING:
    from tests.conftest import Runner, Serve


def without_inclusion(catalog: dict[str, Any], deselected: set[str]) -> dict[str, Any]:
    """The catalog as other tools write it: without `inclusion`, and with fields deselected."""
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            item["metadata"].pop("inclusion", None)
            if item["breadcrumb"][1:] in [[name] for name in deselected]:
                item["metadata"]["selected"] = False
    return catalog


@pytest.mark.parametrize(
    "case",
    [
        ("conversations", {"updated_at", "id"}),
        ("conversation_tags", {"conversation_updated_at", "tag_id"}),
        ("admins", {"id"}),
    ],
)
@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
def test_keys_are_kept_whatever_a_catalog_deselects(
    serve: Serve,
    run_tap: Runner,
    caplog: pytest.LogCaptureFixture,
    case: tuple[str, set[str]],
    method: str,
) -> None:
    stream, deselected = case
    server = serve(10)
    server.workspace.tag(server.workspace.ids()[:3])
    whole = run_tap(server, stream).records(stream)
    asked_for = method if stream != "admins" else "FULL_TABLE"
    catalog = catalog_of(config_of(server), (stream,), asked_for)
    caplog.clear()
    run = run_tap(server, catalog=without_inclusion(catalog, {*deselected, "name", "title"}))

    assert run.status == 0
    assert len(run.records(stream)) == len(whole) > 0
    for record in run.records(stream):
        assert deselected <= record.keys()
        assert not {"name", "title"} & record.keys()
    assert deselected <= run.schema(stream)["properties"].keys()
    warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert len(warnings) == 1
    assert all(name in warnings[0] for name in deselected)


def statuses(caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """The status of each stream in its `sync_duration` metric."""
    points = [
        json.loads(record.getMessage().removeprefix("METRIC: "))
        for record in caplog.records
        if record.name == "singer_sdk.metrics"
    ]
    return {
        point["tags"]["stream"]: point["tags"]["status"]
        for point in points
        if point["metric"] == "sync_duration"
    }


def test_the_metric_says_which_stream_failed(
    serve: Serve, run_tap: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(10)
    server.switches.set(denied={"tags": "token_unauthorized"})
    run = run_tap(server, "conversations", "admins", "tags")

    assert run.status == 1
    assert statuses(caplog) == {
        "conversations": "succeeded",
        "admins": "succeeded",
        "tags": "failed",
    }


def test_rows_are_counted_on_through_the_log_lines_that_begin_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with RowCounter(Metric.RECORD_COUNT, log_interval=-1) as counter:
        counter.increment()
        counter.increment(2)

    assert counter.rows == 3
    assert [json.loads(line.removeprefix("METRIC: "))["value"] for line in caplog.messages] == [
        1,
        2,
        0,
    ]


@pytest.mark.parametrize("stream", ["conversations", "conversation_tags", "admins"])
def test_files_hold_what_messages_would(
    serve: Serve, run_tap: Runner, tmp_path: Path, stream: str
) -> None:
    server = serve(30)
    server.workspace.tag(server.workspace.ids()[:3])
    records = run_tap(server, stream).records(stream)
    encoding = {"format": "jsonl", "compression": "gzip"}
    storage = {"root": tmp_path.as_uri()}
    run = run_tap(server, stream, batch_config={"encoding": encoding, "storage": storage})
    files = [path for m in run.messages if m["type"] == "BATCH" for path in m["manifest"]]
    lines = [
        line
        for path in files
        for line in gzip.decompress(Path(path.removeprefix("file://")).read_bytes()).splitlines()
    ]

    assert run.status == 0
    assert run.records(stream) == []
    assert [json.loads(line) for line in lines] == records != []


def test_flattened_and_mapped_records_have_the_same_values(serve: Serve, run_tap: Runner) -> None:
    server = serve(30)
    records = run_tap(server).records()
    flat = run_tap(server, flattening_enabled=True, flattening_max_depth=1).records()
    mapped = run_tap(server, stream_maps={"conversations": {"kind": "source['type']"}}).records()

    assert [record["source__type"] for record in flat] == [r["source"]["type"] for r in records]
    assert [record["updated_at"] for record in flat] == [r["updated_at"] for r in records]
    assert mapped == [{**record, "kind": record["source"]["type"]} for record in records]


def test_another_writer_gets_dicts(serve: Serve, run_tap: Runner) -> None:
    server = serve(5)
    expected = run_tap(server).records()
    out = io.StringIO()
    tap = TapIntercomConversations(
        config=config_of(server),
        catalog=catalog_of(config_of(server), ("conversations",)),
        message_writer=SimpleSingerWriter(),
    )
    with redirect_stdout(out):
        tap.sync_all()
    tap.close()
    messages = [json.loads(line) for line in out.getvalue().splitlines()]

    assert [m["record"] for m in messages if m["type"] == "RECORD"] == expected != []
