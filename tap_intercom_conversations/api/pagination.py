"""The paginator: what the next page is, whatever form `pages.next` takes.

A cursor object in 2.7 and later, a URL in older versions and in the documents' samples, in between
a bare cursor or a page number; on the last page missing, null, empty, or an object whose cursor is
null (API documentation, "Pagination").
"""

from __future__ import annotations

import typing as t
from urllib.parse import parse_qs, urlsplit

from singer_sdk.pagination import BaseAPIPaginator

from tap_intercom_conversations.errors import LostPlace

Position = dict[str, "str | int"]
"""Where a page begins, as the API's own parameter: `starting_after` or `page`; `{}` the first.

A page's number means a place only with `per_page`, and only as long as `total_count` rows are
counted: they stand beside it as far as they are known.
"""
_COUNTED_BY = ("per_page", "total_count")


class RepeatedCursor(LostPlace):
    """The API points to a page of this walk that was read before."""


class NextPage(BaseAPIPaginator[Position]):
    """Follows `pages.next` of one walk; `{}` is the first page.

    The base class finds a cursor that repeats the one before; ours finds any that was seen, since
    cursors have been observed to go A, B, A, B while rows change.
    """

    def __init__(self, start: Position) -> None:
        super().__init__(start)
        self._seen = {_key(start)}

    def get_next(self, response: t.Any) -> Position | None:
        """Read the next page's position from a decoded answer's `pages`.

        Args:
            response: The answer's `pages` object, or None. (Not a `requests.Response`: the workers
                hand over what they have decoded, `total_count` with it where numbers count by it.)

        Raises:
            RepeatedCursor: The position was visited before.
            LostPlace: `pages.next` has a form that nobody knows.
        """
        position = parse_next(response.get("next") if isinstance(response, dict) else None)
        if position is not None:
            if "page" in position:
                position |= {name: response[name] for name in _COUNTED_BY if name in response}
            key = _key(position)
            if key in self._seen:
                raise RepeatedCursor("pages.next leads back to a page that was read before")
            self._seen.add(key)
        return position


def parse_next(value: t.Any) -> Position | None:
    """Read any form of `pages.next`.

    Only the parameters of a URL are used, never its host: the token stays with `api_url`.

    Returns:
        The next page's position, or None if there is no next page.

    Raises:
        LostPlace: The form is unknown; it is not taken for the end.
    """
    if value is None or value in ("", {}):
        return None
    if isinstance(value, dict):
        if "starting_after" not in value:
            return parse_next(value.get("page"))
        cursor = value["starting_after"]
        return None if cursor in (None, "") else {"starting_after": str(cursor)}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"page": value}
    if isinstance(value, str):
        return _from_text(value)
    raise LostPlace("pages.next has a form that this tap does not know")


def _from_text(text: str) -> Position:
    if text.isdecimal():
        return {"page": int(text)}
    if "://" in text or text.startswith("/") or "?" in text:
        return _from_url(text)
    return {"starting_after": text}


def _from_url(url: str) -> Position:
    parameters = parse_qs(urlsplit(url).query)
    if cursors := parameters.get("starting_after"):
        return {"starting_after": cursors[-1]}
    if (numbers := parameters.get("page")) and numbers[-1].isdecimal():
        return {"page": int(numbers[-1])}
    raise LostPlace("pages.next is a URL without a page or a cursor")


def _key(position: Position) -> tuple[tuple[str, str], ...]:
    """What makes two positions the same page, whatever is counted there meanwhile."""
    return tuple((name, str(value)) for name, value in position.items() if name != "total_count")
