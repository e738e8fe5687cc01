"""The endpoints of contacts: their search and list, each on its own, and what belongs to one."""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox import shapes
from sandbox.answers import Answer, ApiError, json_answer
from sandbox.contact import contact_tags
from sandbox.contact_events import contact_activities, place_of
from sandbox.contact_fields import lookup
from sandbox.dialect import DAYS, WIDE_SECONDS, Dialect
from sandbox.listing import Form, Listing
from sandbox.numbered import Numbered
from sandbox.render import served
from sandbox.request import clamp, flag
from sandbox.versions import V2_16, V2_17

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.contacts import Contacts
    from sandbox.lies import Lies
    from sandbox.request import Request
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

Json = dict[str, Any]

_LIST_SIZE = 10
_COMPANY_SIZES = (50, 60)
_ACTIVITY_SIZES = (50, 150)
FORM = Form(
    list="contacts_list",
    search="contacts_search",
    type="list",
    key="data",
    size=50,
    biggest=150,
    sorts=("created_at", "updated_at", "signed_up_at", "last_seen_at", "last_replied_at"),
)


class ContactEndpoints:
    """Answers what is asked of contacts."""

    def __init__(self, workspace: Workspace, switches: Switches, lies: Lies) -> None:
        self._workspace = workspace
        self._switches = switches
        self._numbered = Numbered(switches, lies)
        self.listing = Listing(lambda: workspace.contacts, FORM, switches, lies)
        self._events: tuple[int, list[Json]] = (-1, [])
        self.plain: dict[str, Callable[[Request], Answer]] = {
            FORM.list: self.listed,
            FORM.search: self.searched,
            "contact_activities": self.activities,
        }
        self.of_one: dict[str, Callable[[Request, str], Answer]] = {
            "contact": self.contact,
            "contact_companies": self.companies,
            "contact_tags": self.tags,
        }

    @property
    def _contacts(self) -> Contacts:
        return self._workspace.contacts

    def listed(self, request: Request) -> Answer:
        """Answer GET /contacts."""
        render = partial(self._page, request=request)
        return self.listing.listed(request, render, size=_LIST_SIZE, order=("created_at", True))

    def searched(self, request: Request) -> Answer:
        """Answer POST /contacts/search."""
        switches = self._switches
        exact = request.version >= V2_17
        dialect = Dialect(
            lookup,
            moments=WIDE_SECONDS if exact else DAYS,
            inclusive=switches.inclusive_comparisons,
            days=None if exact else switches.zone,
        )
        render = partial(self._page, request=request)
        # Before 2.16 a word that is no order passes, for the one that it is not meant to be.
        return self.listing.searched(request, render, dialect, any_order=request.version < V2_16)

    def _page(self, ordinals: list[int], request: Request) -> bytes:
        return b",".join([self._rendered(ordinal, request) for ordinal in ordinals])

    def _rendered(self, ordinal: int, request: Request, *, alone: bool = False) -> bytes:
        contacts = self._contacts
        history = flag(request.query.get("include_merge_history"))
        canonical = contacts.canonical(ordinal)
        shaped = shapes.contact(canonical, request.version, history=history, alone=alone)
        return served(shaped, contacts, ordinal, self._switches)

    def contact(self, request: Request, identifier: str) -> Answer:
        """Answer GET /contacts/{id}."""
        return Answer(self._rendered(self._found(request, identifier), request, alone=True))

    def _found(self, request: Request, identifier: str) -> int:
        """Return a living contact, or say where it has gone."""
        ordinal = self._contacts.find(identifier)
        if ordinal is not None:
            return ordinal
        heir = self._contacts.heir_of(identifier)
        if heir is None or request.version < V2_16:
            raise ApiError(404, "not_found", "User Not Found")
        raise ApiError(
            410,
            "contact_merged",
            "This contact has been merged. See the 'Link' header for the canonical contact.",
            headers={"Link": f'</contacts/{heir}>; rel="canonical"'},
        )

    def companies(self, request: Request, identifier: str) -> Answer:
        """Answer GET /contacts/{id}/companies."""
        ordinals = self._contacts.companies_of(self._found(request, identifier))
        name = "contact_companies"
        shown, envelope = self._numbered.page(name, request, ordinals, _COMPANY_SIZES, linked={})
        companies, notes = self._workspace.companies, self._switches.company_notes
        data = [shapes.company(companies.canonical(n), request.version, notes=notes) for n in shown]
        return json_answer({"type": "list", "data": data, **envelope})

    def tags(self, request: Request, identifier: str) -> Answer:
        """Answer GET /contacts/{id}/tags."""
        life = self._contacts.life(self._found(request, identifier))
        return json_answer({"type": "list", "data": contact_tags(self._workspace.cast, life)})

    def activities(self, request: Request) -> Answer:
        """Answer GET /contacts/activities."""
        query = request.query
        size = clamp(query.get("per_page"), *_ACTIVITY_SIZES, self._switches)
        contacts = self._contacts
        if self._events[0] != contacts.revision:
            self._events = contacts.revision, contact_activities(contacts)
        events = self._events[1]
        after = query.get("starting_after")
        if after is None:
            first = 0
        else:
            first = bisect_right(events, place_of(after), key=lambda event: place_of(event["id"]))
        shown = events[first : first + size]
        pages: Json = {"type": "pages", "per_page": size}
        if first + size < len(events):
            pages["next"] = {"starting_after": shown[-1]["id"]}
        return json_answer({"type": "list", "data": shown, "pages": pages})
