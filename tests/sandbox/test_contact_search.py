"""POST /contacts/search: by the day up to 2.16, by the second since, in the order asked for."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from sandbox import LATE
from tests.sandbox.conftest import ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Client, Serve

Json = dict[str, Any]
ASCENDING = {"field": "updated_at", "order": "ascending"}
ZONES = ("Pacific/Pago_Pago", "UTC", "Europe/Berlin", "Pacific/Kiritimati")


def one(operator: str, value: Any, field: str = "updated_at") -> Json:
    return {"field": field, "operator": operator, "value": value}


def updated(client: Client, operator: str, value: int) -> list[int]:
    """Return when those were updated that the search finds, and check that it counts them."""
    query = one(operator, value)
    rows = client.pages("/contacts/search", "data", query=query, sort=ASCENDING)
    page = client.post("/contacts/search", {"query": query, "pagination": {"per_page": 1}}).json()
    assert page["total_count"] == len(rows)
    return [row["updated_at"] for row in rows]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("version", ["2.7", "2.16"])
def test_dates_are_days_of_the_workspaces_timezone(serve: Serve, zone: str, version: str) -> None:
    client = serve(600, timezone=zone)
    client.version(version)

    def day(moment: int) -> str:
        return datetime.fromtimestamp(moment, ZoneInfo(zone)).date().isoformat()

    moments = [row["updated_at"] for row in client.pages("/contacts/search", "data")]
    busy, _ = Counter(map(day, moments)).most_common(1)[0]
    value = next(moment for moment in moments if day(moment) == busy)
    assert updated(client, ">", value) == sorted(at for at in moments if day(at) > busy)
    assert updated(client, "<", value) == sorted(at for at in moments if day(at) < busy)
    assert updated(client, "=", value) == sorted(at for at in moments if day(at) == busy)
    assert client.get("/me")["app"]["timezone"] == zone


def test_a_timezone_is_one_that_there_is(serve: Serve) -> None:
    client = serve(10)
    with pytest.raises(ValueError, match="no such timezone"):
        client.server.switches.set(timezone="Europe/Nowhere")


@pytest.mark.parametrize("version", ["2.17", "Preview"])
def test_newer_versions_know_the_second(serve: Serve, version: str) -> None:
    client = serve(200)
    client.version(version)
    moments = sorted(row["updated_at"] for row in client.pages("/contacts/search", "data"))
    value = moments[40]
    assert updated(client, ">", value) == [at for at in moments if at > value]
    assert updated(client, ">=", value) == [at for at in moments if at >= value]
    assert updated(client, "<", value) == [at for at in moments if at < value]
    assert updated(client, "<=", value) == [at for at in moments if at <= value]
    assert updated(client, "=", value) == [at for at in moments if at == value]


@pytest.mark.parametrize("operator", ["!=", ">=", "<=", "IN", "NIN"])
def test_days_take_few_operators(serve: Serve, operator: str) -> None:
    client = serve(20)
    value = [1] if operator.endswith("IN") else 1
    for name in ("updated_at", "last_seen_at"):
        answer = client.post("/contacts/search", {"query": one(operator, value, name)})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "invalid_operator"


def test_an_order_is_spelled_out_from_2_16_on(serve: Serve) -> None:
    client = serve(100)
    body = {"query": one(">", 0), "sort": {"field": "updated_at", "order": "asc"}}
    for version in ("2.16", "2.17", "Preview"):
        client.version(version)
        answer = client.post("/contacts/search", body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "invalid_sort_order"
    client.version("2.15")
    found = [row["updated_at"] for row in client.post("/contacts/search", body).json()["data"]]
    assert found == sorted(found, reverse=True)


def test_pages_have_fifty_unless_something_is_said(serve: Serve) -> None:
    client = serve(140)
    page = client.post("/contacts/search", {"query": one(">", 0)}).json()
    assert list(page) == ["type", "pages", "total_count", "data"]
    assert len(page["data"]) == 50
    assert page["total_count"] == 70
    body = {"query": one(">", 0), "pagination": {"per_page": 50, "page": 2}}
    assert ids(client.post("/contacts/search", body).json()["data"]) == ids(page["data"])
    body["pagination"] = {"per_page": 151}
    assert client.post("/contacts/search", body).status_code == 400


def test_other_fields_can_be_searched_for(serve: Serve) -> None:
    client = serve(200)
    rows = client.pages("/contacts/search", "data")
    cases: list[tuple[Json, Callable[[Json], bool]]] = [
        (one("=", "lead", "role"), lambda row: row["role"] == "lead"),
        (one("=", rows[3]["email"], "email"), lambda row: row["email"] == rows[3]["email"]),
        (one("=", "Dublin", "location.city"), lambda row: row["location"]["city"] == "Dublin"),
        (
            one("=", "Team", "custom_attributes.plan"),
            lambda row: row["custom_attributes"]["plan"] == "Team",
        ),
    ]
    for query, test in cases:
        found = client.pages("/contacts/search", "data", query=query)
        assert sorted(ids(found)) == sorted(ids([row for row in rows if test(row)]))
        assert found
    unknown = client.post("/contacts/search", {"query": one("=", 1, "waiting_since")})
    assert unknown.json()["errors"][0]["code"] == "invalid_field"


def test_the_index_lags_and_the_lists_do_not(serve: Serve) -> None:
    client = serve(40)
    client.version("2.17")
    contacts = client.workspace.contacts
    before = client.workspace.now
    contacts.touch_some(1, late=LATE)
    assert updated(client, ">", before) == []
    (born,) = contacts.create()
    assert born in ids(client.get("/contacts", per_page=150)["data"])
    client.workspace.reindex(everything=True)
    assert len(updated(client, ">", before)) == 2


def test_the_search_of_contacts_lags_as_that_of_conversations_does(serve: Serve) -> None:
    client = serve(40, index_lag=30, index_lag_clock="simulated")
    client.version("2.17")
    before = client.workspace.now
    client.workspace.contacts.touch_some(1)
    assert updated(client, ">", before) == []
    client.workspace.tick(30)
    assert len(updated(client, ">", before)) == 1


def test_contacts_change_between_two_pages(serve: Serve) -> None:
    client = serve(100, churn=2)
    client.post("/contacts/search", {"query": one(">", 0)})
    assert sum(client.workspace.contacts.version_of(n) for n in range(50)) == 2


def test_an_order_of_many_lies_can_be_told(serve: Serve) -> None:
    client = serve(140, count_lie="capped", count_cap=7, cursor_fault="refuse")
    page = client.post("/contacts/search", {"query": one(">", 0)}).json()
    assert page["total_count"] == 7
    client.server.switches.set(denied={"contacts_search": "token_unauthorized"})
    assert client.post("/contacts/search", {"query": one(">", 0)}).status_code == 401
