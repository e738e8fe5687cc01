"""The collections that streams read: what the reader has to know of each."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.reading.collection import DAYS, SECONDS, Collection
from tap_intercom_conversations.settings import at_least

if t.TYPE_CHECKING:
    from tap_intercom_conversations.settings import Settings

NEWEST_FIRST = {"order": "desc", "sort": "updated_at"}
"""The list's parameters: undocumented from 2.7 on, but harmless where they are not honoured."""
COMPANY_PAGE_SIZE = 60
"""The most that the list was seen to serve; no document says."""
COMPANIES_LISTED = 10_000
"""Beyond it the list answers 400 "page limit reached, please use scroll API"."""
DELETED_PAGE_SIZE = 60
"""The most that the endpoint allows (API documentation, "List all deleted conversation IDs").

https://developers.intercom.com/docs/references/2.17/rest-api/api.intercom.io/conversations/listdeletedconversationids
"""
HELP_CENTER_PAGE_SIZE = 50
"""Twice what the endpoints serve unless they are asked; their most is not documented."""


def conversations(settings: Settings) -> Collection:
    """Conversations, by their search or their list as the settings say.

    API documentation, "Search conversations":
    https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations
    """
    quality = {"include_monitors": "true", "include_scorecards": "true"}
    searches = settings.conversations_endpoint == "search"
    return Collection(
        name="conversations",
        envelope_keys=("conversations", "data"),
        time_field="updated_at",
        page_size=settings.page_size,
        search_path="/conversations/search" if searches else None,
        filters=tuple(map(msgspec.to_builtins, settings.search_filters)),
        list_path="/conversations",
        list_order=NEWEST_FIRST,
        parameters=quality if settings.include_qa else {},
        object_path="/conversations/{}",
        only_alone=("conversation_parts",),
    )


def deleted_conversations() -> Collection:
    """Deletions of conversations; there is only a list, by page number."""
    order: dict[str, t.Any] = {"order": "desc"}
    return Collection(
        name="deleted conversations",
        envelope_keys=("conversations", "data"),
        time_field="deleted_at",
        page_size=DELETED_PAGE_SIZE,
        list_path="/conversations/deleted",
        list_order=order,
    )


def contacts(settings: Settings) -> Collection:
    """Contacts, by their search, with those that were merged into them where the version has it.

    API documentation, "Search contacts":
    https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/searchcontacts
    """
    version = settings.api_version
    has_merges = at_least(version, "2.16")
    return Collection(
        name="contacts",
        envelope_keys=("data", "contacts"),
        time_field="updated_at",
        page_size=settings.page_size,
        search_path="/contacts/search",
        parameters={"include_merge_history": "true"} if has_merges else {},
        object_path="/contacts/{}",
        precision=SECONDS if at_least(version, "2.17") else DAYS,
    )


def companies() -> Collection:
    """Companies, by their list, whose order is that of the last visit, or by their scroll.

    API documentation, "List all companies" and "Scroll over all companies":
    https://developers.intercom.com/docs/references/rest-api/api.intercom.io/companies/listallcompanies
    """
    return Collection(
        name="companies",
        envelope_keys=("data", "companies"),
        time_field="updated_at",
        page_size=COMPANY_PAGE_SIZE,
        list_path="/companies/list",
        list_method="POST",
        list_most=COMPANIES_LISTED,
        scroll_path="/companies/scroll",
        object_path="/companies/{}",
    )


def searched_companies(settings: Settings) -> Collection:
    """Companies, by the search that only Preview has.

    How finely it compares times is nowhere said (API documentation, "Search companies"), so it is
    taken for days, which loses nothing if it is seconds.
    """
    return Collection(
        name="companies",
        envelope_keys=("data", "companies"),
        time_field="updated_at",
        page_size=settings.page_size,
        search_path="/companies/search",
        object_path="/companies/{}",
        precision=DAYS,
    )


def tickets(settings: Settings) -> Collection:
    """Tickets, with their parts.

    API documentation, "Search tickets":
    https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tickets/searchtickets
    """
    return Collection(
        name="tickets",
        envelope_keys=("tickets", "data"),
        time_field="updated_at",
        page_size=settings.page_size,
        search_path="/tickets/search",
        object_path="/tickets/{}",
    )


def help_center(name: str, path: str) -> Collection:
    """A list of the help center, by page number, what changed last first.

    API documentation, "List all articles" and "List all collections":
    https://developers.intercom.com/docs/references/rest-api/api.intercom.io/articles/listarticles
    """
    return Collection(
        name=name,
        envelope_keys=("data",),
        time_field="updated_at",
        page_size=HELP_CENTER_PAGE_SIZE,
        list_path=path,
    )
