"""GET /conversations and the other lists: envelopes, pages, cursors, and their odd forms."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import ids

if TYPE_CHECKING:
    from tests.sandbox.conftest import Client, Serve

Json = dict[str, Any]


def everything(client: Client, **parameters: Any) -> list[Json]:
    """Follow the cursors of the list to its end."""
    found: list[Json] = []
    following: Json = {}
    while True:
        page = client.get("/conversations", **parameters, **following)
        found += page["conversations"]
        if not page["pages"].get("next"):
            return found
        following = {"starting_after": page["pages"]["next"]["starting_after"]}


def test_the_envelope_is_that_of_the_api(serve: Serve) -> None:
    page = serve(50).get("/conversations")
    assert list(page) == ["type", "pages", "total_count", "conversations"]
    assert page["type"] == "conversation.list"
    assert page["total_count"] == 50
    assert len(page["conversations"]) == 20
    assert page["pages"]["per_page"] == 20
    assert page["pages"]["total_pages"] == 3
    assert "conversation_parts" not in page["conversations"][0]


def test_the_list_has_all_conversations_once_latest_first(serve: Serve) -> None:
    client = serve(170)
    found = everything(client, per_page=33)
    order = [(item["updated_at"], item["id"]) for item in found]
    assert order == sorted(order, reverse=True)
    assert sorted(ids(found)) == client.workspace.ids()


@pytest.mark.parametrize(
    ("sort", "order"), [("updated_at", "asc"), ("created_at", "desc"), ("created_at", "nonsense")]
)
def test_the_list_honours_sort_and_order(serve: Serve, sort: str, order: str) -> None:
    client = serve(90)
    moments = [item[sort] for item in everything(client, sort=sort, order=order, per_page=40)]
    assert moments == sorted(moments, reverse=order == "desc")
    assert len(moments) == 90


def test_waiting_since_leaves_out_who_does_not_wait(serve: Serve) -> None:
    client = serve(200)
    waiting = everything(client, sort="waiting_since", order="asc", per_page=7)
    moments = [item["waiting_since"] for item in waiting]
    assert moments == sorted(moments)
    everybody = everything(client, per_page=150)
    expected = [item["id"] for item in everybody if item["waiting_since"] is not None]
    assert sorted(ids(waiting)) == sorted(expected)


def test_the_order_can_be_that_of_creation_whatever_is_asked(serve: Serve) -> None:
    client = serve(60, list_honours_order=False)
    found = everything(client, sort="updated_at", order="asc", per_page=25)
    created = [item["created_at"] for item in found]
    assert created == sorted(created, reverse=True)


def test_a_cursor_says_where_it_stands(serve: Serve) -> None:
    page = serve(50).get("/conversations", per_page=10)
    last = page["conversations"][-1]
    cursor = json.loads(base64.b64decode(page["pages"]["next"]["starting_after"]))
    assert cursor == [last["updated_at"] * 1000, last["id"], 2]


@pytest.mark.parametrize("bad", ["x", "bm8=", base64.b64encode(b'[1, "2", 3]').decode(), "[]"])
def test_a_bad_cursor_is_the_clients_error(serve: Serve, bad: str) -> None:
    answer = serve(10).answer("/conversations", starting_after=bad)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "client_error"


def test_a_row_that_moves_between_two_pages_is_missed_or_repeated(serve: Serve) -> None:
    client = serve(60)
    first = client.get("/conversations", per_page=20)
    after = {"starting_after": first["pages"]["next"]["starting_after"]}
    unseen = client.get("/conversations", per_page=20, **after)["conversations"][5]["id"]
    client.workspace.touch([unseen])
    rest = _rest(client, first)
    assert unseen not in ids(first["conversations"] + rest)
    assert len(rest) == 39


def _rest(client: Client, page: Json) -> list[Json]:
    found: list[Json] = []
    while page["pages"].get("next"):
        after = page["pages"]["next"]["starting_after"]
        page = client.get("/conversations", per_page=20, starting_after=after)
        found += page["conversations"]
    return found


def test_a_page_too_big_is_refused_or_cut(serve: Serve) -> None:
    client = serve(160)
    assert client.answer("/conversations", per_page=151).status_code == 400
    client.server.switches.set(over_max="clamp")
    assert len(client.get("/conversations", per_page=500)["conversations"]) == 150
    assert len(client.search(size=500)["conversations"]) == 150


def test_old_versions_point_to_the_next_page_by_url(serve: Serve) -> None:
    client = serve(50)
    client.version("2.4")
    page = client.get("/conversations", per_page=20, order="asc", sort="created_at")
    found = page["conversations"]
    assert "total_count" not in page
    while page["pages"].get("next"):
        assert page["pages"]["next"].startswith(client.server.url + "/conversations?")
        page = client.session.get(page["pages"]["next"], timeout=10).json()
        found += page["conversations"]
    assert sorted(ids(found)) == client.workspace.ids()
    created = [item["created_at"] for item in found]
    assert created == sorted(created)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_page_number_past_the_end_is_an_empty_page(serve: Serve, order: str) -> None:
    page = serve(50).get("/conversations", per_page=20, page=9, order=order)
    assert page["conversations"] == []
    assert "next" not in page["pages"]


@pytest.mark.parametrize("form", ["string", "url", "page-url"])
def test_next_can_have_other_forms(serve: Serve, form: str) -> None:
    following = serve(50, next_form=form).get("/conversations")["pages"]["next"]
    assert isinstance(following, str)
    assert following.startswith("http") is (form != "string")


def test_the_end_can_have_other_forms(serve: Serve) -> None:
    client = serve(10)
    for form, expected in (
        ("missing", "absent"),
        ("null", None),
        ("empty-object", {}),
        ("null-cursor", {"page": 2, "starting_after": None}),
    ):
        client.server.switches.set(last_form=form)
        pages = client.get("/conversations")["pages"]
        assert pages.get("next", "absent") == expected


def test_the_envelope_can_have_other_forms(serve: Serve) -> None:
    client = serve(10, per_page_as_string=True)
    for form, key, kind in (
        ("conversations", "conversations", list),
        ("data", "data", list),
        ("null", "conversations", type(None)),
    ):
        client.server.switches.set(envelope=form)
        page = client.get("/conversations")
        assert isinstance(page[key], kind)
        assert page["pages"]["per_page"] == "20"
    client.server.switches.set(envelope="none")
    assert set(client.get("/conversations")) == {"type", "pages", "total_count"}


def test_cursors_can_go_in_circles(serve: Serve) -> None:
    client = serve(60, cursor_fault="alternate", cursor_fault_page=3)
    after: Json = {}
    seen = []
    for _ in range(6):
        page = client.get("/conversations", per_page=10, **after)
        seen.append(page["pages"]["page"])
        after = {"starting_after": page["pages"]["next"]["starting_after"]}
    assert seen == [1, 2, 3, 2, 3, 2]


def test_cursors_can_stand_still_a_number_of_times(serve: Serve) -> None:
    client = serve(60, cursor_fault="same", cursor_fault_page=2, cursor_fault_times=2)
    after: Json = {}
    seen = []
    for _ in range(5):
        page = client.get("/conversations", per_page=10, **after)
        seen.append(page["pages"]["page"])
        after = {"starting_after": page["pages"]["next"]["starting_after"]}
    assert seen == [1, 2, 2, 2, 3]


def test_cursors_can_be_refused(serve: Serve) -> None:
    client = serve(60, cursor_fault="refuse", cursor_fault_page=2, cursor_fault_times=1)
    page = client.get("/conversations", per_page=10)
    after = page["pages"]["next"]["starting_after"]
    assert client.answer("/conversations", per_page=10, starting_after=after).status_code == 400
    assert client.answer("/conversations", per_page=10, starting_after=after).status_code == 200


def test_the_deleted_ones_are_listed_by_page_number(serve: Serve) -> None:
    client = serve(100, deleted=25)
    gone = client.workspace.ids()[:3]
    client.workspace.delete(gone)
    page = client.get("/conversations/deleted", per_page=10)
    assert page["type"] == "conversations.list"
    assert page["total_count"] == 28
    assert sorted(ids(page["conversations"][:3])) == gone
    found = page["conversations"]
    while page["pages"].get("next"):
        page = client.session.get(page["pages"]["next"], timeout=10).json()
        found += page["conversations"]
    moments = [item["deleted_at"] for item in found]
    assert moments == sorted(moments, reverse=True)
    assert len(set(ids(found))) == 28
    assert client.answer("/conversations/deleted", per_page=61).status_code == 400
    ascending = client.get("/conversations/deleted", order="asc", per_page=60)["conversations"]
    assert ascending == found[::-1]


def test_side_conversations_come_in_pages(serve: Serve) -> None:
    client = serve(60, deleted=0)
    number = client.workspace.ids()[58]
    first = client.get(f"/conversations/{number}/side_conversations")
    assert first["pages"] == {"type": "pages", "page": 1, "per_page": 25, "total_pages": 3}
    assert len(first["side_conversations"]) == 25
    third = client.get(f"/conversations/{number}/side_conversations", page=3)
    assert len(third["side_conversations"]) == 5
    assert third["total_count"] == 55


def test_the_reference_lists_have_their_envelopes(serve: Serve) -> None:
    client = serve(10)
    for path, kind, key in (
        ("/admins", "admin.list", "admins"),
        ("/teams", "team.list", "teams"),
        ("/tags", "list", "data"),
        ("/segments", "segment.list", "segments"),
        ("/conversations/attributes", "list", "data"),
    ):
        body = client.get(path)
        assert body["type"] == kind
        assert body[key]
    assert client.get("/me")["app"]["region"] == "US"


def test_conversation_attributes_moved(serve: Serve) -> None:
    client = serve(10)
    assert client.answer("/data_attributes", model="conversation").status_code == 422
    archived = client.get("/conversations/attributes", include_archived="true")["data"]
    assert len(archived) == len(client.get("/conversations/attributes")["data"]) + 1
    client.version("2.15")
    assert client.answer("/conversations/attributes").status_code == 400
    old = client.get("/data_attributes", model="conversation")["data"]
    assert {"id" in item for item in old if item["custom"]} == {True}
    assert {"id" in item for item in old if not item["custom"]} == {False}
