"""From a method and a path to the endpoint that answers, if the version has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.answers import Answer, ApiError
from sandbox.endpoints import Endpoints
from sandbox.lies import Lies
from sandbox.lists import Lists
from sandbox.render import Renderer
from sandbox.versions import V2_0, V2_15, V2_16

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.request import Request
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

_PLAIN = {
    ("GET", "/conversations"): "list",
    ("POST", "/conversations/search"): "search",
    ("GET", "/conversations/deleted"): "deleted",
    ("GET", "/conversations/attributes"): "attributes",
    ("GET", "/data_attributes"): "data_attributes",
    ("GET", "/admins"): "admins",
    ("GET", "/teams"): "teams",
    ("GET", "/tags"): "tags",
    ("GET", "/segments"): "segments",
    ("GET", "/me"): "me",
}
_OF_CONVERSATION = {
    "": "conversation",
    "handling_events": "handling_events",
    "side_conversations": "side_conversations",
}
_SINCE = {
    "search": V2_0,
    "deleted": V2_16,
    "attributes": V2_16,
    "handling_events": V2_15,
    "side_conversations": V2_16,
}
_PREFIX = "/conversations/"


def endpoint_of(method: str, path: str) -> tuple[str, str]:
    """Return the name of the endpoint, and the conversation's id if it is about one."""
    name = _PLAIN.get((method, path))
    if name:
        return name, ""
    if method == "GET" and path.startswith(_PREFIX):
        identifier, _, rest = path[len(_PREFIX) :].partition("/")
        if rest in _OF_CONVERSATION and identifier:
            return _OF_CONVERSATION[rest], identifier
    return "unknown", ""


class Api:
    """All endpoints of a workspace."""

    def __init__(self, workspace: Workspace, switches: Switches) -> None:
        self.workspace = workspace
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
        self._of_conversation: dict[str, Callable[[Request, str], Answer]] = {
            "conversation": endpoints.conversation,
            "handling_events": endpoints.handling_events,
            "side_conversations": endpoints.side_conversations,
        }

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
            if identifier:
                return self._of_conversation[endpoint](request, identifier)
            return self._plain[endpoint](request)
