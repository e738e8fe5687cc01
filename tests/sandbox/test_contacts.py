"""Contacts: who is there, and what becomes of those who were merged or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Workspace
from sandbox.truth import truth
from tests.sandbox.conftest import ids

if TYPE_CHECKING:
    from tests.sandbox.conftest import Client, Serve

Json = dict[str, Any]


def everybody(client: Client) -> list[Json]:
    client.version("Preview")
    return client.pages("/contacts/search", "data")


def test_conversations_carry_living_contacts(serve: Serve) -> None:
    client = serve(80)
    carried = {
        (item["id"], item["external_id"])
        for row in client.search_all()
        for item in row["contacts"]["contacts"]
    }
    assert carried <= {(row["id"], row["external_id"]) for row in everybody(client)}
    authors = {
        (author["id"], author["name"], author["email"], author["type"])
        for author in (row["source"]["author"] for row in client.search_all())
        if author["type"] in ("user", "lead")
    }
    assert authors
    assert authors <= {
        (row["id"], row["name"], row["email"], row["role"]) for row in everybody(client)
    }


def test_the_search_has_what_a_perfect_copy_holds(serve: Serve) -> None:
    client = serve(80)
    assert sorted(ids(everybody(client))) == sorted(client.workspace.contacts.ids())
    true = list(truth(client.workspace, "contacts"))
    for row in true:
        row.pop("merge_history", None)  # which comes if it is asked for
    assert sorted(everybody(client), key=str) == sorted(true, key=str)


def test_how_many_there_are_can_be_said() -> None:
    workspace = Workspace(10, contacts=500)
    assert len(workspace.contacts) == 500
    assert len(list(truth(workspace, "contacts"))) == 500


def test_the_list_goes_by_cursor_in_tens(serve: Serve) -> None:
    client = serve(100)
    page = client.get("/contacts")
    assert page["type"] == "list"
    assert page["total_count"] == 50
    assert len(page["data"]) == page["pages"]["per_page"] == 10
    found = page["data"]
    while page["pages"].get("next"):
        after = page["pages"]["next"]["starting_after"]
        page = client.get("/contacts", starting_after=after)
        found += page["data"]
    assert sorted(ids(found)) == sorted(client.workspace.contacts.ids())
    assert client.answer("/contacts", per_page=151).status_code == 400


def test_a_contact_alone_has_more_to_tell(serve: Serve) -> None:
    client = serve(80)
    number = client.workspace.contacts.ids()[0]
    client.version("2.12")
    assert "enabled_push_messaging" in client.get(f"/contacts/{number}")
    client.version("2.11")
    contact = client.get(f"/contacts/{number}")
    assert "enabled_push_messaging" not in contact
    assert "formatted_phone" in contact
    assert client.answer("/contacts/5ba682d23d7cf92bef87bfd4").status_code == 404


def test_owners_are_numbers_at_first_and_text_later(serve: Serve) -> None:
    client = serve(80)
    kinds = {}
    for version in ("2.15", "2.16"):
        client.version(version)
        rows = client.pages("/contacts/search", "data")
        kinds[version] = {type(row["owner_id"]) for row in rows}
    assert kinds == {"2.15": {int, type(None)}, "2.16": {str, type(None)}}


def test_ten_links_are_shown_and_all_are_listed(serve: Serve) -> None:
    client = serve(300)
    rows = everybody(client)
    for block, path in (("companies", "companies"), ("tags", "tags")):
        many = next(row for row in rows if row[block]["has_more"])
        assert len(many[block]["data"]) == 10
        listed = client.get(many[block]["url"])["data"]
        assert len(listed) == many[block]["total_count"] > 10
        assert ids(listed)[:10] == ids(many[block]["data"])
        links = truth(client.workspace, f"contact_{path}")
        assert len([link for link in links if link["contact_id"] == many["id"]]) == len(listed)


def test_companies_of_a_contact_come_in_pages(serve: Serve) -> None:
    client = serve(300)
    many = next(row for row in everybody(client) if row["companies"]["has_more"])
    page = client.get(many["companies"]["url"], per_page=5)
    assert page["total_count"] == many["companies"]["total_count"]
    found = ids(page["data"])
    while page["pages"]["next"]:
        page = client.session.get(page["pages"]["next"], timeout=10).json()
        found += ids(page["data"])
    assert len(set(found)) == many["companies"]["total_count"]
    assert client.answer(many["companies"]["url"], per_page=61).status_code == 400


@pytest.mark.parametrize("kind", ["attribute", "tag", "company"])
def test_a_change_moves_updated_at(kind: str) -> None:
    workspace = Workspace(40)
    contacts = workspace.contacts
    number = contacts.ids()[3]
    before = contacts.canonical(contacts.ordinal_of(number))
    ((_, at),) = contacts.touch([number], kind=kind)
    after = contacts.canonical(contacts.ordinal_of(number))
    assert after["updated_at"] == at == workspace.now
    changed = {"attribute": "custom_attributes", "tag": "tags", "company": "companies"}[kind]
    assert after[changed] != before[changed]


def test_new_contacts_are_found(serve: Serve) -> None:
    client = serve(40)
    (born,) = client.workspace.contacts.create()
    assert born in ids(everybody(client))
    assert client.get(f"/contacts/{born}")["created_at"] == client.workspace.now


def test_a_merged_contact_leaves_no_trace_but_where_it_went(serve: Serve) -> None:
    client = serve(40)
    contacts = client.workspace.contacts
    first, second, third = contacts.ids()[:3]
    contacts.merge(first, second)
    contacts.merge(second, third)
    assert {first, second}.isdisjoint(ids(everybody(client)))
    for gone in (first, second):
        answer = client.answer(f"/contacts/{gone}")
        assert answer.status_code == 410
        assert answer.json()["errors"][0]["code"] == "contact_merged"
        assert answer.headers["Link"] == f'</contacts/{third}>; rel="canonical"'
    client.version("2.15")
    assert client.answer(f"/contacts/{first}").status_code == 404


def test_a_contact_tells_who_was_merged_into_it_if_it_is_asked(serve: Serve) -> None:
    client = serve(40)
    contacts = client.workspace.contacts
    source = contacts.ids()[0]
    target = next(row["id"] for row in everybody(client)[5:] if row["role"] == "user")
    at = contacts.merge(source, target)
    assert "merge_history" not in client.get(f"/contacts/{target}")
    history = client.get(f"/contacts/{target}", include_merge_history="true")["merge_history"]
    assert {"source": source, "at": at} in [
        {"source": entry["source_contact_id"], "at": entry["merged_at"]} for entry in history
    ]
    client.version("2.15")
    assert "merge_history" not in client.get(f"/contacts/{target}", include_merge_history="true")


def test_a_deleted_contact_is_gone(serve: Serve) -> None:
    client = serve(40)
    gone = client.workspace.contacts.ids()[0]
    client.workspace.contacts.delete([gone])
    assert client.answer(f"/contacts/{gone}").status_code == 404
    assert gone not in ids(everybody(client))


def test_activities_are_told_oldest_first_and_by_a_cursor_that_lasts(serve: Serve) -> None:
    client = serve(300)
    client.version("2.16")
    assert client.answer("/contacts/activities").status_code == 400
    client.version("Preview")
    found: list[Json] = []
    after: Json = {}
    while True:
        page = client.get("/contacts/activities", per_page=40, **after)
        assert set(page) == {"type", "data", "pages"}
        found += page["data"]
        if "next" not in page["pages"]:
            break
        after = {"starting_after": page["pages"]["next"]["starting_after"]}
    assert found == list(truth(client.workspace, "contact_activities"))
    assert [row["created_at"] for row in found] == sorted(row["created_at"] for row in found)
    assert {row["event_type"].removeprefix("contact.") for row in found} == {
        "created",
        "role_updated",
        "merged",
        "merge_failed",
        "deleted",
    }
    last = found[-1]["id"]
    assert client.get("/contacts/activities", starting_after=last)["data"] == []
    contacts = client.workspace.contacts
    source, target, gone = contacts.ids()[:3]
    contacts.merge(source, target)
    contacts.delete([gone])
    merged, deleted = client.get("/contacts/activities", starting_after=last)["data"]
    assert (merged["merge_source_id"], merged["merge_target_id"]) == (source, target)
    assert (deleted["event_type"], deleted["contact_id"]) == ("contact.deleted", gone)
    assert client.answer("/contacts/activities", starting_after="x").status_code == 400
