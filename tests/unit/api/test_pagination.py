"""The paginator understands every form of `pages.next`, and never takes an unknown one for the end.

The forms are those of the API's documents, of its samples, and of what users of it have reported.
"""

from __future__ import annotations

from typing import Any

import pytest

from tap_intercom_conversations.api.pagination import NextPage, RepeatedCursor, parse_next
from tap_intercom_conversations.errors import LostPlace

CURSOR = "WzE3MTcxNDc4MDAwMDAsIjEyMyIsMl0="


def advance(paginator: NextPage, value: Any) -> None:
    """Hand over an answer's `pages`."""
    pages: Any = {"type": "pages", "page": 1, "next": value}
    paginator.advance(pages)


def following(value: Any, start: Any = None) -> Any:
    """What a paginator makes of `pages.next`: the next position, or `the end`."""
    paginator = NextPage(start or {})
    advance(paginator, value)
    return "the end" if paginator.finished else paginator.current_value


@pytest.mark.parametrize(
    ("value", "position"),
    [
        pytest.param(
            {"page": 2, "starting_after": CURSOR}, {"starting_after": CURSOR}, id="2.7 and later"
        ),
        pytest.param({"starting_after": CURSOR}, {"starting_after": CURSOR}, id="cursor alone"),
        pytest.param({"per_page": "20", "page": 3}, {"page": 3}, id="object without a cursor"),
        pytest.param({"page": "3"}, {"page": 3}, id="page number as text"),
        pytest.param({"starting_after": 471}, {"starting_after": "471"}, id="cursor is a number"),
        pytest.param(CURSOR, {"starting_after": CURSOR}, id="bare cursor"),
        pytest.param(2, {"page": 2}, id="page number"),
        pytest.param("2", {"page": 2}, id="page number as bare text"),
        pytest.param(
            "https://api.intercom.io/conversations?order=desc&per_page=20&page=2",
            {"page": 2},
            id="URL of 2.0-2.5",
        ),
        pytest.param(
            f"http://api.intercom.test/conversations/deleted?starting_after={CURSOR}&per_page=60",
            {"starting_after": CURSOR},
            id="URL with a cursor",
        ),
        pytest.param(
            "https://api.intercom.io/conversations?starting_after=a%2Bb%3D%3D&page=2",
            {"starting_after": "a+b=="},
            id="escaped cursor, and a page number beside it",
        ),
        pytest.param("/conversations?page=2", {"page": 2}, id="relative URL"),
        pytest.param("?page=2&per_page=20", {"page": 2}, id="query alone"),
    ],
)
def test_next_in_all_its_forms(value: Any, position: Any) -> None:
    assert following(value) == position


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param("", id="empty text"),
        pytest.param({}, id="empty object"),
        pytest.param({"page": 4, "starting_after": None}, id="null cursor"),
        pytest.param({"page": 4, "starting_after": ""}, id="empty cursor"),
        pytest.param({"page": None}, id="null page"),
    ],
)
def test_the_last_page_in_all_its_forms(value: Any) -> None:
    assert following(value) == "the end"


@pytest.mark.parametrize("pages", [None, {}, {"type": "pages", "page": 1, "total_pages": 1}])
def test_no_next_is_the_end(pages: Any) -> None:
    paginator = NextPage({})
    paginator.advance(pages)

    assert paginator.finished


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(True, id="boolean"),
        pytest.param(2.5, id="fraction"),
        pytest.param([CURSOR], id="list"),
        pytest.param("https://api.intercom.io/conversations", id="URL without parameters"),
        pytest.param("https://api.intercom.io/conversations?page=next", id="page is no number"),
        pytest.param({"page": ["2"]}, id="page is a list"),
    ],
)
def test_an_unknown_form_is_an_error_and_never_the_end(value: Any) -> None:
    with pytest.raises(LostPlace, match=r"pages\.next"):
        parse_next(value)


def test_a_url_gives_its_parameters_only_never_its_host() -> None:
    position = parse_next("https://evil.example:8443/steal?starting_after=abc&token=1#x")

    assert position == {"starting_after": "abc"}


def test_a_walk_ends_where_the_api_says() -> None:
    paginator = NextPage({})
    walked = []
    for number in (2, 3, 4, None):
        walked.append(paginator.current_value)
        advance(paginator, number)

    assert walked == [{}, {"page": 2}, {"page": 3}, {"page": 4}]
    assert paginator.finished
    assert paginator.count == 4


@pytest.mark.parametrize(
    "cursors",
    [
        pytest.param(["a", "a"], id="the same twice"),
        pytest.param(["a", "b", "a"], id="A, B, A"),
        pytest.param(["a", "b", "c", "d", "b"], id="far back"),
    ],
)
def test_a_cursor_seen_before_is_told_apart_from_the_end(cursors: list[str]) -> None:
    paginator = NextPage({})
    for cursor in cursors[:-1]:
        advance(paginator, {"starting_after": cursor})

    with pytest.raises(RepeatedCursor):
        advance(paginator, {"starting_after": cursors[-1]})
    assert not paginator.finished


def test_where_a_walk_began_counts_as_seen() -> None:
    with pytest.raises(RepeatedCursor):
        following("a", start={"starting_after": "a"})


def test_the_same_page_is_recognized_in_another_form() -> None:
    paginator = NextPage({"page": 1})
    advance(paginator, 2)
    advance(paginator, 3)

    with pytest.raises(RepeatedCursor):
        advance(paginator, "https://api.intercom.io/conversations?page=2")


def test_a_page_number_is_kept_with_what_it_counts_by() -> None:
    paginator = NextPage({})
    pages: Any = {"next": 2, "per_page": 50, "total_count": 300, "total_pages": 6}
    paginator.advance(pages)

    assert paginator.current_value == {"page": 2, "per_page": 50, "total_count": 300}


def test_a_page_is_recognized_though_its_count_has_changed() -> None:
    paginator = NextPage({})
    for total in (300, 299):
        pages: Any = {"next": 2, "per_page": 50, "total_count": total}
        if total == 300:
            paginator.advance(pages)

    with pytest.raises(RepeatedCursor):
        paginator.advance(pages)


def test_a_page_and_a_cursor_of_the_same_text_are_two_places() -> None:
    assert following({"starting_after": "2"}, start={"page": 2}) == {"starting_after": "2"}


def test_an_error_does_not_repeat_what_the_api_sent() -> None:
    with pytest.raises(LostPlace) as caught:
        parse_next("https://api.intercom.io/conversations?secret=hunter2")

    assert "hunter2" not in str(caught.value)
