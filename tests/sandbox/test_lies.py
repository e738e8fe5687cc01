"""What lists say of themselves that is not so, each switch on each endpoint that has it."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.conftest import ids

if TYPE_CHECKING:
    from tests.sandbox.conftest import Client, Json, Serve

ENDPOINTS = ("list", "search", "deleted")
SIDE = 97 + 58
"""The ordinal of a conversation with 55 side conversations."""


def page(client: Client, endpoint: str, number: int = 1, size: int = 10) -> Json:
    """A page by its number, of 60 conversations or 60 deleted ones."""
    if endpoint == "deleted":
        return client.get("/conversations/deleted", per_page=size, page=number)
    after: Json = {}
    while True:
        if endpoint == "list":
            found = client.get("/conversations", per_page=size, **after)
        else:
            found = client.search(
                size=size, **({"after": after["starting_after"]} if after else {})
            )
        number -= 1
        if not number:
            return found
        after = {"starting_after": found["pages"]["next"]["starting_after"]}


def served(serve: Serve, **switches: object) -> Client:
    return serve(60, exact_parts={}, deleted=60, **switches)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("form", "rows", "block"),
    [("last", 10, True), ("no-pages", 10, False), ("empty", 0, True), ("short", 5, True)],
)
def test_a_false_end(serve: Serve, endpoint: str, form: str, rows: int, *, block: bool) -> None:
    client = served(serve, false_end=form, false_end_page=2, false_end_times=1, last_form="null")
    assert page(client, endpoint)["pages"]["next"]
    ended = page(client, endpoint, 2)
    assert len(ended["conversations"]) == rows
    assert ("pages" in ended) is block
    assert ended.get("pages", {}).get("next") is None
    assert ended["total_count"] == 60
    # Once only.
    assert page(client, endpoint, 2)["pages"]["next"]


def test_a_false_end_after_so_many_rows_or_by_chance(serve: Serve) -> None:
    client = served(serve, false_end="last", false_end_rows=30)
    assert page(client, "search", 2)["pages"]["next"]
    assert "next" not in page(client, "search", 3)["pages"]
    client.server.switches.set(false_end_rows=0, false_end_probability=0.5)
    ends = ["next" in page(client, "search")["pages"] for _ in range(40)]
    assert 10 < sum(ends) < 30
    client.server.switches.set(lying_endpoints=["list"])
    assert all("next" in page(client, "search")["pages"] for _ in range(9))


def test_the_true_end_uses_up_no_lie(serve: Serve) -> None:
    client = served(serve, false_end="empty", false_end_times=1)
    whole = client.search(size=150)
    assert len(whole["conversations"]) == 60
    assert client.server.switches.false_end_times == 1


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("lie", "told"),
    [
        ("absent", None),
        ("zero", 0),
        ("negative", -1),
        ("text", "60"),
        ("capped", 40),
        ("tenfold", 600),
    ],
)
def test_counts_that_lie(serve: Serve, endpoint: str, lie: str, told: int | str | None) -> None:
    found = page(served(serve, count_lie=lie), endpoint)
    assert found.get("total_count") == told
    pages = None if told is None else ceil(int(told) / 10)
    assert found["pages"].get("total_pages") == pages
    assert len(found["conversations"]) == 10


def test_a_count_that_flickers(serve: Serve) -> None:
    client = served(serve, count_lie="flicker")
    counts = [page(client, "search")["total_count"] for _ in range(30)]
    assert max(counts) == 60
    assert 30 < min(counts) < 60


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_page_size_that_is_not_heeded(serve: Serve, endpoint: str) -> None:
    client = served(serve, page_size_served=20)
    assert len(page(client, endpoint, size=10)["conversations"]) == 20
    client.server.switches.set(page_size_served=0, page_size_cap=15)
    assert len(page(client, endpoint, size=10)["conversations"]) == 10
    capped = page(client, endpoint, 4, size=60)
    assert (len(capped["conversations"]), capped["pages"].get("next")) == (15, None)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(("fault", "number"), [("ignore", 1), ("ignore-counting", 3)])
def test_a_place_that_is_not_heeded(serve: Serve, endpoint: str, fault: str, number: int) -> None:
    client = served(serve, cursor_fault=fault, cursor_fault_page=3)
    first, second = (ids(page(client, endpoint, n)["conversations"]) for n in (1, 2))
    assert first != second
    third = page(client, endpoint, 3)
    assert ids(third["conversations"]) == first
    assert (third["pages"]["page"], third["total_count"]) == (number, 60)
    assert third["pages"]["next"]


def test_page_numbers_of_the_old_list_that_are_not_heeded(serve: Serve) -> None:
    client = served(serve, cursor_fault="ignore-counting", cursor_fault_page=2)
    client.version("2.3")
    first, second = (client.get("/conversations", per_page=10, page=n) for n in (1, 2))
    assert ids(first["conversations"]) == ids(second["conversations"])
    assert "page=3" in second["pages"]["next"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_empty_pages_without_an_end(serve: Serve, endpoint: str) -> None:
    client = served(serve, endless_from=3, total_pages_said=10**9)
    assert len(page(client, endpoint, 2)["conversations"]) == 10
    for number in (3, 9):
        found = page(client, endpoint, number)
        assert found["conversations"] == []
        assert found["pages"]["next"]
        assert found["pages"]["total_pages"] == 10**9


def test_empty_pages_between_others(serve: Serve) -> None:
    client = served(serve, empty_pages=0.4)
    pages = []
    after: Json = {}
    while True:
        found = client.search(size=10, **after)
        pages.append(len(found["conversations"]))
        if not found["pages"].get("next"):
            break
        after = {"after": found["pages"]["next"]["starting_after"]}
    assert (sum(pages), pages.count(10), set(pages)) == (60, 6, {0, 10})


def test_side_conversations_lie_too(serve: Serve) -> None:
    client = serve(300, exact_parts={}, deleted=0, total_pages_said=10**9, endless_from=2)
    path = f"/conversations/{client.workspace.ids()[0]}/side_conversations"
    found = client.get(path, page=2, per_page=20)
    assert found["side_conversations"] == []
    assert found["pages"]["total_pages"] == 10**9
    client.server.switches.set(count_lie="absent", total_pages_said=0)
    assert "total_pages" not in client.get(path)["pages"]


def test_deleted_conversations_in_an_order_of_their_own(serve: Serve) -> None:
    client = served(serve)
    for served_as, asked in (("asc", "desc"), ("desc", "asc")):
        client.server.switches.set(deleted_order=served_as)
        rows = client.get("/conversations/deleted", order=asked)["conversations"]
        moments = [row["deleted_at"] for row in rows]
        assert moments == sorted(moments, reverse=served_as == "desc")


@pytest.mark.parametrize("answer", ["400", "403", "404", "500", "empty"])
@pytest.mark.parametrize("endpoint", ["list", "search"])
def test_cursors_of_before_a_restart(serve: Serve, endpoint: str, answer: str) -> None:
    client = served(serve, stale_cursors=answer)
    old = page(client, endpoint)["pages"]["next"]["starting_after"]
    page(client, endpoint, 2)
    client.server.restart()
    if endpoint == "list":
        came = client.answer("/conversations", per_page=10, starting_after=old)
    else:
        body = {"query": {"field": "updated_at", "operator": ">", "value": 0}}
        body["pagination"] = {"per_page": 10, "starting_after": old}
        came = client.post("/conversations/search", body)
    assert str(came.status_code) == ("200" if answer == "empty" else answer)
    if answer == "empty":
        said = came.json()
        assert (said["conversations"], said["total_count"]) == ([], 60)
        assert "next" not in said["pages"]
    # One that was given out since is good.
    assert len(page(client, endpoint, 2)["conversations"]) == 10


def test_pages_of_many_rows_that_are_large(serve: Serve) -> None:
    client = served(serve, padding=10**6, padded_above=20)
    body: Json = {"query": {"field": "updated_at", "operator": ">", "value": 0}}
    sizes = [
        len(client.post("/conversations/search", {**body, "pagination": {"per_page": n}}).content)
        for n in (20, 21)
    ]
    assert sizes[1] - sizes[0] > 10**6
