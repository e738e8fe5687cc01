"""POST /conversations/search: the query language, its refusals, and the order of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.truth import truth
from tests.sandbox.conftest import FOREVER, ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Serve

Json = dict[str, Any]


def one(field: str, operator: str, value: Any) -> Json:
    """Return a filter."""
    return {"field": field, "operator": operator, "value": value}


def both(*filters: Json) -> Json:
    """Return filters that must all hold."""
    return {"operator": "AND", "value": list(filters)}


def either(*filters: Json) -> Json:
    """Return filters of which one must hold."""
    return {"operator": "OR", "value": list(filters)}


def tag_ids(row: Json) -> list[str]:
    return ids(row["tags"]["tags"])


EXPECTED: list[tuple[Json, Callable[[Json], bool]]] = [
    (one("state", "=", "closed"), lambda row: row["state"] == "closed"),
    (one("state", "!=", "closed"), lambda row: row["state"] != "closed"),
    (one("state", "IN", ["open", "snoozed"]), lambda row: row["state"] != "closed"),
    (one("state", "NIN", ["open"]), lambda row: row["state"] != "open"),
    (one("open", "=", "true"), lambda row: bool(row["open"])),
    ({"field": "open", "operator": "=", "value": False}, lambda row: not row["open"]),
    (one("read", "=", "false"), lambda row: not row["read"]),
    (one("priority", "=", "high"), lambda row: row["priority"] == "high"),
    (one("waiting_since", "=", None), lambda row: row["waiting_since"] is None),
    (one("waiting_since", "!=", None), lambda row: row["waiting_since"] is not None),
    (one("team_assignee_id", "=", "5017691"), lambda row: row["team_assignee_id"] == 5017691),
    (one("admin_assignee_id", ">", 991267710), lambda row: row["admin_assignee_id"] > 991267710),
    (
        one("tag_ids", "IN", ["7522917", "7522934"]),
        lambda row: "7522917" in tag_ids(row) or "7522934" in tag_ids(row),
    ),
    (one("source.type", "=", "email"), lambda row: row["source"]["type"] == "email"),
    (
        one("source.delivered_as", "!=", "customer_initiated"),
        lambda row: row["source"]["delivered_as"] != "customer_initiated",
    ),
    (
        one("source.author.name", "~", "chlo"),
        lambda row: "chlo" in row["source"]["author"]["name"].lower(),
    ),
    (one("source.author.email", "$", ".EXAMPLE"), lambda _row: True),
    (
        one("source.author.email", "^", "noah"),
        lambda row: row["source"]["author"]["email"].startswith("noah"),
    ),
    (
        one("source.author.email", "!~", "forge"),
        lambda row: "forge" not in row["source"]["author"]["email"],
    ),
    (
        one("source.body", "=", "export"),
        lambda row: any(
            word in row["source"]["body"].replace("<p>", " ").lower().split()
            for word in ("export", "export?", "export.")
        ),
    ),
    (
        one("statistics.count_reopens", ">", 0),
        lambda row: bool(row["statistics"] and row["statistics"]["count_reopens"] > 0),
    ),
    (
        one("statistics.count_conversation_parts", "<", 3),
        lambda row: bool(row["statistics"] and row["statistics"]["count_conversation_parts"] < 3),
    ),
    (
        one("conversation_rating.score", "=", 5),
        lambda row: bool(row["conversation_rating"] and row["conversation_rating"]["rating"] == 5),
    ),
    (one("ai_agent_participated", "=", "true"), lambda row: bool(row["ai_agent_participated"])),
    (
        one("ai_agent.resolution_state", "=", "escalated"),
        lambda row: bool(row["ai_agent"] and row["ai_agent"]["resolution_state"] == "escalated"),
    ),
    (
        one("custom_attribute.Product area", "=", "Billing"),
        lambda row: row["custom_attributes"]["Product area"] == "Billing",
    ),
    (
        one("custom_attribute.CX Score rating", ">", 3),
        lambda row: row["custom_attributes"].get("CX Score rating", 0) > 3,
    ),
    (
        both(
            either(one("state", "=", "open"), one("state", "=", "snoozed")),
            either(one("priority", "=", "high"), one("source.type", "=", "email")),
        ),
        lambda row: (
            row["state"] != "closed"
            and (row["priority"] == "high" or row["source"]["type"] == "email")
        ),
    ),
    (
        either(one("id", "=", "215468000000013"), one("updated_at", ">", 1_779_000_000)),
        lambda row: row["id"] == "215468000000013" or row["updated_at"] > 1_779_000_000,
    ),
]


def test_filters_find_what_they_say(serve: Serve) -> None:
    client = serve(300)
    rows = list(truth(client.workspace, "conversations"))
    for query, holds in EXPECTED:
        expected = sorted(row["id"] for row in rows if holds(row))
        assert sorted(ids(client.search_all(query))) == expected, query
        assert client.search(query, size=1)["total_count"] == len(expected)


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("field", ["updated_at", "created_at"])
def test_results_come_in_order_without_gap_or_repetition(
    serve: Serve, field: str, order: str
) -> None:
    client = serve(200)
    numbers = client.workspace.ids()
    client.workspace.bulk_touch(numbers[:70], client.workspace.now + 5)
    found = client.search_all(size=9, sort={"field": field, "order": order})
    keys = [(row[field], row["id"]) for row in found]
    assert keys == sorted(keys, reverse=order == "descending")
    assert sorted(ids(found)) == numbers


@pytest.mark.parametrize("version", ["2.0", "2.3", "2.5", "2.16"])
def test_a_search_goes_on_by_cursor_whatever_the_version(serve: Serve, version: str) -> None:
    """The URLs of older versions are the list's: a search's place is in its body."""
    client = serve(100)
    client.version(version)
    page = client.search(size=30)
    assert page["pages"]["next"].keys() == {"page", "starting_after"}
    assert page["total_count"] == 100
    assert sorted(ids(client.search_all(size=30))) == client.workspace.ids()


def test_the_search_came_with_2_0(serve: Serve) -> None:
    client = serve(5)
    client.version("1.4")
    assert client.refused({"query": FOREVER}) == (400, "intercom_version_invalid")


@pytest.mark.parametrize(("form", "heeded"), [("page", True), ("page-url", False)])
def test_a_search_can_point_to_a_page_number(serve: Serve, form: str, *, heeded: bool) -> None:
    client = serve(50, next_form=form, search_by_page=heeded)
    first = client.search(size=20)
    url = f"{client.server.url}/conversations/search?per_page=20&page=2"
    assert first["pages"]["next"] == (2 if form == "page" else url)
    body = {"query": FOREVER, "pagination": {"per_page": 20, "page": 2}}
    second = client.post("/conversations/search", body).json()
    assert second["pages"]["page"] == (2 if heeded else 1)
    assert (ids(second["conversations"]) == ids(first["conversations"])) is not heeded


def test_the_default_order_is_latest_first(serve: Serve) -> None:
    moments = [row["updated_at"] for row in serve(40).search()["conversations"]]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("inclusive", [False, True])
def test_bounds_are_strict_or_not(serve: Serve, *, inclusive: bool) -> None:
    client = serve(30, inclusive_comparisons=inclusive)
    at = client.workspace.now + 100
    client.workspace.bulk_touch(client.workspace.ids()[:10], at)
    parts = "statistics.count_conversation_parts"
    assert client.search(one(parts, "=", 3))["total_count"] > 0
    at_least, above = (client.search(one(parts, ">", n))["total_count"] for n in (2, 3))
    assert (at_least == above) is False
    exactly = client.search(both(one(parts, ">", 3), one(parts, "<", 3)))["total_count"]
    assert (exactly > 0) is inclusive
    assert client.search(one("updated_at", ">", at))["total_count"] == 10 * inclusive
    assert client.search(one("updated_at", "<", at))["total_count"] == 20 + 10 * inclusive
    window = both(one("updated_at", ">", at - 1), one("updated_at", "<", at + 1))
    assert client.search(window)["total_count"] == 10


def test_milliseconds_match_nothing(serve: Serve) -> None:
    client = serve(20)
    for operator in "<>=":
        for field in ("updated_at", "created_at", "statistics.first_close_at"):
            assert client.search(one(field, operator, 1_600_000_000_000))["total_count"] == 0


def test_numbers_may_be_text(serve: Serve) -> None:
    assert serve(20).search(one("created_at", ">", "1306054154"))["total_count"] == 20


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_query"),
        ({"query": []}, "invalid_query"),
        ([], "bad_request"),
        ({"query": FOREVER, "pagination": 7}, "bad_request"),
        ({"query": both()}, "invalid_query"),
        ({"query": both(*[FOREVER] * 16)}, "invalid_query"),
        ({"query": both(either(both(FOREVER)))}, "invalid_query"),
        ({"query": either(both(either(FOREVER)))}, "invalid_query"),
        ({"query": one("body", "=", "x")}, "invalid_field"),
        ({"query": one("custom_attribute.", "=", "x")}, "invalid_field"),
        ({"query": {"operator": "=", "value": 1}}, "invalid_operator"),
        ({"query": one("state", ">", "open")}, "invalid_operator"),
        ({"query": one("state", "=>", "open")}, "invalid_operator"),
        ({"query": one("updated_at", ">=", 1)}, "invalid_operator"),
        ({"query": one("updated_at", "~", 1)}, "invalid_operator"),
        ({"query": one("updated_at", ">", "yesterday")}, "invalid_value"),
        ({"query": one("updated_at", ">", [1])}, "invalid_value"),
        ({"query": one("open", "=", "perhaps")}, "invalid_value"),
        ({"query": one("state", "IN", "open")}, "invalid_value"),
        ({"query": {"field": "state", "operator": "="}}, "invalid_value"),
        ({"query": FOREVER, "pagination": {"per_page": 151}}, "parameter_invalid"),
        ({"query": FOREVER, "pagination": {"per_page": 0}}, "parameter_invalid"),
        ({"query": FOREVER, "pagination": {"starting_after": "x"}}, "client_error"),
        (
            {"query": FOREVER, "sort": {"field": "updated_at", "order": "desc"}},
            "invalid_sort_order",
        ),
        ({"query": FOREVER, "sort": {"field": "body"}}, "invalid_field"),
        ({"query": FOREVER, "sort": "updated_at"}, "bad_request"),
    ],
)
def test_what_is_wrong_is_refused(serve: Serve, body: Any, code: str) -> None:
    assert serve(5).refused(body) == (400, code)


def test_a_body_that_is_not_json_is_refused(serve: Serve) -> None:
    client = serve(5)
    url = client.server.url + "/conversations/search"
    assert client.session.post(url, data=b"{", timeout=10).status_code == 400


def test_fifteen_filters_on_two_levels_are_fine(serve: Serve) -> None:
    query = both(*[either(*[FOREVER] * 15)] * 15)
    assert serve(5).search(query)["total_count"] == 5


def test_big_pages_fail_for_ever_if_switched_on(serve: Serve) -> None:
    client = serve(60, page_size_limit=50)
    for size in (150, 51):
        body = {"query": FOREVER, "pagination": {"per_page": size}}
        statuses = {client.post("/conversations/search", body).status_code for _ in range(3)}
        assert statuses <= {502, 504}
    assert len(client.search(size=50)["conversations"]) == 50


def test_a_row_can_make_every_page_fail_that_it_is_on(serve: Serve) -> None:
    client = serve(20)
    row = ids(client.search(size=20)["conversations"])[10]
    client.server.switches.set(stumbling=[row])
    body = {"query": FOREVER, "pagination": {"per_page": 20}}
    assert client.refused(body) == (404, "not_found")
    assert len(client.search(size=10)["conversations"]) == 10


def test_tickets_need_a_scope(serve: Serve) -> None:
    client = serve(100)
    tickets = {row["id"] for row in client.search_all() if row["ticket"]}
    assert tickets
    client.server.switches.set(tickets_scope=False)
    found = set(ids(client.search_all(size=30)))
    assert found == set(client.workspace.ids()) - tickets
    assert client.get("/conversations")["total_count"] == 100 - len(tickets)


def test_the_index_lags_behind(serve: Serve) -> None:
    client = serve(50, index_lag=60.0, index_lag_clock="simulated")
    workspace = client.workspace
    start = workspace.now
    touched, gone = workspace.ids()[:5], workspace.ids()[5]
    workspace.touch(touched)
    workspace.touch(touched[:1])
    [born] = workspace.create()
    workspace.delete([gone])
    fresh = one("updated_at", ">", start)
    assert client.search(fresh)["total_count"] == 0
    assert client.get("/conversations")["conversations"][0]["id"] == born
    workspace.tick(120)
    assert sorted(ids(client.search_all(fresh))) == sorted([*touched, born])
    assert sorted(ids(client.search_all())) == workspace.ids()


def test_the_index_can_be_told_to_catch_up(serve: Serve) -> None:
    client = serve(20, index_lag=1.0, index_lag_clock="manual")
    start = client.workspace.now
    client.workspace.touch_some(4)
    client.workspace.tick(1_000_000)
    assert client.search(one("updated_at", ">", start))["total_count"] == 0
    client.post("/_sandbox/reindex", {})
    assert client.search(one("updated_at", ">", start))["total_count"] == 4


def test_rows_can_change_after_each_page(serve: Serve) -> None:
    client = serve(40, churn=3)
    start = client.workspace.now
    client.search()
    client.search()
    assert client.workspace.now == start + 6
