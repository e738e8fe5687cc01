"""Every record of every stream and API version is valid against the SCHEMA that was sent for it.

With `drift`, the workspace sends what the API has been seen to send in place of what it documents.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft7Validator

from sandbox.versions import KNOWN
from tap_intercom_conversations.settings import VERSIONS
from tap_intercom_conversations.streams.registry import STREAMS
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.support.hostile import format_checker
from tests.support.truth import conversations, moment

if TYPE_CHECKING:
    from tests.conftest import Json, Run, Runner, Serve

ALL = tuple(stream.name for stream in STREAMS)
NEWEST = ("2.14", "2.15", "2.16", "Preview")
"""Versions that have one stream or field more each."""


@cache
def validator(schema: str) -> Draft7Validator:
    return Draft7Validator(json.loads(schema), format_checker=format_checker)


def invalid(run: Run, stream: str) -> list[str]:
    """What is wrong with the records of a stream."""
    errors = validator(json.dumps(run.schema(stream)))
    return [
        f"{stream} {record.get('id')} {list(error.path)}: {error.message[:200]}"
        for record in run.records(stream)
        for error in errors.iter_errors(record)
    ]


def streams_of(version: str) -> set[str]:
    """The streams that a version has."""
    config = {"access_token": "-", "api_version": version, **endpoint_of(version)}
    tap = TapIntercomConversations(config=config)
    try:
        return set(tap.streams)
    finally:
        tap.close()


def endpoint_of(version: str) -> Json:
    """The search came with 2.0."""
    return {"conversations_endpoint": "list"} if version.startswith("1.") else {}


@pytest.mark.parametrize(
    ("version", "drift"),
    [
        *((version, 0.0) for version in ("1.0", "2.0", "2.5", "2.7", "2.11", *NEWEST)),
        *((version, 0.5) for version in VERSIONS),
    ],
)
def test_every_record_of_every_version_is_valid(
    serve: Serve, run_tap: Runner, version: str, drift: float
) -> None:
    server = serve(12, exact_parts={3: 12}, drift=drift, drift_keys=drift > 0)
    streams = streams_of(version)
    run = run_tap(server, *ALL, api_version=version, **endpoint_of(version))

    assert run.status == 0
    assert {message["stream"] for message in run.messages if "stream" in message} == streams
    assert [error for stream in sorted(streams) for error in invalid(run, stream)] == []
    # All of them, whatever they look like, and as of the moment that they have.
    assert dict(zip(run.ids(), (r["updated_at"] for r in run.records()), strict=True)) == {
        key: moment(at) for key, at in conversations(server).items()
    }
    assert len(run.records("conversation_parts")) == 12 * 3


def test_the_sandbox_knows_every_version_that_may_be_set() -> None:
    assert set(VERSIONS) <= set(KNOWN)


@pytest.mark.parametrize("seed", [2, 3])
def test_drift_at_its_worst(serve: Serve, run_tap: Runner, seed: int) -> None:
    server = serve(60, seed=seed, drift=1.0, drift_keys=True)
    run = run_tap(server, *ALL, api_version="Preview", include_qa=True)

    assert run.status == 0
    assert [error for stream in ALL for error in invalid(run, stream)] == []
    assert set(run.ids()) == conversations(server).keys()


@pytest.mark.parametrize("stream", ["conversations", "conversation_parts"])
def test_what_nobody_documented_is_kept(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(40, drift=1.0)
    records = run_tap(server, stream).records(stream)
    kept = [name for record in records for name in record.get("undocumented_fields") or ()]

    assert len(set(kept)) > 3


def test_one_shape_whatever_the_version(serve: Serve, run_tap: Runner) -> None:
    """The fields that all versions have are the same for SQL."""
    server = serve(30)
    by_version: dict[str, dict[str, Json]] = {}
    for version in ("2.0", "2.5", "2.7", *NEWEST):
        run = run_tap(server, api_version=version)
        by_version[version] = {record["id"]: record for record in run.records()}
    newest = by_version.pop("Preview")

    for records in by_version.values():
        assert records.keys() == newest.keys()
        for identifier, record in records.items():
            for name in ("state", "open", "read", "created_at", "updated_at"):
                assert record[name] == newest[identifier][name]
            for block in ("contacts", "tags", "teammates"):
                assert ids_in(record, block) == ids_in(newest[identifier], block)


def ids_in(record: Json, block: str) -> list[str]:
    """The ids in a list that was a bare array, an object, or null."""
    return [item["id"] for item in (record[block] or {block: []})[block]]
