"""Lists that go by page number: what is on a page, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from sandbox.lies import left_of
from sandbox.pages import the_end
from sandbox.request import clamp, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.lies import Lies
    from sandbox.request import Request
    from sandbox.switches import Switches

Json = dict[str, Any]
T = TypeVar("T")


class Numbered:
    """Cuts rows into pages."""

    def __init__(self, switches: Switches, lies: Lies) -> None:
        self._switches = switches
        self._lies = lies

    def page(
        self,
        endpoint: str,
        request: Request,
        rows: Sequence[T],
        sizes: tuple[int, int],
        *,
        asked: Mapping[str, Any] | None = None,
        linked: Mapping[str, str] | None = None,
    ) -> tuple[list[T], Json]:
        """Return the rows of the page that is asked for by its number, and what is said of it.

        Args:
            endpoint: The endpoint's name.
            request: What is asked.
            rows: All rows, in their order.
            sizes: How many a page has unless something is said, and at most.
            asked: What has `page` and `per_page`; the query, unless something else is given.
            linked: The other parameters of the next page's URL; without, there is no URL.
        """
        lies, switches = self._lies, self._switches
        asked = request.query if asked is None else asked
        place_asked = whole_number(asked.get("page", 1), "page")
        size = lies.size(endpoint, clamp(asked.get("per_page"), *sizes, switches))
        place, number = lies.shown(endpoint, place_asked)
        endless = lies.endless(endpoint, place_asked)
        shown = [] if endless else list(rows[(place - 1) * size : place * size])
        more = endless or place * size < len(rows)
        end = more and lies.false_end(endpoint, number, size)
        if end:
            shown, more = left_of(shown, end), False
        count = lies.count(endpoint, len(rows))
        pages: Json = {"type": "pages", "page": number, "per_page": size}
        pages |= lies.total_pages(endpoint, count, size)
        if linked is not None and more:
            query = urlencode({"per_page": size, **linked, "page": number + 1})
            pages["next"] = f"{request.url}?{query}"
        elif linked is not None:
            pages |= {"next": None, **the_end(switches, number)}
        envelope: Json = {} if end == "no-pages" else {"pages": pages}
        return shown, envelope | ({} if count is None else {"total_count": count})
