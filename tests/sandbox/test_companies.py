"""Companies: the list and where it ends, the scroll and when it goes, the search of Preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.truth import truth
from tests.sandbox.conftest import ids

if TYPE_CHECKING:
    from tests.sandbox.conftest import Client, Serve

Json = dict[str, Any]


def listed(client: Client, **parameters: Any) -> Json:
    answer = client.post("/companies/list", None, **parameters)
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    return page


def scroll(client: Client, parameter: str = "") -> requests.Response:
    return client.answer("/companies/scroll", **({"scroll_param": parameter} if parameter else {}))


def said(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["message"]


def test_the_list_has_all_companies_with_users_last_seen_first(serve: Serve) -> None:
    client = serve(1_000)
    page = listed(client)
    assert (len(page["data"]), page["total_count"]) == (15, 100)
    found = page["data"]
    while page["pages"]["next"]:
        page = client.session.post(page["pages"]["next"], timeout=10).json()
        found += page["data"]
    seen = [row["last_request_at"] for row in found]
    assert seen == sorted(seen, reverse=True)
    updated = [row["updated_at"] for row in found]
    assert updated != sorted(updated, reverse=True)
    client.version("Preview")
    assert sorted(ids(found)) == sorted(row["id"] for row in truth(client.workspace, "companies"))
    oldest = listed(client, order="asc", per_page=60)["data"]
    assert ids(oldest) == ids(found[:-61:-1])
    assert client.post("/companies/list", None, per_page=61).status_code == 400


def test_a_company_without_users_is_found_by_its_id_alone(serve: Serve) -> None:
    client = serve(1_000)
    companies = client.workspace.companies
    empty = companies.id_of(len(companies))
    assert client.get(f"/companies/{empty}")["user_count"] == 0
    assert empty not in ids(listed(client, per_page=60)["data"])
    assert len(list(truth(client.workspace, "companies"))) == len(companies) == 100


def test_a_company_is_found_by_its_name(serve: Serve) -> None:
    client = serve(1_000)
    one = listed(client)["data"][3]
    assert client.get("/companies", company_id=one["company_id"]) == one
    answer = client.answer("/companies", name="nobody")
    assert answer.json()["errors"][0]["code"] == "company_not_found"
    assert client.get("/companies")["data"] == listed(client)["data"]


def test_the_list_ends_at_ten_thousand(serve: Serve) -> None:
    client = serve(10, companies=10_050)
    last = listed(client, per_page=50, page=200)
    assert len(last["data"]) == 50
    assert last["total_count"] == 10_050
    refused = client.post("/companies/list", None, per_page=50, page=201)
    assert said(refused) == (400, "page limit reached, please use scroll API")


def test_a_visit_moves_a_company_in_the_list_and_an_update_does_not(serve: Serve) -> None:
    client = serve(1_000)
    companies = client.workspace.companies
    before = ids(listed(client, per_page=60)["data"])
    last, updated = before[-1], before[20]
    ((_, at),) = companies.touch([updated])
    assert ids(listed(client, per_page=60)["data"]) == before
    assert client.get(f"/companies/{updated}")["updated_at"] == at
    companies.visit([last])
    page = listed(client, per_page=60)["data"]
    assert page[0]["id"] == last
    assert page[0]["updated_at"] < at


def test_a_deleted_company_is_gone_from_its_contacts_too(serve: Serve) -> None:
    client = serve(1_000)
    contact = client.get("/contacts")["data"][0]
    gone = contact["companies"]["data"][0]["id"]
    client.workspace.companies.delete([gone])
    assert client.answer(f"/companies/{gone}").status_code == 404
    assert gone not in ids(client.get(contact["companies"]["url"])["data"])


def test_the_scroll_brings_all_companies_once(serve: Serve) -> None:
    client = serve(10, companies=250)
    page = scroll(client).json()
    assert (page["pages"], page["total_count"], len(page["data"])) == (None, None, 100)
    found = ids(page["data"])
    while page["data"]:
        page = scroll(client, page["scroll_param"]).json()
        found += ids(page["data"])
    assert sorted(found) == sorted(client.workspace.companies.ids())
    assert scroll(client, page["scroll_param"]).status_code == 404
    assert scroll(client).status_code == 200


def test_there_is_one_scroll_at_a_time(serve: Serve) -> None:
    client = serve(10, companies=250)
    parameter = scroll(client).json()["scroll_param"]
    assert said(scroll(client)) == (400, "scroll already exists for this workspace")
    assert scroll(client, parameter).status_code == 200


def test_a_scroll_that_nobody_uses_is_gone_after_a_minute(serve: Serve) -> None:
    client = serve(10, companies=250)
    parameter = scroll(client).json()["scroll_param"]
    client.workspace.tick(59)
    assert scroll(client, parameter).status_code == 200
    client.workspace.tick(60)
    assert scroll(client, parameter).status_code == 404
    assert scroll(client).status_code == 200


def test_a_scroll_can_go_by_the_real_clock(serve: Serve) -> None:
    client = serve(10, companies=250, scroll_clock="real", scroll_lifetime=30)
    parameter = scroll(client).json()["scroll_param"]
    client.workspace.tick(3_600)
    assert scroll(client, parameter).status_code == 200
    client.server.switches.set(scroll_lifetime=0)
    assert scroll(client, parameter).status_code == 404


def test_a_page_of_a_scroll_that_is_lost_on_its_way_does_not_come_again(serve: Serve) -> None:
    client = serve(10, companies=250)
    page = scroll(client).json()
    client.server.switches.set(fault_torn=1)
    with pytest.raises(requests.exceptions.JSONDecodeError):
        scroll(client, page["scroll_param"]).json()
    client.server.switches.set(fault_torn=0)
    rest = scroll(client, page["scroll_param"]).json()
    assert len(rest["data"]) == 50


def test_a_scroll_that_breaks_is_begun_anew(serve: Serve) -> None:
    client = serve(10, companies=250)
    parameter = scroll(client).json()["scroll_param"]
    client.server.switches.set(scroll_fault=1)
    status, message = said(scroll(client, parameter))
    assert status == 500
    assert message.endswith("Please restart the scroll operation.")
    client.server.switches.set(scroll_fault=0)
    assert len(scroll(client).json()["data"]) == 100


def test_only_preview_searches(serve: Serve) -> None:
    client = serve(1_000)
    query = {"field": "updated_at", "operator": ">", "value": 1_600_000_000}
    assert client.post("/companies/search", {"query": query}).status_code == 400
    client.version("Preview")
    assert len(client.post("/companies/search", {"query": query}).json()["data"]) == 15
    rows = list(truth(client.workspace, "companies"))
    order = {"field": "updated_at", "order": "ascending"}
    found = client.pages("/companies/search", "data", query=query, sort=order)
    assert found == [row for row in rows if row["updated_at"] > 1_600_000_000]


@pytest.mark.parametrize(("notes", "version"), [("notes", "2.16"), ("data", "Preview")])
def test_notes_come_under_either_key(serve: Serve, notes: str, version: str) -> None:
    client = serve(100, company_notes=notes)
    client.version(version)
    assert all(row["notes"][notes] for row in listed(client)["data"])
    client.version("2.15")
    assert not any("notes" in row for row in listed(client)["data"])


def test_a_plan_can_be_empty(serve: Serve) -> None:
    plans = [row["plan"] for row in listed(serve(1_000), per_page=60)["data"]]
    assert {} in plans
    assert any("name" in plan for plan in plans)
