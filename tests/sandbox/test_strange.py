"""The objects around conversations can be odd, poisoned, and changed by other processes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import FOREVER, ids

if TYPE_CHECKING:
    import requests

    from tests.sandbox.conftest import Client, Serve

Json = dict[str, Any]
SEARCHES = [
    ("/contacts/search", "data", "contacts"),
    ("/companies/search", "data", "companies"),
    ("/tickets/search", "tickets", "tickets"),
]


@pytest.mark.parametrize(("path", "key", "kind"), SEARCHES)
def test_objects_drift_in_the_same_way_everywhere(
    serve: Serve, path: str, key: str, kind: str
) -> None:
    client = serve(20, contacts=60, companies=60, tickets=60)
    client.version("Preview")
    plain = client.pages(path, key)
    client.server.switches.set(drift=0.5)
    odd = client.pages(path, key)
    assert ids(odd) == ids(plain)
    assert [row["updated_at"] for row in odd] == [row["updated_at"] for row in plain]
    changed = [row for row, before in zip(odd, plain, strict=True) if row != before]
    assert len(changed) > 50
    assert any(set(row) - set(plain[0]) for row in odd)
    assert any(isinstance(row["created_at"], str) for row in odd)
    alone = client.get(f"/{kind}/{odd[7]['id']}")
    assert {name: alone[name] for name in odd[7]} == odd[7]


def test_keys_can_drift_too(serve: Serve) -> None:
    client = serve(20, contacts=60, drift_keys=True)
    rows = client.pages("/contacts/search", "data")
    assert {type(row["updated_at"]) for row in rows} > {int, str}


@pytest.mark.parametrize(("path", "key", "kind"), SEARCHES)
def test_one_can_be_poisoned(serve: Serve, path: str, key: str, kind: str) -> None:
    client = serve(20, contacts=30, companies=30, tickets=30)
    client.version("Preview")
    number = client.pages(path, key)[0]["id"]
    client.server.switches.set(poison={number: "nan"})
    answer = client.answer(f"/{kind}/{number}")
    assert b"NaN" in answer.content
    client.server.switches.set(poison={number: "no_id"})
    body = client.post(path, {"query": FOREVER, "pagination": {"per_page": 30}}).json()
    assert sum("id" not in row for row in body[key]) == 1


def orders(client: Client, path: str, order: Json) -> requests.Response:
    return client.post(f"/_sandbox/{path}", order)


def test_other_processes_can_change_them(serve: Serve) -> None:
    client = serve(30, companies=20)
    client.version("Preview")
    contacts = client.workspace.contacts
    first, second, third = contacts.ids()[:3]
    touched = orders(client, "touch", {"of": "contacts", "ids": [first], "kind": "tag"}).json()
    assert touched["touched"] == [{"id": first, "updated_at": client.workspace.now}]
    assert len(orders(client, "touch", {"of": "tickets"}).json()["touched"]) == 1
    (born,) = orders(client, "create", {"of": "companies"}).json()["ids"]
    assert client.get(f"/companies/{born}")["created_at"] == client.workspace.now
    assert orders(client, "delete", {"of": "contacts", "ids": [third]}).json()["ids"] == [third]
    orders(client, "merge", {"source": first, "target": second})
    assert client.answer(f"/contacts/{first}").status_code == 410
    orders(client, "visit", {"ids": [born]})
    assert client.get("/companies")["data"][0]["id"] == born
    rows = client.answer("/_sandbox/truth/contacts").text.splitlines()
    assert sorted(json.loads(row)["id"] for row in rows) == sorted(contacts.ids())
    assert orders(client, "touch", {"of": "planets"}).status_code == 400


def test_one_can_be_broken_for_ever(serve: Serve) -> None:
    client = serve(20, broken_status=500)
    number = client.workspace.contacts.ids()[0]
    client.server.switches.set(broken=[number])
    for below in ("", "/companies", "/tags"):
        assert client.answer(f"/contacts/{number}{below}").status_code == 500
    assert number in ids(client.pages("/contacts/search", "data"))
