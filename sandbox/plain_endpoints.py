"""The endpoints that list whatever there is: articles, collections, the admins' log, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import shapes
from sandbox.activity_logs import EVENT_TYPES
from sandbox.answers import Answer, ApiError, json_answer
from sandbox.articles import help_center_collections
from sandbox.calls import all_numbers, call, numbers_of, served
from sandbox.index import ordinal_in
from sandbox.numbered import Numbered
from sandbox.request import body_of, whole_number
from sandbox.versions import PREVIEW

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.collection import Collection
    from sandbox.lies import Lies
    from sandbox.request import Request
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

Json = dict[str, Any]

_ARTICLE_SIZES = (25, 150)
_CALL_SIZES = (25, 25)
_MOST_IDS = 20
_LOG_SIZES = (20, 250)
_DAY = 86_400


class PlainEndpoints:
    """Answers with lists by page number."""

    def __init__(self, workspace: Workspace, switches: Switches, lies: Lies) -> None:
        self._workspace = workspace
        self._switches = switches
        self._numbered = Numbered(switches, lies)
        self.plain: dict[str, Callable[[Request], Answer]] = {
            "articles": self.articles,
            "help_center_collections": self.collections,
            "activity_logs": self.activity_logs,
            "activity_logs_search": self.activity_logs_search,
            "activity_log_event_types": self.event_types,
            "calls": self.calls,
            "calls_search": self.calls_search,
        }

    def articles(self, request: Request) -> Answer:
        """Answer GET /articles."""
        articles = self._workspace.articles
        ordinals = _latest_first(articles, None, None)
        shown, said = self._numbered.page("articles", request, ordinals, _ARTICLE_SIZES, linked={})
        data = [shapes.article(articles.canonical(n), request.version) for n in shown]
        return json_answer({"type": "list", **said, "data": data})

    def collections(self, request: Request) -> Answer:
        """Answer GET /help_center/collections."""
        name, rows = "help_center_collections", help_center_collections()
        shown, said = self._numbered.page(name, request, rows, _ARTICLE_SIZES, linked={})
        return json_answer({"type": "list", **said, "data": shown})

    def activity_logs(self, request: Request) -> Answer:
        """Answer GET /admins/activity_logs."""
        bounds = {key: request.query[key] for key in _BOUNDS if key in request.query}
        ordinals = self._logged(bounds)
        name = "activity_logs"
        shown, said = self._numbered.page(name, request, ordinals, _LOG_SIZES, linked=bounds)
        return self._logs(shown, said)

    def activity_logs_search(self, request: Request) -> Answer:
        """Answer POST /admins/activity_logs/search."""
        body = body_of(request)
        ordinals, wanted = self._logged(body), body.get("event_types")
        logs = self._workspace.activity_logs
        if wanted:
            ordinals = [n for n in ordinals if logs.canonical(n)["activity_type"] in wanted]
        name = "activity_logs_search"
        shown, said = self._numbered.page(name, request, ordinals, _LOG_SIZES, asked=body)
        return self._logs(shown, said)

    def _logged(self, bounds: Json) -> list[int]:
        """Return the entries after one moment and before another, the latest first."""
        if "created_at_after" not in bounds:
            raise ApiError(400, "parameter_not_found", "created_at_after is required")
        low, high = (whole_number(bounds[key], key) if key in bounds else None for key in _BOUNDS)
        limit = self._switches.log_window
        until = self._workspace.now if high is None else high
        if limit and low is not None and until - low > limit * _DAY:
            raise ApiError(500, "server_error", "Something went wrong")
        return _latest_first(self._workspace.activity_logs, low, high)

    def _logs(self, ordinals: list[int], said: Json) -> Answer:
        said.pop("total_count", None)
        logs = [self._workspace.activity_logs.canonical(n) for n in ordinals]
        return json_answer({"type": "activity_log.list", **said, "activity_logs": logs})

    def event_types(self, _request: Request) -> Answer:
        """Answer GET /admins/activity_log_event_types."""
        return json_answer({"type": "list", "data": EVENT_TYPES})

    def calls(self, request: Request) -> Answer:
        """Answer GET /calls."""
        rows = all_numbers(self._workspace)
        shown, said = self._numbered.page("calls", request, rows, _CALL_SIZES, linked={})
        return self._calls(request, shown, said, transcript=False)

    def calls_search(self, request: Request) -> Answer:
        """Answer POST /calls/search."""
        ids = body_of(request).get("conversation_ids")
        if not isinstance(ids, list) or not 0 < len(ids) <= _MOST_IDS:
            message = f"A list of up to {_MOST_IDS} conversation IDs is required"
            raise ApiError(400, "conversation_id_limit_exceeded", message)
        workspace = self._workspace
        found = [n for n in map(workspace.find, map(str, ids)) if n is not None]
        rows = [(ordinal, number) for ordinal in found for number in numbers_of(ordinal)]
        return self._calls(request, rows, {}, transcript=True)

    def _calls(
        self, request: Request, rows: list[tuple[int, int]], said: Json, *, transcript: bool
    ) -> Answer:
        preview = request.version >= PREVIEW
        calls = [call(self._workspace, *row) for row in rows]
        data = [served(made, preview=preview, transcript=transcript) for made in calls]
        answer = json_answer({"type": "list", "data": data, **said})
        answer.lasting = False  # a transcript comes with time, though nothing has changed
        return answer


_BOUNDS = ("created_at_after", "created_at_before")


def _latest_first(collection: Collection, low: int | None, high: int | None) -> list[int]:
    """Return the ordinals of those that were updated after one moment and before another."""
    index = collection.by_update
    start, stop = index.between(None if low is None else low + 1, high)
    return [ordinal_in(key) for key in reversed(index.keys[start:stop])]
