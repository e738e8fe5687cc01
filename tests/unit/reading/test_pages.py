"""A page is asked for as documented, and looked over in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.collection import DAYS, Collection
from tap_intercom_conversations.reading.pages import Page, PageReader
from tests.support.serving import Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_intercom_conversations.api.pagination import Position
    from tests.conftest import Answer, Connect
    from tests.support.serving import Asked

pytestmark = pytest.mark.usefixtures("no_backoff")

QUERY = TimeRange(1_000, 2_000)
EMPTY: dict[str, Any] = {
    "type": "conversation.list",
    "conversations": [],
    "pages": {},
    "total_count": 0,
}
KEYS = ("conversations", "data")
FILTERS = (
    {"field": "state", "operator": "=", "value": "open"},
    {"field": "tag_ids", "operator": "IN", "value": ["1"]},
)
LIST_ORDER = {"order": "desc", "sort": "updated_at"}


def search(page_size: int = 150, **options: Any) -> Collection:
    return Collection("conversations", KEYS, "updated_at", page_size, "/search", **options)


def listing(page_size: int = 150) -> Collection:
    return Collection(
        "conversations", KEYS, "updated_at", page_size, list_path="/list", list_order=LIST_ORDER
    )


BOTH = pytest.mark.parametrize("kind", [search, listing])


def asked_for(
    connect: Connect,
    answer: Answer,
    collection: Collection,
    position: Position | None = None,
    query: TimeRange = QUERY,
) -> Asked:
    """The one request that a page costs."""
    server = answer(Said(EMPTY))
    PageReader(connect(server.url), collection).read(query, position or {})
    [asked] = server.asked
    return asked


def row(number: int, updated_at: Any = 1_500) -> dict[str, Any]:
    return {"type": "conversation", "id": str(number), "updated_at": updated_at, "state": "open"}


def page_of(connect: Connect, answer: Answer, said: Any, page_size: int = 150) -> Page:
    """The page that an answer makes."""
    client = connect(answer(Said(said)).url, max_retries=0)
    return PageReader(client, search(page_size)).read(QUERY, {})


# --- What is asked for ---


def test_the_search_asks_upward_and_one_second_wider(connect: Connect, answer: Answer) -> None:
    asked = asked_for(connect, answer, search(70))

    assert (asked.method, asked.path, asked.query) == ("POST", "/search", {})
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
    asked = asked_for(connect, answer, search(), query=TimeRange(start, 2_000))

    assert asked.body["query"]["value"][0]["value"] == 0


def test_without_an_end_there_is_no_upper_condition(connect: Connect, answer: Answer) -> None:
    asked = asked_for(connect, answer, search(), query=TimeRange(1_000, None))

    assert [each["operator"] for each in asked.body["query"]["value"]] == [">"]


def test_another_collection_is_asked_for_in_its_own_words(connect: Connect, answer: Answer) -> None:
    """One that knows days only is asked two days wider at both ends."""
    contacts = Collection("contacts", KEYS, "last_seen_at", 50, "/contacts/search", precision=DAYS)
    asked = asked_for(connect, answer, contacts, query=TimeRange(864_000, 950_400))

    assert asked.path == "/contacts/search"
    assert asked.body["sort"]["field"] == "last_seen_at"
    assert asked.body["query"]["value"] == [
        {"field": "last_seen_at", "operator": ">", "value": 691_200},
        {"field": "last_seen_at", "operator": "<", "value": 1_123_200},
    ]


def test_filters_are_more_conditions(connect: Connect, answer: Answer) -> None:
    asked = asked_for(connect, answer, search(filters=FILTERS))

    assert asked.body["query"]["value"][2:] == list(FILTERS)


def test_the_list_asks_newest_first(connect: Connect, answer: Answer) -> None:
    asked = asked_for(connect, answer, listing(70))

    assert (asked.method, asked.path, asked.body) == ("GET", "/list", None)
    assert asked.query == {**LIST_ORDER, "per_page": "70"}


@BOTH
@pytest.mark.parametrize("position", [{"starting_after": "abc"}, {"page": 3}])
def test_a_page_is_asked_for_by_its_cursor_or_its_number(
    connect: Connect, answer: Answer, position: Any, kind: Callable[[], Collection]
) -> None:
    asked = asked_for(connect, answer, kind(), position)
    sent = asked.body["pagination"] if asked.body else asked.query
    wanted = {name: str(value) for name, value in position.items()} | {"per_page": "150"}

    assert wanted.items() <= {name: str(value) for name, value in sent.items()}.items()


@BOTH
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
    connect: Connect, answer: Answer, kind: Callable[[int], Collection], size: int, number: int
) -> None:
    behind_a_hundred_rows: Position = {"page": 3, "per_page": 50, "served": 50}
    asked = asked_for(connect, answer, kind(size), behind_a_hundred_rows)
    sent = asked.body["pagination"] if asked.body else asked.query

    assert {name: int(sent[name]) for name in ("page", "per_page")} == {
        "page": number,
        "per_page": size,
    }
    assert "served" not in sent


def test_a_page_number_counts_by_the_size_that_was_served(connect: Connect, answer: Answer) -> None:
    """A server that gives 20 whatever is asked for: its page 3 begins behind 40 rows, not 100."""
    asked = asked_for(connect, answer, listing(10), {"page": 3, "per_page": 50, "served": 20})

    assert asked.query["page"] == "5"


def test_parameters_go_into_the_query_string(connect: Connect, answer: Answer) -> None:
    asked = asked_for(connect, answer, search(parameters={"include_monitors": "true"}))

    assert asked.query == {"include_monitors": "true"}


# --- What comes ---


@pytest.mark.parametrize(
    "said",
    [
        {"conversations": [row(1), row(2, 1_600)]},
        {"data": [row(1), row(2, 1_600)]},
        {"conversations": None, "data": [row(1), row(2, 1_600)]},
        {"conversations": [row(1), row(2, 1_600)], "data": []},
    ],
)
def test_rows_under_either_key(connect: Connect, answer: Answer, said: dict[str, Any]) -> None:
    assert [each.time for each in page_of(connect, answer, said).rows] == [1_500, 1_600]


@pytest.mark.parametrize("said", [{}, {"conversations": None}, {"data": None}, {"total_count": 0}])
def test_no_rows_under_any_key_is_an_error_never_the_end(
    connect: Connect, answer: Answer, said: dict[str, Any]
) -> None:
    with pytest.raises(errors.UnreadableAnswer):
        page_of(connect, answer, said)


@pytest.mark.parametrize(
    ("said", "count"),
    [
        (12, 12),
        ("12", 12),
        (0, 0),
        (None, None),
        ({}, None),
        ("many", None),
        (-1, None),
        (10**30, None),
    ],
)
def test_the_count_of_all(connect: Connect, answer: Answer, said: Any, count: int | None) -> None:
    assert page_of(connect, answer, {**EMPTY, "total_count": said}).count == count


def test_a_count_that_no_float_holds(connect: Connect, answer: Answer) -> None:
    said = b'{"conversations": [], "total_count": 1e400}'

    assert page_of(connect, answer, said).count is None


@pytest.mark.parametrize(
    ("changed", "time"),
    [
        (1_500, 1_500),
        ("1970-01-01T00:25:00Z", 1_500),
        (1_500_000_000_000, 1_500_000_000),
        (None, None),
        ("soon", None),
        ([], None),
        (10**30, None),
    ],
)
def test_when_a_row_changed(
    connect: Connect, answer: Answer, changed: Any, time: int | None
) -> None:
    [found] = page_of(connect, answer, {"conversations": [row(1, changed)]}).rows

    assert found.time == time


@pytest.mark.parametrize("odd", [{}, None, 7, "text", [], [{}]])
def test_a_row_without_anything_costs_no_other(connect: Connect, answer: Answer, odd: Any) -> None:
    page = page_of(connect, answer, {"conversations": [row(1), odd, row(2)]})

    assert [each.time for each in page.rows] == [1_500, None, 1_500]
    assert len({each.key for each in page.rows}) == 3


def test_a_row_is_recognized_by_its_id_in_either_type(connect: Connect, answer: Answer) -> None:
    page = page_of(connect, answer, {"conversations": [row(7), {**row(7), "id": 7}]})

    assert page.rows[0] == page.rows[1]


@pytest.mark.parametrize("pages", [None, {}, [], "x", {"next": None}, {"next": {}}])
def test_a_last_page(connect: Connect, answer: Answer, pages: Any) -> None:
    assert page_of(connect, answer, {**EMPTY, "pages": pages}).next == {}


def test_a_next_page_by_number_says_what_it_counts_by(connect: Connect, answer: Answer) -> None:
    said = {"conversations": [row(1), row(2)], "pages": {"next": 2, "per_page": "150"}}

    assert page_of(connect, answer, said, 50).next == {"page": 2, "per_page": 50, "served": 2}


def test_an_unknown_form_of_next_is_an_error_never_the_end(
    connect: Connect, answer: Answer
) -> None:
    with pytest.raises(errors.UnreadableAnswer):
        page_of(connect, answer, {**EMPTY, "pages": {"next": [1]}})


@pytest.mark.parametrize(
    ("created", "is_not_by_creation"),
    [([3, 2, 1], False), ([3, 1, 2], True), ([None, 2, "x"], False)],
)
def test_an_order_that_is_not_that_of_creation_shows(
    connect: Connect, answer: Answer, created: list[Any], *, is_not_by_creation: bool
) -> None:
    rows = [{**row(number), "created_at": at} for number, at in enumerate(created)]

    assert (
        page_of(connect, answer, {"conversations": rows}).is_not_by_creation is is_not_by_creation
    )
