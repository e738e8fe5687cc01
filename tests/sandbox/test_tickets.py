"""Tickets: both shapes of one, its parts inline, its types and states, and their search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Workspace
from sandbox.truth import truth
from tests.sandbox.conftest import ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Client, Serve

Json = dict[str, Any]
PATH = "/tickets/search"


def everything(client: Client, version: str = "Preview", **more: Any) -> list[Json]:
    client.version(version)
    return client.pages(PATH, "tickets", **more)


def one(field: str, operator: str, value: Any) -> Json:
    return {"field": field, "operator": operator, "value": value}


def parts_of(ticket: Json) -> list[Json]:
    parts: list[Json] = ticket["ticket_parts"]["ticket_parts"]
    return parts


def test_each_conversation_that_is_a_ticket_is_in_the_search(serve: Serve) -> None:
    client = serve(400)
    conversations = [row for row in client.search_all() if row["ticket"]]
    tickets = {row["id"]: row for row in everything(client)}
    assert sorted(row["ticket"]["id"] for row in conversations) == sorted(tickets)
    for conversation in conversations:
        ticket = tickets[conversation["ticket"]["id"]]
        for moment in ("created_at", "updated_at"):
            assert ticket[moment] == conversation[moment]
        assert ticket["contacts"]["contacts"][0] == conversation["contacts"]["contacts"][0]


def test_the_search_has_what_a_perfect_copy_holds(serve: Serve) -> None:
    client = serve(10, tickets=70)
    found = everything(client, sort={"field": "updated_at", "order": "ascending"})
    assert found == list(truth(client.workspace, "tickets"))
    parts = list(truth(client.workspace, "ticket_parts"))
    assert [part["id"] for part in parts] == [p["id"] for row in found for p in parts_of(row)]
    assert len({part["id"] for part in parts}) == len(parts)


def test_the_envelope_has_tickets_in_twenties(serve: Serve) -> None:
    client = serve(10, tickets=70)
    page = client.post(PATH, {"query": one("created_at", ">", 0)}).json()
    assert list(page) == ["type", "pages", "total_count", "tickets"]
    assert (page["type"], len(page["tickets"]), page["total_count"]) == ("ticket.list", 20, 70)


def test_a_state_is_text_up_to_2_11_and_an_object_since(serve: Serve) -> None:
    client = serve(10, tickets=70)
    old = everything(client, "2.11")
    new = everything(client, "2.12")
    for before, after in zip(old, new, strict=True):
        state = after["ticket_state"]
        assert before["ticket_state"] == state["category"]
        assert before["ticket_state_internal_label"] == state["internal_label"]
        assert before["ticket_state_external_label"] == state["external_label"]
        assert "ticket_state_internal_label" not in after
        assert {type(part["ticket_state"]) for part in parts_of(after)} <= {str}
    assert len({row["ticket_state"]["id"] for row in new}) == 5


def test_assignees_are_text_up_to_2_15_and_numbers_since(serve: Serve) -> None:
    client = serve(10, tickets=70)
    for version, nobody in (("2.15", "0"), ("2.16", 0)):
        rows = everything(client, version)
        for key in ("admin_assignee_id", "team_assignee_id"):
            assert nobody in [row[key] for row in rows]
            assert {type(row[key]) for row in rows} == {type(nobody)}


def test_parts_are_five_hundred_at_most_and_all_are_counted(serve: Serve) -> None:
    client = serve(10, tickets=70)
    counts = {row["ticket_parts"]["total_count"]: len(parts_of(row)) for row in everything(client)}
    assert (counts[0], counts[500], counts[740]) == (0, 500, 500)
    client.server.switches.set(ticket_parts_in_search=2)
    short = next(row for row in everything(client) if row["ticket_parts"]["total_count"] == 4)
    assert len(parts_of(short)) == 2
    assert parts_of(client.get(f"/tickets/{short['id']}"))[-2:] == parts_of(short)


def test_the_search_knows_its_fields(serve: Serve) -> None:
    client = serve(10, tickets=70)
    rows = everything(client)
    value = sorted(row["updated_at"] for row in rows)[30]
    severity = next(
        item["id"]
        for item in rows[0]["ticket_type"]["ticket_type_attributes"]["data"]
        if item["name"] == "Severity"
    )
    cases: list[tuple[Json, Callable[[Json], bool]]] = [
        (one("updated_at", ">", value), lambda row: row["updated_at"] > value),
        (one("updated_at", ">=", value), lambda row: row["updated_at"] >= value),
        (one("updated_at", "<=", value), lambda row: row["updated_at"] <= value),
        (one("category", "=", "task"), lambda row: row["category"] == "Back-office"),
        (one("open", "=", "false"), lambda row: not row["open"]),
        (one("state", "=", "resolved"), lambda row: row["ticket_state"]["category"] == "resolved"),
        (one("snoozed_until", ">", 0), lambda row: "snoozed_until" in row),
        (
            one(f"ticket_attribute.{severity}", "=", "High"),
            lambda row: (
                row["ticket_type"]["id"] == rows[0]["ticket_type"]["id"]
                and row["ticket_attributes"]["Severity"] == "High"
            ),
        ),
    ]
    for query, test in cases:
        found = everything(client, query=query)
        assert sorted(ids(found)) == sorted(ids([row for row in rows if test(row)]))
        assert found


@pytest.mark.parametrize("kind", ["comment", "note", "assignment", "state", "attribute"])
def test_a_change_is_a_part_and_moves_updated_at(kind: str) -> None:
    tickets = Workspace(10, tickets=30).tickets
    number = tickets.ids()[7]
    before = tickets.canonical(tickets.ordinal_of(number))
    ((_, at),) = tickets.touch([number], kind=kind)
    after = tickets.canonical(tickets.ordinal_of(number))
    assert after["updated_at"] == at
    assert parts_of(after)[:-1] == parts_of(before)
    assert parts_of(after)[-1]["created_at"] == at
    if kind == "state":
        assert after["previous_ticket_state_id"] == before["ticket_state"]["id"]


def test_tickets_come_and_go(serve: Serve) -> None:
    client = serve(10, tickets=30)
    tickets = client.workspace.tickets
    (born,) = tickets.create()
    gone = tickets.ids()[0]
    tickets.delete([gone])
    assert born in ids(everything(client))
    assert gone not in ids(everything(client))
    answer = client.answer(f"/tickets/{gone}")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "ticket_not_found")


def test_types_and_states_know_each_other(serve: Serve) -> None:
    client = serve(10, tickets=30)
    types, states = client.get("/ticket_types")["data"], client.get("/ticket_states")["data"]
    assert len(types) == 5
    assert [row["archived"] for row in types].count(True) == 1
    assert all(row["ticket_type_attributes"]["data"] for row in types)
    assert all(row["ticket_type"] in types for row in everything(client, "2.16"))
    living = [row["id"] for row in states if not row["archived"]]
    assert ids(types[0]["ticket_states"]["data"]) == living
    assert ids(states[0]["ticket_types"]["data"]) == ids(types)
    client.version("2.11")
    assert client.answer("/ticket_states").status_code == 400
    assert "ticket_states" not in client.get("/ticket_types")["data"][0]


def test_not_every_token_may_read_them(serve: Serve) -> None:
    client = serve(10, tickets_scope=False)
    for answer in (
        client.post(PATH, {"query": one("open", "=", "true")}),
        client.answer("/tickets/1"),
    ):
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["code"] == "token_unauthorized"


def test_old_versions_have_no_search(serve: Serve) -> None:
    client = serve(10)
    client.version("2.9")
    assert client.post(PATH, {"query": one("open", "=", "true")}).status_code == 400
