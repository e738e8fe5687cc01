"""tickets and ticket_parts are the truth of the simulated workspace, in every version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW
from tests.support.truth import differences, rows

if TYPE_CHECKING:
    from tests.conftest import Json, Runner, Serve

BOTH = ("tickets", "ticket_parts")
VERSIONS = ("2.11", "2.14", "2.16", "2.17", "Preview")


def planned(server: Any, stream: str, schema: Json) -> dict[Any, Json]:
    """The truth by key, as tables have it."""
    found = {}
    for row in rows(server, stream, schema):
        row.pop("ticket_parts", None)  # they are a table of their own
        found[row.get("ticket_id") if stream == "ticket_parts" else None, row["id"]] = row
    return found


@pytest.mark.parametrize("stream", BOTH)
def test_every_row_is_as_it_is(serve: Serve, run_tap: Runner, stream: str) -> None:
    server = serve(1_000)
    run = run_tap(server, stream, api_version="Preview")
    records = {
        (record["ticket_id"] if stream == "ticket_parts" else None, record["id"]): record
        for record in run.records(stream)
    }
    truth = planned(server, stream, run.schema(stream))

    assert run.status == 0
    assert len(run.records(stream)) == len(records)
    assert records.keys() == truth.keys()
    assert {name for key in truth for name in differences(records[key], truth[key])} == set()
    assert not any(record.get("undocumented_fields") for record in records.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_one_shape_whatever_the_version(serve: Serve, run_tap: Runner, version: str) -> None:
    server = serve(1_000, ticket_attributes_key="ticket_type_attributes")
    run = run_tap(server, *BOTH, api_version=version)
    truth = planned(server, "tickets", run.schema("tickets"))

    assert run.status == 0
    assert {(None, key) for key in run.ids("tickets")} == truth.keys()
    for record in run.records("tickets"):
        wanted = truth[None, record["id"]]
        for name in ("admin_assignee_id", "team_assignee_id", "updated_at", "open"):
            assert record[name] == wanted[name]
        for name in ("category", "internal_label", "external_label"):
            assert record["ticket_state"][name] == wanted["ticket_state"][name]
        attributes = record["ticket_type"]["ticket_type_attributes"]["data"]
        assert attributes == wanted["ticket_type"]["ticket_type_attributes"]["data"]
    assert "ticket" not in server.counters.by_endpoint
    assert server.counters.by_endpoint["tickets_search"] <= 4


def test_many_tickets_cost_no_request_each(serve: Serve, run_tap: Runner) -> None:
    server = serve(20, tickets=3_000)
    run = run_tap(server, *BOTH)

    assert len(run.records("tickets")) == 3_000
    assert server.counters.requests < 3_000 / 150 * 1.8 + 10


def test_where_the_search_serves_fewer_parts_the_ticket_is_asked(
    serve: Serve, run_tap: Runner
) -> None:
    server = serve(1_000, ticket_parts_in_search=3)
    run = run_tap(server, "ticket_parts", api_version="Preview")
    truth = planned(server, "ticket_parts", run.schema("ticket_parts"))
    keys = [(record["ticket_id"], record["id"]) for record in run.records("ticket_parts")]
    longer = {key for key, _ in truth if sum(key == other for other, _ in truth) > 3}

    assert run.status == 0
    assert sorted(keys) == sorted(truth)
    assert server.counters.by_endpoint["ticket"] == len(longer) > 5


def test_only_what_changed_comes_again(serve: Serve, run_tap: Runner) -> None:
    server = serve(1_000)
    first = run_tap(server, *BOTH)
    tickets = server.workspace.tickets
    some = tickets.ids()[:2]
    run_tap.now = NOW + 100_000
    tickets.touch(some, at=NOW + 5_000)
    second = run_tap(server, *BOTH, state=first.state)

    # And the one that the bookmark stands at: what shares its time may have come late.
    assert second.ids("tickets") == [first.ids("tickets")[-1], *some]
    assert [*dict.fromkeys(r["ticket_id"] for r in second.records("ticket_parts"))] == (
        second.ids("tickets")
    )


def ticket(identifier: str, **fields: Any) -> Json:
    return {"type": "ticket", "id": identifier, "updated_at": NOW - 5_000, **fields}
