"""The streams over conversations all read the collection that the settings describe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.streams.changed_conversations import ChangedConversationsStream
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.conftest import TOKEN

if TYPE_CHECKING:
    from tap_intercom_conversations.reading.collection import Collection


def collection(**settings: Any) -> Collection:
    """What the streams over conversations read; it is the same for all of them."""
    tap = TapIntercomConversations(config={"access_token": TOKEN, **settings})
    streams = [s for s in tap.streams.values() if isinstance(s, ChangedConversationsStream)]
    tap.close()
    first, *others = (stream.collection for stream in streams)

    assert all(other == first for other in others)
    assert len(others) >= 6
    return first


@pytest.mark.parametrize(
    ("endpoint", "search_path"), [("search", "/conversations/search"), ("list", None)]
)
def test_conversations_are_searched_or_listed(endpoint: str, search_path: str | None) -> None:
    found = collection(conversations_endpoint=endpoint)

    assert (found.search_path, found.list_path) == (search_path, "/conversations")
    assert found.envelope_keys[0] == "conversations"


def test_the_users_filters_and_page_size_are_the_searchs() -> None:
    filters = [{"field": "state", "operator": "=", "value": "open"}]
    found = collection(search_filters=filters, page_size=7)

    assert (list(found.filters), found.page_size) == (filters, 7)


@pytest.mark.parametrize(("asks", "parameters"), [(False, set()), (True, {"true"})])
def test_quality_is_asked_for_only_if_it_is_wanted(*, asks: bool, parameters: set[str]) -> None:
    assert {*collection(include_qa=asks).parameters.values()} == parameters
