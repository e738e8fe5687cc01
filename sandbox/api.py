"""From a method and a path to the endpoint that answers, if the version has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.answers import Answer, ApiError
from sandbox.company_endpoints import CompanyEndpoints
from sandbox.contact_endpoints import ContactEndpoints
from sandbox.endpoints import Endpoints
from sandbox.lies import Lies
from sandbox.lists import Lists
from sandbox.plain_endpoints import PlainEndpoints
from sandbox.render import Renderer
from sandbox.ticket_endpoints import TicketEndpoints
from sandbox.versions import PREVIEW, V2_0, V2_9, V2_10, V2_12, V2_14, V2_15, V2_16

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.request import Request
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

# "*" stands for an object's id.
_ENDPOINTS = {
    ("GET", "/conversations"): "list",
    ("POST", "/conversations/search"): "search",
    ("GET", "/conversations/deleted"): "deleted",
    ("GET", "/conversations/attributes"): "attributes",
    ("GET", "/conversations/*"): "conversation",
    ("GET", "/conversations/*/handling_events"): "handling_events",
    ("GET", "/conversations/*/side_conversations"): "side_conversations",
    ("GET", "/contacts"): "contacts_list",
    ("POST", "/contacts/search"): "contacts_search",
    ("GET", "/contacts/activities"): "contact_activities",
    ("GET", "/contacts/*"): "contact",
    ("GET", "/contacts/*/companies"): "contact_companies",
    ("GET", "/contacts/*/tags"): "contact_tags",
    ("POST", "/companies/list"): "companies_list",
    ("GET", "/companies"): "companies_list",
    ("GET", "/companies/scroll"): "companies_scroll",
    ("POST", "/companies/search"): "companies_search",
    ("GET", "/companies/*"): "company",
    ("POST", "/tickets/search"): "tickets_search",
    ("GET", "/tickets/*"): "ticket",
    ("GET", "/ticket_types"): "ticket_types",
    ("GET", "/ticket_states"): "ticket_states",
    ("GET", "/articles"): "articles",
    ("GET", "/help_center/collections"): "help_center_collections",
    ("GET", "/admins/activity_logs"): "activity_logs",
    ("POST", "/admins/activity_logs/search"): "activity_logs_search",
    ("GET", "/admins/activity_log_event_types"): "activity_log_event_types",
    ("GET", "/calls"): "calls",
    ("POST", "/calls/search"): "calls_search",
    ("GET", "/data_attributes"): "data_attributes",
    ("GET", "/admins"): "admins",
    ("GET", "/teams"): "teams",
    ("GET", "/tags"): "tags",
    ("GET", "/segments"): "segments",
    ("GET", "/me"): "me",
}
_SINCE = {
    "search": V2_0,
    "deleted": V2_16,
    "attributes": V2_16,
    "handling_events": V2_15,
    "side_conversations": V2_16,
    "contact_activities": PREVIEW,
    "companies_search": PREVIEW,
    "activity_logs_search": V2_16,
    "activity_log_event_types": V2_16,
    "calls": V2_14,
    "calls_search": V2_14,
    "tickets_search": V2_10,
    "ticket": V2_9,
    "ticket_types": V2_9,
    "ticket_states": V2_12,
}
# The endpoints that page through objects, which may change between two pages.
PAGES = {
    "list": "conversations",
    "search": "conversations",
    "contacts_list": "contacts",
    "contacts_search": "contacts",
    "companies_list": "companies",
    "companies_scroll": "companies",
    "companies_search": "companies",
    "tickets_search": "tickets",
}
# The endpoints that a broken object answers; see the switch `broken`.
BREAKABLE = (
    "conversation",
    "contact",
    "contact_companies",
    "contact_tags",
    "company",
    "ticket",
)
_BROKEN = {401: "unauthorized", 403: "forbidden", 410: "gone", 422: "unprocessable_entity"}
_REDIRECTS = range(300, 400)


def endpoint_of(method: str, path: str) -> tuple[str, str]:
    """Return the name of the endpoint, and the object's id if it is about one."""
    name = _ENDPOINTS.get((method, path))
    if name:
        return name, ""
    _, first, identifier, *rest = [*path.split("/", 3), "", ""]
    below = f"/{rest[0]}" if rest[0] else ""
    name = _ENDPOINTS.get((method, f"/{first}/*{below}"))
    return (name, identifier) if name and identifier else ("unknown", "")


class Api:
    """All endpoints of a workspace."""

    def __init__(self, workspace: Workspace, switches: Switches) -> None:
        self.workspace = workspace
        self._switches = switches
        self.renderer = Renderer(workspace, switches)
        lies = Lies(switches)
        self.endpoints = Endpoints(workspace, self.renderer, switches, lies)
        self.lists = Lists(workspace, self.renderer, switches, lies)
        endpoints, lists = self.endpoints, self.lists
        self._plain: dict[str, Callable[[Request], Answer]] = {
            "list": lists.listed,
            "search": lists.searched,
            "deleted": endpoints.deleted,
            "attributes": endpoints.attributes,
            "data_attributes": endpoints.data_attributes,
            "admins": endpoints.admins,
            "teams": endpoints.teams,
            "tags": endpoints.tags,
            "segments": endpoints.segments,
            "me": endpoints.me,
        }
        self.contacts = contacts = ContactEndpoints(workspace, switches, lies)
        self.companies = companies = CompanyEndpoints(workspace, switches, lies)
        self.tickets = tickets = TicketEndpoints(workspace, switches, lies)
        self._plain |= contacts.plain | companies.plain | tickets.plain
        self._plain |= PlainEndpoints(workspace, switches, lies).plain
        self._of_one: dict[str, Callable[[Request, str], Answer]] = {
            "conversation": endpoints.conversation,
            "handling_events": endpoints.handling_events,
            "side_conversations": endpoints.side_conversations,
            **contacts.of_one,
            **companies.of_one,
            **tickets.of_one,
        }

    def restart(self) -> None:
        """Begin anew as a server: cursors given out so far are stale ones from now on."""
        with self.workspace.lock:
            for part in (self.lists, self.contacts, self.companies, self.tickets):
                part.listing.restart()

    def answer(self, endpoint: str, identifier: str, request: Request) -> Answer:
        """Answer a request."""
        if endpoint == "unknown":
            raise ApiError(404, "not_found", "Resource Not Found")
        if request.version < _SINCE.get(endpoint, 0):
            raise ApiError(
                400,
                "intercom_version_invalid",
                "Requested resource is not available in current API version.",
            )
        with self.workspace.lock:
            status = self._switches.broken_status
            if endpoint in BREAKABLE and identifier in self._switches.broken and status:
                return _broken(status, request)
            if identifier:
                return self._of_one[endpoint](request, identifier)
            return self._plain[endpoint](request)


def _broken(status: int, request: Request) -> Answer:
    """Return an answer that an object gives for ever in place of itself."""
    answer = ApiError(status, _BROKEN.get(status, "server_error"), "Not this one").answer(None)
    if status in _REDIRECTS:
        answer.headers["Location"] = f"{request.url}/elsewhere"
    return answer
