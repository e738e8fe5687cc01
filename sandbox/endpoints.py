"""Every endpoint but the list and the search: single conversations and what goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import shapes
from sandbox.answers import HTML, NOT_FOUND_PAGE, Answer, ApiError, json_answer
from sandbox.around import deleted, handling_events, side_conversations
from sandbox.attributes import conversation_attributes
from sandbox.cast import FOUNDED
from sandbox.data_attributes import MODELS, data_attributes
from sandbox.ids import ordinal_of
from sandbox.numbered import Numbered
from sandbox.render import View
from sandbox.request import flag
from sandbox.versions import PREVIEW, V2_16

if TYPE_CHECKING:
    from sandbox.lies import Lies
    from sandbox.render import Renderer
    from sandbox.request import Request
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

Json = dict[str, Any]

_DELETED_SIZES = (20, 60)
_SIDE_SIZES = (25, 50)


class Endpoints:
    """Answers what is asked for by name."""

    def __init__(
        self, workspace: Workspace, renderer: Renderer, switches: Switches, lies: Lies
    ) -> None:
        self._workspace = workspace
        self._renderer = renderer
        self._switches = switches
        self._numbered = Numbered(switches, lies)

    def conversation(self, request: Request, identifier: str) -> Answer:
        """Answer GET /conversations/{id}."""
        ordinal = self._workspace.find(identifier)
        if ordinal is None:
            return self._not_found(identifier)
        qa = request.version >= PREVIEW
        query = request.query
        view = View(
            request.version,
            monitors=qa and flag(query.get("include_monitors")),
            scorecards=qa and flag(query.get("include_scorecards")),
            plaintext=query.get("display_as") == "plaintext",
            translations=flag(query.get("include_translations")),
            parts=True,
        )
        return Answer(self._renderer.conversation(ordinal, view))

    def _not_found(self, identifier: str) -> Answer:
        form = self._switches.not_found_form
        if form == "mixed":
            forms = ("not_found", "conversation_not_found", "html")
            form = forms[max(0, ordinal_of(identifier)) % len(forms)]
        if form == "html":
            return Answer(NOT_FOUND_PAGE, 404, HTML)
        raise ApiError(404, form, "Resource Not Found")

    def handling_events(self, _request: Request, identifier: str) -> Answer:
        """Answer GET /conversations/{id}/handling_events."""
        ordinal = self._workspace.find(identifier)
        if ordinal is None:
            return self._not_found(identifier)
        return json_answer({"handling_events": handling_events(self._workspace.told(ordinal))})

    def side_conversations(self, request: Request, identifier: str) -> Answer:
        """Answer GET /conversations/{id}/side_conversations."""
        ordinal = self._workspace.find(identifier)
        if ordinal is None:
            return self._not_found(identifier)
        found = side_conversations(self._workspace.told(ordinal))
        # No `next`: a client counts the pages.
        shown, envelope = self._numbered.page("side_conversations", request, found, _SIDE_SIZES)
        for thread in shown:
            thread["conversation_parts"] = [
                shapes.part(part, request.version, translated=False)
                for part in thread["conversation_parts"]
            ]
        return json_answer(
            {
                "type": "side_conversation.list",
                "side_conversations": shown,
                **envelope,
            }
        )

    def deleted(self, request: Request) -> Answer:
        """Answer GET /conversations/deleted."""
        order = request.query.get("order", "desc")
        served = self._switches.deleted_order or order
        rows = deleted(self._workspace, descending=served != "asc")
        shown, envelope = self._numbered.page(
            "deleted", request, rows, _DELETED_SIZES, linked={"order": order}
        )
        return json_answer({"type": "conversations.list", **envelope, "conversations": shown})

    def attributes(self, request: Request) -> Answer:
        """Answer GET /conversations/attributes."""
        archived = flag(request.query.get("include_archived"))
        data = conversation_attributes(self._workspace.seed, archived=archived)
        return json_answer({"type": "list", "data": data})

    def data_attributes(self, request: Request) -> Answer:
        """Answer GET /data_attributes."""
        model = request.query.get("model")
        if model == "conversation" and request.version >= V2_16:
            raise ApiError(422, "parameter_invalid", "use /conversations/attributes", "model")
        archived = flag(request.query.get("include_archived"))
        known = MODELS if request.version < V2_16 else MODELS[:2]
        data = [
            attribute
            for one in ([model] if model else known)
            for attribute in data_attributes(one, request.version, archived=archived)
        ]
        return json_answer({"type": "list", "data": data})

    def admins(self, request: Request) -> Answer:
        """Answer GET /admins."""
        admins = [shapes.admin(admin, request.version) for admin in self._workspace.cast.admins]
        return json_answer({"type": "admin.list", "admins": admins})

    def teams(self, request: Request) -> Answer:
        """Answer GET /teams."""
        teams = [shapes.team(team, request.version) for team in self._workspace.cast.teams]
        return json_answer({"type": "team.list", "teams": teams})

    def tags(self, _request: Request) -> Answer:
        """Answer GET /tags."""
        return json_answer({"type": "list", "data": self._workspace.cast.tags})

    def segments(self, request: Request) -> Answer:
        """Answer GET /segments."""
        counted = flag(request.query.get("include_count"))
        segments = [
            {key: value for key, value in segment.items() if counted or key != "count"}
            for segment in self._workspace.cast.segments
        ]
        return json_answer({"type": "segment.list", "segments": segments})

    def me(self, _request: Request) -> Answer:
        """Answer GET /me."""
        admin = self._workspace.cast.admins[0]
        app = {
            "type": "app",
            "id_code": "lk5pur01",
            "name": "Larkspur",
            "created_at": FOUNDED,
            "secure": False,
            "identity_verification": True,
            "timezone": self._switches.timezone,
            "region": "US",
        }
        avatar = {"type": "avatar", "image_url": "https://static.larkspur.example/a/0.png"}
        keys = ("type", "id", "email", "name", "has_inbox_seat")
        known = {key: admin[key] for key in keys}
        return json_answer({**known, "email_verified": True, "app": app, "avatar": avatar})
