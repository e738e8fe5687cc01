"""What a stream does otherwise than the SDK's: keys that stay, a status that is true."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

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
