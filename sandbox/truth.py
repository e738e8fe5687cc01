"""The rows that a perfect copy of the workspace would hold, in the newest shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sandbox import shapes, ticket_shapes
from sandbox.around import deleted, handling_events, side_conversations
from sandbox.articles import help_center_collections
from sandbox.attributes import conversation_attributes
from sandbox.calls import all_numbers, call
from sandbox.contact import contact_tags
from sandbox.contact_events import contact_activities
from sandbox.conversation import parts_of
from sandbox.data_attributes import data_attributes
from sandbox.index import ordinal_in
from sandbox.ticket import SERVED_PARTS
from sandbox.ticket_types import ticket_states, ticket_types
from sandbox.versions import PREVIEW

if TYPE_CHECKING:
    from sandbox.collection import Collection
    from sandbox.story import Tale
    from sandbox.workspace import Workspace

Json = dict[str, Any]
Rows = Callable[[Json, "Tale"], list[Json]]
SingleRows = Callable[["Workspace", int], list[Json]]


def truth(workspace: Workspace, stream: str) -> Iterator[Json]:
    """Return a stream's rows, the conversations' in the order of their last update."""
    whole = _WHOLE.get(stream)
    if whole is not None:
        yield from whole(workspace)
        return
    if stream in _SINGLY:
        collection, made = _SINGLY[stream]
        yield from _one_by_one(workspace, collection(workspace), made)
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


def _one_by_one(workspace: Workspace, collection: Collection, rows: SingleRows) -> Iterator[Json]:
    with workspace.lock:
        keys = collection.by_update.keys[:]
    for key in keys:
        with workspace.lock:
            found = rows(workspace, ordinal_in(key))
        yield from found


def _contact(workspace: Workspace, ordinal: int) -> list[Json]:
    return [shapes.contact(workspace.contacts.canonical(ordinal), PREVIEW, history=True)]


def _contact_links(workspace: Workspace, ordinal: int, key: str, ids: list[str]) -> list[Json]:
    contacts = workspace.contacts
    owner = {"contact_id": contacts.id_of(ordinal)}
    moment = {"contact_updated_at": contacts.updated_at(ordinal)}
    return [{**owner, **moment, key: number} for number in ids]


def _contact_companies(workspace: Workspace, ordinal: int) -> list[Json]:
    found = workspace.contacts.companies_of(ordinal)
    ids = [workspace.companies.id_of(number) for number in found]
    return _contact_links(workspace, ordinal, "company_id", ids)


def _contact_tags(workspace: Workspace, ordinal: int) -> list[Json]:
    tags = contact_tags(workspace.cast, workspace.contacts.life(ordinal))
    return _contact_links(workspace, ordinal, "tag_id", [tag["id"] for tag in tags])


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


def _company(workspace: Workspace, ordinal: int) -> list[Json]:
    return [shapes.company(workspace.companies.canonical(ordinal), PREVIEW, notes="notes")]


def _ticket(workspace: Workspace, ordinal: int) -> list[Json]:
    canonical = workspace.tickets.canonical(ordinal)
    parts = SERVED_PARTS
    return [ticket_shapes.ticket(canonical, PREVIEW, attributes="data", parts=parts)]


def _ticket_parts(workspace: Workspace, ordinal: int) -> list[Json]:
    ticket = workspace.tickets.canonical(ordinal)
    owner = {"ticket_id": ticket["id"], "ticket_updated_at": ticket["updated_at"]}
    return [{**owner, **part} for part in ticket["ticket_parts"]["ticket_parts"]]


def _article(workspace: Workspace, ordinal: int) -> list[Json]:
    return [shapes.article(workspace.articles.canonical(ordinal), PREVIEW)]


def _segments(workspace: Workspace) -> list[Json]:
    return [
        {key: value for key, value in segment.items() if key != "count"}
        for segment in workspace.cast.segments
    ]


def _calls(workspace: Workspace) -> list[Json]:
    return [
        {
            **call(workspace, ordinal, number),
            "conversation_updated_at": workspace.updated_at(ordinal),
        }
        for ordinal, number in all_numbers(workspace)
    ]


_SINGLY: dict[str, tuple[Callable[[Workspace], Collection], SingleRows]] = {
    "contacts": (lambda workspace: workspace.contacts, _contact),
    "contact_companies": (lambda workspace: workspace.contacts, _contact_companies),
    "contact_tags": (lambda workspace: workspace.contacts, _contact_tags),
    "companies": (lambda workspace: workspace.companies, _company),
    "articles": (lambda workspace: workspace.articles, _article),
    "admin_activity_logs": (
        lambda workspace: workspace.activity_logs,
        lambda workspace, ordinal: [workspace.activity_logs.canonical(ordinal)],
    ),
    "tickets": (lambda workspace: workspace.tickets, _ticket),
    "ticket_parts": (lambda workspace: workspace.tickets, _ticket_parts),
}
_WHOLE: dict[str, Callable[[Any], list[Json]]] = {
    "deleted_conversations": lambda workspace: deleted(workspace, descending=False),
    "conversation_attributes": lambda workspace: conversation_attributes(
        workspace.seed, archived=True
    ),
    "admins": lambda workspace: workspace.cast.admins,
    "teams": lambda workspace: workspace.cast.teams,
    "tags": lambda workspace: workspace.cast.tags,
    "calls": _calls,
    "segments": _segments,
    "contact_attributes": lambda _: data_attributes("contact", PREVIEW, archived=True),
    "company_attributes": lambda _: data_attributes("company", PREVIEW, archived=True),
    "help_center_collections": lambda _: help_center_collections(),
    "ticket_types": lambda _: ticket_types(),
    "ticket_states": lambda _: ticket_states(),
    "contact_activities": lambda workspace: contact_activities(workspace.contacts),
}
STREAMS = (*_OF_CONVERSATIONS, *_SINGLY, *_WHOLE)
