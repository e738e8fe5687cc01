"""The endpoints of companies: the list and its end, the scroll, the search, each on its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox import shapes
from sandbox.answers import Answer, ApiError, json_answer
from sandbox.company_fields import lookup
from sandbox.dialect import WIDE_SECONDS, Dialect
from sandbox.listing import Form, Listing
from sandbox.numbered import Numbered
from sandbox.render import served
from sandbox.request import clamp, whole_number
from sandbox.scroll import Scrolls

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.companies import Companies
    from sandbox.lies import Lies
    from sandbox.request import Request
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

Json = dict[str, Any]

_SIZES = (15, 60)
FORM = Form(
    list="companies_list",
    search="companies_search",
    type="list",
    key="data",
    size=15,
    biggest=150,
    sorts=("last_request_at", "updated_at", "created_at"),
)


class CompanyEndpoints:
    """Answers what is asked of companies."""

    def __init__(self, workspace: Workspace, switches: Switches, lies: Lies) -> None:
        self._workspace = workspace
        self._switches = switches
        self._numbered = Numbered(switches, lies)
        self._scrolls = Scrolls(workspace.world, switches)
        self.listing = Listing(lambda: workspace.companies, FORM, switches, lies)
        self.plain: dict[str, Callable[[Request], Answer]] = {
            FORM.list: self.listed,
            FORM.search: self.searched,
            "companies_scroll": self.scrolled,
        }
        self.of_one: dict[str, Callable[[Request, str], Answer]] = {"company": self.company}

    @property
    def _companies(self) -> Companies:
        return self._workspace.companies

    def listed(self, request: Request) -> Answer:
        """Answer POST /companies/list and GET /companies."""
        query, switches = request.query, self._switches
        if "name" in query or "company_id" in query:
            return self._asked_for(request)
        size = clamp(query.get("per_page"), *_SIZES, switches)
        if (whole_number(query.get("page", 1), "page") - 1) * size >= switches.company_cap:
            raise ApiError(400, "bad_request", "page limit reached, please use scroll API")
        order = query.get("order", "desc")
        rows = self._companies.by_request()
        rows = rows[::-1] if order == "asc" else rows
        linked = {"order": order} if "order" in query else {}
        shown, said = self._numbered.page(FORM.list, request, rows, _SIZES, linked=linked)
        return self._answer(shown, request, said)

    def _asked_for(self, request: Request) -> Answer:
        """Answer GET /companies with a company's name or the id that its owner gave it."""
        for ordinal in self._companies.by_request():
            made = self._companies.canonical(ordinal)
            if all(
                made[key] == request.query.get(key, made[key]) for key in ("name", "company_id")
            ):
                return Answer(self._page([ordinal], request))
        raise ApiError(404, "company_not_found", "Company Not Found")

    def scrolled(self, request: Request) -> Answer:
        """Answer GET /companies/scroll."""
        parameter = request.query.get("scroll_param")
        rows = self._companies.by_request
        parameter, shown = self._scrolls.page(parameter, rows)
        said = {"pages": None, "total_count": None, "scroll_param": parameter}
        answer = self._answer(shown, request, said)
        answer.lasting = False  # the same request brings the next page
        return answer

    def searched(self, request: Request) -> Answer:
        """Answer POST /companies/search."""
        inclusive = self._switches.inclusive_comparisons
        dialect = Dialect(lookup, moments=WIDE_SECONDS, inclusive=inclusive)
        return self.listing.searched(request, partial(self._page, request=request), dialect)

    def company(self, request: Request, identifier: str) -> Answer:
        """Answer GET /companies/{id}."""
        ordinal = self._companies.find(identifier)
        if ordinal is None:
            raise ApiError(404, "company_not_found", "Company Not Found")
        return Answer(self._page([ordinal], request))

    def _answer(self, ordinals: list[int], request: Request, said: Json) -> Answer:
        head = json_answer({"type": "list", **said}).body[:-1]
        return Answer(b'%b,"data":[%b]}' % (head, self._page(ordinals, request)))

    def _page(self, ordinals: list[int], request: Request) -> bytes:
        return b",".join([self._rendered(ordinal, request.version) for ordinal in ordinals])

    def _rendered(self, ordinal: int, version: int) -> bytes:
        canonical = self._companies.canonical(ordinal)
        shaped = shapes.company(canonical, version, notes=self._switches.company_notes)
        return served(shaped, self._companies, ordinal, self._switches)
