"""The rows that a perfect copy of the workspace would hold, in the newest shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sandbox import shapes
from sandbox.around import deleted, handling_events, side_conversations
from sandbox.attributes import conversation_attributes
from sandbox.conversation import parts_of
from sandbox.index import ordinal_in
from sandbox.versions import PREVIEW

if TYPE_CHECKING:
    from sandbox.story import Tale
    from sandbox.workspace import Workspace

Json = dict[str, Any]
Rows = Callable[[Json, "Tale"], list[Json]]


def truth(workspace: Workspace, stream: str) -> Iterator[Json]:
    """Return a stream's rows, the conversations' in the order of their last update."""
    whole = _WHOLE.get(stream)
    if whole is not None:
        yield from whole(workspace)
        return
    rows = _OF_CONVERSATIONS[stream]
    with workspace.lock:
        keys = workspace.by_update.keys[:]
    for key in keys:
        ordinal = ordinal_in(key)
        with workspace.lock:
            tale = workspace.told(ordinal)
            conversation = shapes.conversation(workspace.canonical(ordinal), PREVIEW)
            found = rows(conversation, tale)
        yield from found


def _owned(conversation: Json, items: list[Json]) -> list[Json]:
    owner = {"conversation_id": conversation["id"]}
    moment = {"conversation_updated_at": conversation["updated_at"]}
    return [{**owner, **moment, **item} for item in items]


def _side_parts(conversation: Json, tale: Tale) -> list[Json]:
    return _owned(
        conversation,
        [
            {"side_conversation_id": thread["side_conversation_id"], **part}
            for thread in side_conversations(tale)
            for part in thread["conversation_parts"]
        ],
    )


def _links(block: str, inner: str, key: str) -> Rows:
    def rows(conversation: Json, _tale: Tale) -> list[Json]:
        items = (conversation[block] or {inner: []})[inner]
        return _owned(conversation, [{key: item["id"], **item} for item in items])

    return rows


_OF_CONVERSATIONS: dict[str, Rows] = {
    "conversations": lambda conversation, _tale: [conversation],
    "conversation_parts": lambda conversation, tale: _owned(conversation, parts_of(tale)),
    "conversation_tags": _links("tags", "tags", "tag_id"),
    "conversation_contacts": _links("contacts", "contacts", "contact_id"),
    "conversation_teammates": _links("teammates", "teammates", "admin_id"),
    "conversation_handling_events": lambda conversation, tale: _owned(
        conversation, handling_events(tale)
    ),
    "side_conversation_parts": _side_parts,
}
_WHOLE: dict[str, Callable[[Any], list[Json]]] = {
    "deleted_conversations": lambda workspace: deleted(workspace, descending=False),
    "conversation_attributes": lambda workspace: conversation_attributes(
        workspace.seed, archived=True
    ),
    "admins": lambda workspace: workspace.cast.admins,
    "teams": lambda workspace: workspace.cast.teams,
    "tags": lambda workspace: workspace.cast.tags,
}
STREAMS = (*_OF_CONVERSATIONS, *_WHOLE)
