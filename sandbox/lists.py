"""The list and the search of conversations."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.answers import BAD_GATEWAY_PAGE, HTML, Answer, ApiError
from sandbox.ids import conversation_id
from sandbox.lies import Lies, left_of
from sandbox.pages import Asked, Pages
from sandbox.query import Plan, compile_query
from sandbox.render import View
from sandbox.request import Request, clamp, flag, whole_number
from sandbox.results import Cursor, Page, Result, Results
from sandbox.versions import PREVIEW, V2_6, V2_16

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.render import Renderer
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

Json = dict[str, Any]

DEFAULT_SIZE = 20
BIGGEST_SIZE = 150
_SORTS = ("created_at", "updated_at", "waiting_since")


class Lists:
    """Answers GET /conversations and POST /conversations/search."""

    def __init__(
        self, workspace: Workspace, renderer: Renderer, switches: Switches, lies: Lies
    ) -> None:
        self._workspace = workspace
        self._renderer = renderer
        self._switches = switches
        self._lies = lies
        self._results = Results(workspace)
        self._pages = Pages(switches, lies)

    def restart(self) -> None:
        """Begin anew as a server: cursors given out so far are stale ones from now on."""
        self._pages.restart()

    def listed(self, request: Request) -> Answer:
        """Answer GET /conversations."""
        size = clamp(request.query.get("per_page"), DEFAULT_SIZE, BIGGEST_SIZE, self._switches)
        # Up to 2.5 the list goes by page number, and does not say how many rows it has.
        newer = request.version >= V2_6
        after = request.query.get("starting_after")
        size = self._lies.size("list", size)
        asked = Asked("list", request, size, after, by_cursor=newer, counted=newer)
        sort, descending = self._list_order(request)
        result = self._results.find(
            Plan(),
            sort,
            self._workspace.by_update,
            tickets=self._switches.tickets_scope,
            name="list",
        )
        page = self._page(asked, result, request.query, descending=descending)
        return self._answer(asked, page, _view(request, qa_since=PREVIEW))

    def _list_order(self, request: Request) -> tuple[str, bool]:
        """Return the order of the list: what it sorts by, and whether downwards."""
        if not self._switches.list_honours_order:
            return "created_at", True
        sort = request.query.get("sort", "updated_at")
        order = request.query.get("order", "desc")
        return sort if sort in _SORTS else "updated_at", order == "desc"

    def searched(self, request: Request) -> Answer:
        """Answer POST /conversations/search."""
        body = _object(request.body)
        if "query" not in body:
            raise ApiError(400, "invalid_query", "query is required")
        pagination = body.get("pagination") or {}
        if not isinstance(pagination, dict):
            raise ApiError(400, "bad_request", "pagination must be an object")
        size = clamp(pagination.get("per_page"), DEFAULT_SIZE, BIGGEST_SIZE, self._switches)
        limit = self._switches.page_size_limit
        if limit and size > limit:
            return _overloaded(body)
        # Whatever the version: a search goes on by what stands in its body, never by a URL.
        after = pagination.get("starting_after")
        asked = Asked("search", request, self._lies.size("search", size), after)
        sort, descending = _search_order(body.get("sort"))
        inclusive = self._switches.inclusive_comparisons
        plan = compile_query(body["query"], inclusive=inclusive)
        result = self._results.find(
            plan,
            sort,
            self._workspace.searched,
            tickets=self._switches.tickets_scope,
            name=json.dumps([body["query"], inclusive], sort_keys=True),
        )
        if not self._switches.search_by_page:
            pagination.pop("page", None)
        page = self._page(asked, result, pagination, descending=descending)
        if any(conversation_id(ordinal) in self._switches.stumbling for ordinal in page.ordinals):
            raise ApiError(404, "not_found", "Resource Not Found")
        return self._answer(asked, page, _view(request, qa_since=V2_16))

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

    def _answer(self, asked: Asked, page: Page, view: View) -> Answer:
        lies, endpoint = self._lies, asked.endpoint
        end = page.next and lies.false_end(endpoint, page.number, asked.size)
        if end:
            page = replace(page, ordinals=left_of(page.ordinals, end), next=None)
        count = lies.count(endpoint, page.total)
        envelope: Json = {"type": "conversation.list"}
        if end != "no-pages":
            envelope["pages"] = self._pages.block(asked, page, count)
        if asked.counted and count is not None:
            envelope["total_count"] = count
        head = msgspec.json.encode(envelope)[:-1]
        key = self._switches.envelope
        if key == "none":
            return Answer(head + b"}")
        items = b"null" if key == "null" else self._items(page, view)
        name = "conversations" if key == "null" else key
        return Answer(b'%b,"%b":%b}%b' % (head, name.encode(), items, self._padding(asked.size)))

    def _padding(self, size: int) -> bytes:
        """Return blanks that make a page of many rows a large one."""
        above = self._switches.padded_above
        return b" " * self._switches.padding if 0 < above < size else b""

    def _items(self, page: Page, view: View) -> bytes:
        return b"[%b]" % self._renderer.page(page.ordinals, view)


def _view(request: Request, *, qa_since: int) -> View:
    asked = request.version >= qa_since
    return View(
        request.version,
        monitors=asked and flag(request.query.get("include_monitors")),
        scorecards=asked and flag(request.query.get("include_scorecards")),
    )


def _object(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except ValueError:
        raise ApiError(400, "bad_request", "the body is not JSON") from None
    if not isinstance(value, dict):
        raise ApiError(400, "bad_request", "the body is not an object")
    return value


def _search_order(sort: Any) -> tuple[str, bool]:
    if sort is None:
        return "updated_at", True
    if not isinstance(sort, dict):
        raise ApiError(400, "bad_request", "sort must be an object")
    field, order = sort.get("field", "updated_at"), sort.get("order", "descending")
    if field not in _SORTS:
        raise ApiError(400, "invalid_field", f"cannot sort by {field!r}", "sort")
    if order not in ("ascending", "descending"):
        raise ApiError(400, "invalid_sort_order", f"{order!r} is not an order", "sort")
    return field, order == "descending"


def _overloaded(body: Json) -> Answer:
    # Always the same answer to the same request, sometimes the one and sometimes the other.
    if len(json.dumps(body)) % 2:
        return Answer(BAD_GATEWAY_PAGE, 502, HTML)
    return Answer(b"", 504, HTML)
