"""What the next page is, whatever form `pages.next` takes.

A cursor object in 2.7 and later, a URL in older versions and in the documents' samples, in between
a bare cursor or a page number; on the last page missing, null, empty, or an object whose cursor is
null (API documentation, "Pagination").

https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis/pagination
"""

from __future__ import annotations

import base64
import typing as t
from urllib.parse import parse_qs, urlsplit

import msgspec

from tap_intercom_conversations.errors import UnreadableAnswer
from tap_intercom_conversations.jsontext import whole_number

Number = t.Annotated[int, msgspec.Meta(ge=1)]


class Position(t.TypedDict, total=False):
    """Where a page begins, as the API's own parameter: `starting_after` or `page`; `{}` the first.

    A page's number means a place only with `per_page`, the size that was asked for, and `served`,
    the rows that came: they stand beside it. `order` is that of a list: `asc` turns it round.
    """

    order: str
    starting_after: str
    page: Number
    per_page: Number
    served: Number


def parse_next(value: t.Any) -> Position:
    """Read any form of `pages.next`.

    Only the parameters of a URL are used, never its host: the token stays with `api_url`.

    Returns:
        The next page's position; empty if there is no next page.

    Raises:
        UnreadableAnswer: The form is unknown; it is not taken for the end.
    """
    if value is None or value in ("", {}):
        return {}
    if isinstance(value, dict):
        if "starting_after" not in value:
            return parse_next(value.get("page"))
        cursor = value["starting_after"]
        return {} if cursor in (None, "") else {"starting_after": str(cursor)}
    if isinstance(value, int) and not isinstance(value, bool):
        return _numbered(value)
    if isinstance(value, str):
        return _from_text(value)
    raise UnreadableAnswer("pages.next", message="it has a form that this tap does not know")


def parse_numbered(pages: t.Any, number: int) -> Position:
    """Read what follows a page of a list whose pages are numbered.

    Some lists' documented answers have no `next`, only "total_pages: 1"; others have a URL there.

    Args:
        pages: The answer's `pages`.
        number: The page's number.

    Returns:
        The next page's position; empty if there is no next page.

    Raises:
        UnreadableAnswer: `next` has a form that is not known.
    """
    pages = pages if isinstance(pages, dict) else {}
    following = parse_next(pages.get("next"))
    if not following and number < (whole_number(pages.get("total_pages")) or 0):
        return {"page": number + 1}
    return following


def _from_text(text: str) -> Position:
    if text.isdecimal():
        return _numbered(text)
    if "://" in text or text.startswith("/") or "?" in text:
        return _from_url(text)
    return {"starting_after": text}


def _from_url(url: str) -> Position:
    try:
        parameters = parse_qs(urlsplit(url).query)
    except ValueError:  # such as half of an IPv6 address
        parameters = {}
    if cursors := parameters.get("starting_after"):
        return {"starting_after": cursors[-1]}
    if (numbers := parameters.get("page")) and numbers[-1].isdecimal():
        return _numbered(numbers[-1])
    raise UnreadableAnswer("pages.next", message="a URL without a page or a cursor")


def _numbered(value: int | str) -> Position:
    number = whole_number(value)
    if number is None:
        raise UnreadableAnswer("pages.next", message="a number that no page can have")
    return {"page": number}


def sort_value(position: Position) -> int | None:
    """Read what a cursor says of its place: the sorted-by time of the last row before it.

    A cursor is base64 of `[time in ms, id, page]`; nobody promises that it stays so.

    Returns:
        The time in epoch seconds; None if this cursor says nothing.
    """
    try:
        text = base64.b64decode(str(position["starting_after"]), validate=True)
        millis = msgspec.json.decode(text)[0]
        return int(millis) // 1000
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        return None
