"""A page is asked for as documented, read in any of its forms, and if it fails at smaller sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.api.pagination import NextPage
from tap_intercom_conversations.reading.pages import Page, PageReader, Query
from tap_intercom_conversations.settings import Settings
from tests.conftest import RETRIES, TOKEN
from tests.support.serving import Asked, Said, Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Answer, Connect, Serve

pytestmark = pytest.mark.usefixtures("no_backoff")

QUERY = Query(1_000, 2_000)
EMPTY: dict[str, Any] = {
    "type": "conversation.list",
    "conversations": [],
    "pages": {},
    "total_count": 0,
}
SIZES = [150, 50, 16, 5, 1]


def reader_of(connect: Connect, url: str, **settings: Any) -> PageReader:
    """A reader of pages with these settings."""
    client = connect(url, **settings)
    parsed = Settings.parse({"access_token": TOKEN, "max_retries": RETRIES, **settings})
    return PageReader(client, parsed)


def asked_for(connect: Connect, answer: Answer, position: Any = None, **settings: Any) -> Asked:
    """The one request that a page costs."""
    server = answer(Said(EMPTY))
    reader_of(connect, server.url, **settings).read(QUERY, position or {})
    [asked] = server.asked
    return asked


def row(number: int, updated_at: Any = 1_500) -> dict[str, Any]:
    return {"type": "conversation", "id": str(number), "updated_at": updated_at, "state": "open"}


def page_of(connect: Connect, answer: Answer, said: dict[str, Any]) -> Page:
    """The page that an answer makes."""
    return reader_of(connect, answer(Said(said)).url).read(QUERY, {})


# --- What is asked for ---


def test_the_search_asks_upward_and_one_second_wider(connect: Connect, answer: Answer) -> None:
    asked = asked_for(connect, answer, page_size=70)

    assert (asked.method, asked.path, asked.query) == ("POST", "/conversations/search", {})
    assert asked.body == {
        "query": {
            "operator": "AND",
            "value": [
                {"field": "updated_at", "operator": ">", "value": 999},
                {"field": "updated_at", "operator": "<", "value": 2_000},
            ],
        },
        "sort": {"field": "updated_at", "order": "ascending"},
        "pagination": {"per_page": 70},
    }


@pytest.mark.parametrize("start", [None, 0])
def test_from_the_beginning_means_from_0(
    connect: Connect, answer: Answer, start: int | None
) -> None:
    server = answer(Said(EMPTY))
    reader_of(connect, server.url).read(Query(start, 2_000), {})

    assert server.asked[0].body["query"]["value"][0]["value"] == 0


def test_the_search_goes_on_at_a_cursor(connect: Connect, answer: Answer) -> None:
    asked = asked_for(connect, answer, {"starting_after": "abc"})

    assert asked.body["pagination"] == {"per_page": 150, "starting_after": "abc"}


def test_search_filters_are_more_conditions(connect: Connect, answer: Answer) -> None:
    filters = [
        {"field": "state", "operator": "=", "value": "open"},
        {"field": "tag_ids", "operator": "IN", "value": ["1"]},
    ]
    asked = asked_for(connect, answer, search_filters=filters)

    assert asked.body["query"]["operator"] == "AND"
    assert len(asked.body["query"]["value"]) == 4
    assert asked.body["query"]["value"][2:] == filters


def test_the_list_asks_newest_first(connect: Connect, answer: Answer) -> None:
    asked = asked_for(connect, answer, conversations_endpoint="list", page_size=70)

    assert (asked.method, asked.path) == ("GET", "/conversations")
    assert asked.query == {"order": "desc", "sort": "updated_at", "per_page": "70"}


@pytest.mark.parametrize("position", [{"starting_after": "abc"}, {"page": 3}])
def test_the_list_goes_on_at_a_cursor_or_a_page(
    connect: Connect, answer: Answer, position: dict[str, Any]
) -> None:
    asked = asked_for(connect, answer, position, conversations_endpoint="list")

    assert {name: str(value) for name, value in position.items()}.items() <= asked.query.items()


PAGE = {"page": 3, "per_page": 50, "total_count": 300}
"""The page behind a hundred rows."""


@pytest.mark.parametrize("endpoint", ["search", "list"])
@pytest.mark.parametrize(
    ("size", "number"),
    [
        pytest.param(50, 3, id="the same size"),
        pytest.param(25, 5, id="a smaller one"),
        pytest.param(150, 1, id="a larger one that begins before"),
        pytest.param(30, 4, id="one that begins in between"),
    ],
)
def test_a_page_number_becomes_that_of_a_page_of_the_size(
    connect: Connect, answer: Answer, endpoint: str, size: int, number: int
) -> None:
    server = answer(Said({**EMPTY, "total_count": 300}))
    settings = {"conversations_endpoint": endpoint, "page_size": size}
    reader_of(connect, server.url, **settings).read(QUERY, dict(PAGE))
    [asked] = server.asked
    sent = asked.body["pagination"] if asked.body else asked.query

    assert {
        name: int(sent[name]) for name in ("page", "per_page", "total_count") if name in sent
    } == {
        "page": number,
        "per_page": size,
    }


def test_the_next_page_number_counts_by_the_size_that_was_asked_for(
    connect: Connect, answer: Answer
) -> None:
    said = {**EMPTY, "total_count": "300", "pages": {"next": 2, "per_page": "150"}}
    page = reader_of(connect, answer(Said(said)).url, page_size=50).read(QUERY, {})
    paginator = NextPage({})
    paginator.advance(page.pages)

    assert paginator.current_value == {"page": 2, "per_page": 50, "total_count": 300}


def test_a_list_by_number_that_does_not_say_how_many_is_counted(
    connect: Connect, answer: Answer
) -> None:
    """Or nobody would notice that rows vanish, and others move up."""
    pages = {"next": "https://api.intercom.io/conversations?page=2", "total_pages": 6}
    server = answer(
        Said({"conversations": [row(1)], "pages": pages}),
        Said({"conversations": [row(1)], "pages": {"total_pages": 300}}),
    )
    page = reader_of(connect, server.url, conversations_endpoint="list").read(QUERY, {})

    assert page.total == page.pages["total_count"] == 300
    assert [asked.query["per_page"] for asked in server.asked] == ["150", "1"]


@pytest.mark.parametrize("total", [299, 301, None])
def test_a_search_by_page_number_is_given_up_once_rows_came_or_went(
    connect: Connect, answer: Answer, total: int | None
) -> None:
    server = answer(Said({**EMPTY, "total_count": total}))

    with pytest.raises(errors.Refused, match="counted by number"):
        reader_of(connect, server.url).read(QUERY, dict(PAGE))
    # In a list, what changes goes to the top, and all below moves down: nothing is passed over.
    reader_of(connect, server.url, conversations_endpoint="list").read(QUERY, dict(PAGE))


@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_qa_is_asked_for_where_it_is_wanted(
    connect: Connect, answer: Answer, endpoint: str
) -> None:
    settings = {"conversations_endpoint": endpoint, "api_version": "Preview"}
    wanted = {"include_monitors": "true", "include_scorecards": "true"}

    assert wanted.items() <= asked_for(connect, answer, include_qa=True, **settings).query.items()
    assert not wanted.keys() & asked_for(connect, answer, **settings).query.keys()


# --- What comes ---


@pytest.mark.parametrize(
    "said",
    [
        {"conversations": [row(1), row(2)]},
        {"data": [row(1), row(2)]},
        {"conversations": None, "data": [row(1), row(2)]},
        {"conversations": [row(1), row(2)], "data": []},
    ],
)
def test_rows_under_either_key(connect: Connect, answer: Answer, said: dict[str, Any]) -> None:
    page = page_of(connect, answer, said)

    assert page.moments == [row(1)["updated_at"], row(2)["updated_at"]]
    assert page.conversations(dict) == [row(1), row(2)]


@pytest.mark.parametrize("said", [{}, {"conversations": None}, {"data": None}, {"total_count": 0}])
def test_no_rows_under_any_key_is_an_error_never_the_end(
    connect: Connect, answer: Answer, said: dict[str, Any]
) -> None:
    with pytest.raises(errors.UnreadableAnswer):
        page_of(connect, answer, said)


@pytest.mark.parametrize(
    ("said", "total"), [(12, 12), ("12", 12), (None, None), ({}, None), ("many", None), (0, 0)]
)
def test_the_count_of_all(connect: Connect, answer: Answer, said: Any, total: int | None) -> None:
    assert page_of(connect, answer, {**EMPTY, "total_count": said}).total == total


def test_rows_are_filtered_on_arrival(connect: Connect, answer: Answer) -> None:
    """Right under both readings of `>`, which may or may not bring the second before."""
    moments = [998, 999, 1_000, 1_999, 2_000, "1970-01-01T00:16:40Z", 1_500_000_000_000]
    rows = [row(number, moment) for number, moment in enumerate(moments)]

    assert page_of(connect, answer, {"conversations": rows}).within(QUERY) == [2, 3, 5]


@pytest.mark.parametrize("moment", [None, "soon", [], 10**30])
def test_a_row_that_cannot_be_placed_is_kept(connect: Connect, answer: Answer, moment: Any) -> None:
    """It ends the stream loudly later on, rather than being lost."""
    page = page_of(connect, answer, {"conversations": [row(1, moment), row(2, 5)]})

    assert page.within(QUERY) == [0]


def test_a_row_without_anything_does_no_harm(connect: Connect, answer: Answer) -> None:
    page = page_of(connect, answer, {"conversations": [{}]})

    assert page.moments == [None]


# --- Smaller pages ---


def too_large_above(size: int, status: int = 502) -> Callable[[Asked], Said]:
    """An API that cannot serve pages larger than so many rows."""

    def said(asked: Asked) -> Said:
        if size_of(asked) > size:
            return Said(b"<html>Bad Gateway</html>", status)
        return Said(EMPTY)

    return said


def size_of(asked: Asked) -> int:
    return int((asked.body or {"pagination": asked.query})["pagination"]["per_page"])


def sizes(server: Server) -> list[int]:
    """The page sizes that were asked for, each once."""
    return list(dict.fromkeys(size_of(asked) for asked in server.asked))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_a_page_that_keeps_failing_is_asked_for_at_smaller_sizes(
    connect: Connect, answer: Answer, status: int, endpoint: str
) -> None:
    server = answer(too_large_above(1, status))
    reader = reader_of(connect, server.url, conversations_endpoint=endpoint)

    assert reader.read(QUERY, {}).size == 1
    assert sizes(server) == SIZES


def test_a_page_that_takes_too_long_is_asked_for_smaller(connect: Connect, answer: Answer) -> None:
    def said(asked: Asked) -> Said:
        slow = size_of(asked) > 50
        return Said(EMPTY, wait=lambda: server.over.wait(20) if slow else None)

    server = answer(said)
    reader = PageReader(
        connect(server.url, timeout=0.1), Settings.parse({"access_token": TOKEN, "max_retries": 0})
    )

    assert reader.read(QUERY, {}).size == 50


def test_the_same_page_is_asked_for_at_every_size(connect: Connect, answer: Answer) -> None:
    server = answer(too_large_above(16))
    reader_of(connect, server.url).read(QUERY, {"starting_after": "abc"})

    assert {asked.body["pagination"]["starting_after"] for asked in server.asked} == {"abc"}
    assert len({str(asked.body["query"]) for asked in server.asked}) == 1


def test_keeps_to_a_size_that_works_and_grows_again_after_a_while(
    connect: Connect, answer: Answer
) -> None:
    limit = 16

    def said(asked: Asked) -> Said:
        return too_large_above(limit)(asked)

    server = answer(said)
    reader = reader_of(connect, server.url)
    reader.read(QUERY, {})
    server.asked.clear()
    limit = 150
    got = [reader.read(QUERY, {}).size for _ in range(20)]

    assert got == sorted(got)
    assert (got[0], got[-1]) == (16, 150)
    assert len(server.asked) == 20


def test_a_size_never_goes_past_the_setting(connect: Connect, answer: Answer) -> None:
    server = answer(too_large_above(3))
    reader = reader_of(connect, server.url, page_size=7)
    for _ in range(20):
        reader.read(QUERY, {})

    assert sizes(server)[0] == max(sizes(server)) == 7
    assert 1 <= min(sizes(server)) <= 3


def test_if_even_a_single_row_fails_it_is_told(connect: Connect, answer: Answer) -> None:
    server = answer(too_large_above(0))

    with pytest.raises(errors.Unavailable, match="502"):
        reader_of(connect, server.url).read(QUERY, {})
    assert sizes(server) == SIZES


def test_a_host_that_cannot_be_reached_is_no_matter_of_size(connect: Connect) -> None:
    with Server([Said()]) as server:
        gone = server.url
    client = connect(gone)
    reader = PageReader(client, Settings.parse({"access_token": TOKEN, "max_retries": RETRIES}))

    with pytest.raises(errors.Unavailable, match="refused the connection"):
        reader.read(QUERY, {})
    assert client.sent == 1 + RETRIES


def test_a_budget_that_is_used_up_is_no_matter_of_size(connect: Connect, answer: Answer) -> None:
    server = answer(Said(b"", 429, {"Retry-After": "0"}))

    with pytest.raises(errors.RateLimited):
        reader_of(connect, server.url).read(QUERY, {})
    assert sizes(server) == [150]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_no_matter_of_size(connect: Connect, answer: Answer, status: int) -> None:
    server = answer(Said(status=status))

    with pytest.raises(errors.ApiError):
        reader_of(connect, server.url).read(QUERY, {})
    assert len(server.asked) == 1


def test_without_retries_each_size_has_one_try(connect: Connect, answer: Answer) -> None:
    server = answer(too_large_above(5))
    reader_of(connect, server.url, max_retries=0).read(QUERY, {})

    assert [size_of(asked) for asked in server.asked] == [150, 50, 16, 5]


def test_a_workspace_that_serves_small_pages_only(connect: Connect, serve: Serve) -> None:
    server = serve(100, page_size_limit=20)
    reader = reader_of(connect, server.url, access_token=server.token)
    page = reader.read(Query(None, 2_000_000_000), {})

    assert (len(page.moments), page.total) == (16, 100)
