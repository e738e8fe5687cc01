"""Links of conversations, as the simulated workspace has them, in every version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.truth import conversations, moment, rows

if TYPE_CHECKING:
    from tests.conftest import Json, Runner, Serve

TAGS, CONTACTS, TEAMMATES = "conversation_tags", "conversation_contacts", "conversation_teammates"
STREAMS = (TAGS, CONTACTS, TEAMMATES)
KEYS = {TAGS: "tag_id", CONTACTS: "contact_id", TEAMMATES: "admin_id"}


def pairs(records: list[Json], stream: str) -> list[tuple[Any, ...]]:
    """The links: which conversation, as of when, with what."""
    return sorted(
        (record["conversation_id"], record["conversation_updated_at"], record[KEYS[stream]])
        for record in records
    )


@pytest.mark.parametrize("endpoint", ["search", "list"])
@pytest.mark.parametrize("stream", STREAMS)
def test_every_link_once(serve: Serve, run_tap: Runner, stream: str, endpoint: str) -> None:
    server = serve(100)
    server.workspace.tag(server.workspace.ids()[::9])
    run = run_tap(server, stream, conversations_endpoint=endpoint, page_size=30)
    truth = rows(server, stream, run.schema(stream))

    assert run.status == 0
    assert pairs(run.records(stream), stream) == pairs(truth, stream)
    assert len(truth) > 8


def test_a_tags_row_says_who_applied_it_when(serve: Serve, run_tap: Runner) -> None:
    server = serve(300)
    run = run_tap(server, TAGS)
    truth = {
        (row["conversation_id"], row["tag_id"]): row for row in rows(server, TAGS, run.schema(TAGS))
    }

    assert len(truth) > 3
    for record in run.records(TAGS):
        row = truth[record["conversation_id"], record["tag_id"]]
        by = row["applied_by"]
        assert (record["name"], record["applied_at"]) == (row["name"], row["applied_at"])
        assert (record["applied_by_type"], record["applied_by_id"]) == (by["type"], by["id"])


@pytest.mark.parametrize("stream", STREAMS)
def test_only_the_pages_are_asked_for(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(200)
    run_tap(server, stream)

    assert set(server.counters.by_endpoint) == {"me", "search"}
    assert server.counters.requests <= 6


@pytest.mark.parametrize("stream", STREAMS)
def test_only_what_changed_comes_again(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(100)
    first = run_tap(server, stream)
    server.workspace.tick(600)
    touched = server.workspace.ids()[:20]
    server.workspace.touch(touched)
    second = run_tap(server, stream, state=first.state, lookback_window=0)
    truth = [
        row
        for row in rows(server, stream, second.schema(stream))
        if row["conversation_id"] in touched
    ]
    again = [row for row in second.records(stream) if row["conversation_id"] in touched]

    assert pairs(again, stream) == pairs(truth, stream)
    # The bookmark is the conversations', not the links'.
    assert second.bookmark(stream) == moment(max(conversations(server).values()))


@pytest.mark.parametrize("version", ["2.0", "2.3", "2.5", "2.7", "2.10", "2.14", "Preview"])
def test_every_version_has_the_same_links(serve: Serve, run_tap: Runner, version: str) -> None:
    server = serve(100)
    old = run_tap(server, CONTACTS, api_version=version).records(CONTACTS)
    new = run_tap(server, CONTACTS).records(CONTACTS)

    assert pairs(old, CONTACTS) == pairs(new, CONTACTS)
