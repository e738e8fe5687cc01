"""Every form of `pages.next` is understood, and an unknown one is never taken for the end.

The forms are those of the API's documents, of its samples, and of what users of it have reported.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tap_intercom_conversations.api.pagination import Position, parse_next, sort_value
from tap_intercom_conversations.errors import UnreadableAnswer

CURSOR = "WzE3MTcxNDc4MDAwMDAsIjEyMyIsMl0="


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
    assert parse_next(value) == position


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
    assert parse_next(value) == {}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(True, id="boolean"),
        pytest.param(2.5, id="fraction"),
        pytest.param([CURSOR], id="list"),
        pytest.param("https://api.intercom.io/conversations", id="URL without parameters"),
        pytest.param("https://api.intercom.io/conversations?page=next", id="page is no number"),
        pytest.param({"page": ["2"]}, id="page is a list"),
        pytest.param(-3, id="below zero"),
        pytest.param("9" * 5_000, id="more digits than Python reads"),
        pytest.param("/conversations?page=" + "9" * 30, id="more than STATE holds"),
        pytest.param("http://[::1", id="half of an address"),
    ],
)
def test_an_unknown_form_is_an_error_and_never_the_end(value: Any) -> None:
    with pytest.raises(UnreadableAnswer, match=r"pages\.next"):
        parse_next(value)


def test_a_url_gives_its_parameters_only_never_its_host() -> None:
    position = parse_next("https://evil.example:8443/steal?starting_after=abc&token=1#x")

    assert position == {"starting_after": "abc"}


def test_an_error_does_not_repeat_what_the_api_sent() -> None:
    with pytest.raises(UnreadableAnswer) as caught:
        parse_next("https://api.intercom.io/conversations?secret=hunter2")

    assert "hunter2" not in str(caught.value)


# --- What a cursor says of its place ---


def cursor_of(content: bytes) -> Position:
    return {"starting_after": base64.b64encode(content).decode()}


def test_a_cursor_says_by_which_time_its_page_begins() -> None:
    assert sort_value({"starting_after": CURSOR}) == 1_717_147_800


def test_a_time_in_milliseconds_is_rounded_down() -> None:
    assert sort_value(cursor_of(b'[1717147800999, "1", 2]')) == 1_717_147_800


@pytest.mark.parametrize(
    "position",
    [
        pytest.param({}, id="no cursor"),
        pytest.param({"page": 2}, id="a page number"),
        pytest.param({"starting_after": "opaque"}, id="not base64"),
        pytest.param({"starting_after": ""}, id="empty"),
        pytest.param(cursor_of(b"\xff\xfe"), id="no text"),
        pytest.param(cursor_of(b"1717147800000"), id="no list"),
        pytest.param(cursor_of(b"[]"), id="an empty list"),
        pytest.param(cursor_of(b'["soon", 1, 2]'), id="no time"),
        pytest.param(cursor_of(b"[null, 1, 2]"), id="null"),
        pytest.param(cursor_of(b'{"0": 1}'), id="an object"),
        pytest.param(cursor_of(b"[1e400, 1, 2]"), id="no number that a float holds"),
        pytest.param(cursor_of(b"[" * 100_000), id="too many levels"),
    ],
)
def test_a_cursor_that_says_nothing(position: Position) -> None:
    assert sort_value(position) is None
