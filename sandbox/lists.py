"""The list and the search of conversations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.answers import BAD_GATEWAY_PAGE, HTML, Answer, ApiError
from sandbox.ids import conversation_id
from sandbox.pages import Pages, clamp, flag, whole_number
from sandbox.query import Plan, compile_query
from sandbox.render import View
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


@dataclass(frozen=True, slots=True)
class Request:
    """What an endpoint needs to know of a request."""

    url: str  # scheme, host and path
    query: Mapping[str, str]
    body: bytes
    version: int


class Lists:
    """Answers GET /conversations and POST /conversations/search."""

    def __init__(self, workspace: Workspace, renderer: Renderer, switches: Switches) -> None:
        self._workspace = workspace
        self._renderer = renderer
        self._switches = switches
        self._results = Results(workspace)
        self._pages = Pages(switches)

    def listed(self, request: Request) -> Answer:
        """Answer GET /conversations."""
        size = clamp(request.query.get("per_page"), DEFAULT_SIZE, BIGGEST_SIZE, self._switches)
        sort, descending = self._list_order(request)
        result = self._results.find(
            Plan(),
            sort,
            self._workspace.by_update,
            tickets=self._switches.tickets_scope,
            name="list",
        )
        page = self._page(result, request.query, size, descending=descending)
        by_cursor = counted = request.version >= V2_6
        after = request.query.get("starting_after")
        pages = self._pages.block(request, page, size, after, by_cursor=by_cursor)
        view = _view(request, qa_since=PREVIEW)
        return self._answer(pages, page, view, counted=counted)

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
        page = self._page(result, pagination, size, descending=descending)
        if any(conversation_id(ordinal) in self._switches.stumbling for ordinal in page.ordinals):
            raise ApiError(404, "not_found", "Resource Not Found")
        # Whatever the version: a search goes on by what stands in its body, never by a URL.
        after = pagination.get("starting_after")
        pages = self._pages.block(request, page, size, after, by_cursor=True)
        return self._answer(pages, page, _view(request, qa_since=V2_16), counted=True)

    def _page(
        self, result: Result, place: Mapping[str, Any], size: int, *, descending: bool
    ) -> Page:
        """Return the page at a place: behind a cursor, or by its number."""
        after = place.get("starting_after")
        if after is None:
            number = whole_number(place.get("page", 1), "page")
            return result.cut((number - 1) * size, number, size, descending=descending)
        cursor = Cursor.decode(str(after))
        self._pages.check(cursor)
        return result.page(cursor, size, descending=descending)

    def _answer(self, pages: Json, page: Page, view: View, *, counted: bool) -> Answer:
        envelope: Json = {"type": "conversation.list", "pages": pages}
        if counted:
            envelope["total_count"] = page.total
        head = msgspec.json.encode(envelope)[:-1]
        key = self._switches.envelope
        if key == "none":
            return Answer(head + b"}")
        items = b"null" if key == "null" else self._items(page, view)
        name = "conversations" if key == "null" else key
        return Answer(b'%b,"%b":%b}' % (head, name.encode(), items))

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
