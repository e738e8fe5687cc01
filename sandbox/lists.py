"""The list and the search of conversations."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.dialect import Dialect
from sandbox.fieldset import lookup
from sandbox.listing import Form, Listing
from sandbox.render import View
from sandbox.request import flag
from sandbox.versions import PREVIEW, V2_6, V2_16

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.answers import Answer
    from sandbox.lies import Lies
    from sandbox.render import Renderer
    from sandbox.request import Request
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

FORM = Form(
    list="list",
    search="search",
    type="conversation.list",
    key="conversations",
    size=20,
    biggest=150,
    sorts=("updated_at", "created_at", "waiting_since"),
)


class Lists:
    """Answers GET /conversations and POST /conversations/search."""

    def __init__(
        self, workspace: Workspace, renderer: Renderer, switches: Switches, lies: Lies
    ) -> None:
        self._workspace = workspace
        self._renderer = renderer
        self._switches = switches
        self.listing = Listing(lambda: workspace, FORM, switches, lies)

    def listed(self, request: Request) -> Answer:
        """Answer GET /conversations."""
        # Up to 2.5 the list goes by page number, and does not say how many rows it has.
        return self.listing.listed(
            request,
            partial(self._renderer.page, view=_view(request, qa_since=PREVIEW)),
            size=FORM.size,
            order=self._list_order(request),
            by_cursor=request.version >= V2_6,
            left_out=self._left_out(),
        )

    def _list_order(self, request: Request) -> tuple[str, bool]:
        """Return the order of the list: what it sorts by, and whether downwards."""
        if not self._switches.list_honours_order:
            return "created_at", True
        sort = request.query.get("sort", "updated_at")
        order = request.query.get("order", "desc")
        return sort if sort in FORM.sorts else "updated_at", order == "desc"

    def searched(self, request: Request) -> Answer:
        """Answer POST /conversations/search."""
        return self.listing.searched(
            request,
            partial(self._renderer.page, view=_view(request, qa_since=V2_16)),
            Dialect(lookup, inclusive=self._switches.inclusive_comparisons),
            left_out=self._left_out(),
        )

    def _left_out(self) -> Callable[[int], bool] | None:
        """Return what says whether a conversation may not be seen."""
        return None if self._switches.tickets_scope else self._workspace.is_ticket


def _view(request: Request, *, qa_since: int) -> View:
    asked = request.version >= qa_since
    return View(
        request.version,
        monitors=asked and flag(request.query.get("include_monitors")),
        scorecards=asked and flag(request.query.get("include_scorecards")),
    )
