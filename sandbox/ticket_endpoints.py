"""The endpoints of tickets: their search, each on its own, their types and states."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox import ticket_shapes
from sandbox.answers import Answer, ApiError, json_answer
from sandbox.dialect import WIDE_SECONDS, Dialect
from sandbox.listing import Form, Listing
from sandbox.render import served
from sandbox.ticket import SERVED_PARTS
from sandbox.ticket_fields import lookup
from sandbox.ticket_types import ticket_states, ticket_types

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.lies import Lies
    from sandbox.request import Request
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

Json = dict[str, Any]

FORM = Form(
    list="",
    search="tickets_search",
    type="ticket.list",
    key="tickets",
    size=20,
    biggest=150,
    sorts=("updated_at", "created_at"),
)


class TicketEndpoints:
    """Answers what is asked of tickets."""

    def __init__(self, workspace: Workspace, switches: Switches, lies: Lies) -> None:
        self._workspace = workspace
        self._switches = switches
        self.listing = Listing(lambda: workspace.tickets, FORM, switches, lies)
        self.plain: dict[str, Callable[[Request], Answer]] = {
            FORM.search: self.searched,
            "ticket_types": self.types,
            "ticket_states": self.states,
        }
        self.of_one: dict[str, Callable[[Request, str], Answer]] = {"ticket": self.ticket}

    def searched(self, request: Request) -> Answer:
        """Answer POST /tickets/search."""
        self._check_scope()
        inclusive = self._switches.inclusive_comparisons
        dialect = Dialect(lookup, moments=WIDE_SECONDS, inclusive=inclusive)
        return self.listing.searched(request, partial(self._page, request=request), dialect)

    def ticket(self, request: Request, identifier: str) -> Answer:
        """Answer GET /tickets/{id}."""
        self._check_scope()
        ordinal = self._workspace.tickets.find(identifier)
        if ordinal is None:
            raise ApiError(404, "ticket_not_found", "Ticket not found")
        return Answer(self._rendered(ordinal, request.version, SERVED_PARTS))

    def types(self, request: Request) -> Answer:
        """Answer GET /ticket_types."""
        self._check_scope()
        key, version = self._switches.ticket_attributes_key, request.version
        data = [ticket_shapes.ticket_type(item, version, attributes=key) for item in ticket_types()]
        return json_answer({"type": "list", "data": data})

    def states(self, request: Request) -> Answer:
        """Answer GET /ticket_states."""
        self._check_scope()
        key, version = self._switches.ticket_attributes_key, request.version
        data = [ticket_shapes.state(item, version, attributes=key) for item in ticket_states()]
        return json_answer({"type": "list", "data": data})

    def _check_scope(self) -> None:
        if not self._switches.tickets_scope:
            raise ApiError(401, "token_unauthorized", "Not authorized to access resource")

    def _page(self, ordinals: list[int], request: Request) -> bytes:
        parts = self._switches.ticket_parts_in_search
        return b",".join([self._rendered(n, request.version, parts) for n in ordinals])

    def _rendered(self, ordinal: int, version: int, parts: int) -> bytes:
        tickets = self._workspace.tickets
        canonical = tickets.canonical(ordinal)
        key = self._switches.ticket_attributes_key
        shaped = ticket_shapes.ticket(canonical, version, attributes=key, parts=parts)
        return served(shaped, tickets, ordinal, self._switches)
