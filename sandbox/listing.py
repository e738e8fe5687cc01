"""Pages of one collection, as its list and its search answer them, and what goes wrong there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.answers import BAD_GATEWAY_PAGE, HTML, Answer, ApiError
from sandbox.lies import left_of
from sandbox.pages import Asked, Pages
from sandbox.query import Plan, compile_query
from sandbox.request import body_of, clamp, whole_number
from sandbox.results import Cursor, Page, Results

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.collection import Collection
    from sandbox.dialect import Dialect
    from sandbox.lies import Lies
    from sandbox.request import Request
    from sandbox.results import Result
    from sandbox.switches import Switches

Json = dict[str, Any]
Render = Callable[[list[int]], bytes]
"""Makes objects, by their ordinals, into what stands between the brackets of a list."""
LeftOut = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Form:
    """What one collection's endpoints look like.

    Attributes:
        list: The endpoint's name of the list.
        search: The endpoint's name of the search.
        type: What answers call themselves.
        key: Where the objects stand in an answer.
        size: How many objects a page of the search has.
        biggest: How many it may have.
        sorts: The moments that it can be ordered by; the first is what it is ordered by.
    """

    list: str
    search: str
    type: str
    key: str
    size: int
    biggest: int
    sorts: tuple[str, ...]


class Listing:
    """Answers the list and the search of one collection."""

    def __init__(
        self, collection: Callable[[], Collection], form: Form, switches: Switches, lies: Lies
    ) -> None:
        self._made = collection
        self._form = form
        self._switches = switches
        self._lies = lies

    # A workspace makes contacts, companies and tickets when somebody asks; so they are not here.

    @cached_property
    def _collection(self) -> Collection:
        return self._made()

    @cached_property
    def _results(self) -> Results:
        return Results(self._collection)

    @cached_property
    def _pages(self) -> Pages:
        return Pages(self._collection, self._switches, self._lies)

    def restart(self) -> None:
        """Begin anew as a server: cursors given out so far are stale ones from now on."""
        self._pages.restart()

    def listed(
        self,
        request: Request,
        render: Render,
        *,
        size: int,
        order: tuple[str, bool],
        by_cursor: bool = True,
        left_out: LeftOut | None = None,
    ) -> Answer:
        """Answer a list.

        Args:
            request: What is asked.
            render: Makes the objects.
            size: How many of them a page has unless something is said.
            order: The moment that they are ordered by, and whether downwards.
            by_cursor: Whether it goes by cursor and says how many there are; else by page number.
            left_out: Whether an object may not be seen.
        """
        switches = self._switches
        size = clamp(request.query.get("per_page"), size, self._form.biggest, switches)
        name = self._form.list
        asked = Asked(
            name,
            request,
            self._lies.size(name, size),
            request.query.get("starting_after"),
            by_cursor=by_cursor,
            counted=by_cursor,
        )
        sort, descending = order
        by_update = self._collection.by_update
        result = self._results.find(Plan(), sort, by_update, name="list", left_out=left_out)
        page = self._page(asked, result, request.query, descending=descending)
        return self._answer(asked, page, render)

    def searched(
        self,
        request: Request,
        render: Render,
        dialect: Dialect,
        *,
        any_order: bool = False,
        left_out: LeftOut | None = None,
    ) -> Answer:
        """Answer a search.

        Args:
            request: What is asked.
            render: Makes the objects.
            dialect: How the query is meant.
            any_order: Whether an order that is none passes for the descending one.
            left_out: Whether an object may not be seen.
        """
        body = body_of(request)
        if "query" not in body:
            raise ApiError(400, "invalid_query", "query is required")
        pagination = body.get("pagination") or {}
        if not isinstance(pagination, dict):
            raise ApiError(400, "bad_request", "pagination must be an object")
        form, switches = self._form, self._switches
        size = clamp(pagination.get("per_page"), form.size, form.biggest, switches)
        limit = switches.page_size_limit
        if limit and size > limit:
            return _overloaded(body)
        # Whatever the version: a search goes on by what stands in its body, never by a URL.
        after = pagination.get("starting_after")
        asked = Asked(form.search, request, self._lies.size(form.search, size), after)
        sort, descending = self._search_order(body.get("sort"), any_order=any_order)
        result = self._results.find(
            compile_query(body["query"], dialect),
            sort,
            self._collection.searched,
            name=json.dumps([body["query"], repr(dialect)], sort_keys=True),
            left_out=left_out,
        )
        if not switches.search_by_page:
            pagination.pop("page", None)
        page = self._page(asked, result, pagination, descending=descending)
        if any(self._collection.id_of(ordinal) in switches.stumbling for ordinal in page.ordinals):
            raise ApiError(404, "not_found", "Resource Not Found")
        return self._answer(asked, page, render)

    def _search_order(self, sort: Any, *, any_order: bool) -> tuple[str, bool]:
        sorts = self._form.sorts
        if sort is None:
            return sorts[0], True
        if not isinstance(sort, dict):
            raise ApiError(400, "bad_request", "sort must be an object")
        field, order = sort.get("field", sorts[0]), sort.get("order", "descending")
        if field not in sorts:
            raise ApiError(400, "invalid_field", f"cannot sort by {field!r}", "sort")
        if order not in ("ascending", "descending") and not any_order:
            raise ApiError(400, "invalid_sort_order", f"{order!r} is not an order", "sort")
        return field, order != "ascending"

    def _page(
        self, asked: Asked, result: Result, place: Mapping[str, Any], *, descending: bool
    ) -> Page:
        """Return the page at a place: behind a cursor, or by its number."""
        if asked.after is not None:
            return self._pages.page(asked, result, str(asked.after), descending=descending)
        number, size = whole_number(place.get("page", 1), "page"), asked.size
        if self._lies.endless(asked.endpoint, number):
            return Page([], number, len(result), Cursor(0, number + 1), None)
        shown, said = self._lies.shown(asked.endpoint, number)
        return result.cut((shown - 1) * size, said, size, descending=descending)

    def _answer(self, asked: Asked, page: Page, render: Render) -> Answer:
        lies, endpoint = self._lies, asked.endpoint
        end = page.next and lies.false_end(endpoint, page.number, asked.size)
        if end:
            page = replace(page, ordinals=left_of(page.ordinals, end), next=None)
        count = lies.count(endpoint, page.total)
        envelope: Json = {"type": self._form.type}
        if end != "no-pages":
            envelope["pages"] = self._pages.block(asked, page, count)
        if asked.counted and count is not None:
            envelope["total_count"] = count
        head = msgspec.json.encode(envelope)[:-1]
        key = self._switches.envelope
        if key == "none":
            return Answer(head + b"}")
        items = b"null" if key == "null" else b"[%b]" % render(page.ordinals)
        name = "data" if key == "data" else self._form.key
        return Answer(b'%b,"%b":%b}%b' % (head, name.encode(), items, self._padding(asked.size)))

    def _padding(self, size: int) -> bytes:
        """Return blanks that make a page of many rows a large one."""
        above = self._switches.padded_above
        return b" " * self._switches.padding if 0 < above < size else b""


def _overloaded(body: Json) -> Answer:
    # Always the same answer to the same request, sometimes the one and sometimes the other.
    if len(json.dumps(body)) % 2:
        return Answer(BAD_GATEWAY_PAGE, 502, HTML)
    return Answer(b"", 504, HTML)
