"""Catalogs and states that users give, and what is read by them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Runner, bookmarked, catalog_of, config_of, root_of

if TYPE_CHECKING:
    from tests.conftest import Serve

pytestmark = pytest.mark.usefixtures("signal_handlers")


@pytest.mark.parametrize("method", ["INCREMENTAL", "FULL_TABLE"])
def test_the_replication_method_of_a_catalog_is_followed(
    serve: Serve, run_tap: Runner, method: str
) -> None:
    server = serve(20)
    run = run_tap(server, method=method, state=bookmarked("2026-06-01T00:00:00Z"))

    assert len(run.records()) == (20 if method == "FULL_TABLE" else 0)


def test_a_catalog_without_the_replication_key(serve: Serve, run_tap: Runner) -> None:
    """By hand, one is easily forgotten; there is but one that it can be."""
    server = serve(20)
    catalog = catalog_of(config_of(server), ("conversations",))
    for entry in catalog["streams"]:
        entry.pop("replication_key", None)
        root_of(entry).pop("replication-key", None)
    run = run_tap(server, catalog=catalog)

    assert (run.status, len(run.records())) == (0, 20)
    assert run.bookmark() is not None


def test_only_selected_streams_are_asked_for(serve: Serve, run_tap: Runner) -> None:
    server = serve()
    run = run_tap(server, catalog=catalog_of(config_of(server), ("tags",)))

    assert set(server.counters.by_endpoint) == {"tags"}
    assert {message["stream"] for message in run.messages if "stream" in message} == {"tags"}


def test_an_old_catalog_selects_what_the_version_lacks(serve: Serve, run_tap: Runner) -> None:
    server = serve()
    catalog = catalog_of(config_of(server), ("tags", "deleted_conversations"))
    run = run_tap(server, catalog=catalog, api_version="2.14")

    assert run.status == 1
    [line] = run.failures
    assert line.startswith("deleted_conversations: needs api_version 2.16 or later, not 2.14")
    assert run.records("tags")


def test_an_old_catalog_with_a_stream_of_another_tap(serve: Serve, run_tap: Runner) -> None:
    server = serve()
    catalog = catalog_of(config_of(server), ("tags",))
    entry = json.loads(json.dumps(catalog["streams"][-1]))
    entry |= {"stream": "macros", "tap_stream_id": "macros"}
    root_of(entry)["selected"] = True
    catalog["streams"].append(entry)
    run = run_tap(server, catalog=catalog)

    assert run.status == 1
    assert run.failures == [
        "macros: is no stream of this tap; deselect it, or discover the catalog anew"
    ]


def test_a_state_with_streams_of_another_tap_is_no_matter(serve: Serve, run_tap: Runner) -> None:
    server = serve()
    state = {"bookmarks": {"macros": {"cursor": "x"}, "tags": {"anything": 1}}}

    assert run_tap(server, "tags", state=state).status == 0
