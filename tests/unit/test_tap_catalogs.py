"""Catalogs that users give: what is refused, and what may be anything."""

from __future__ import annotations

import pytest

from tap_intercom_conversations.errors import TapError
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.conftest import TOKEN, Json, catalog_of

pytestmark = pytest.mark.usefixtures("signal_handlers")


@pytest.mark.parametrize(
    ("stream", "changed", "culprit"),
    [
        ("tags", {"stream": "labels"}, "is called 'labels' there"),
        ("tags", {"replication_key": ["id"]}, "has the replication key ['id']"),
        ("tags", {"schema": {}}, "lacks id in its schema"),
        ("tags", {"key_properties": ["name", "x"]}, "lacks x in its schema"),
        ("tags", {"key_properties": 5}, "has key_properties that are no list of columns"),
        ("tags", {"replication_key": "name"}, "has the replication key 'name'"),
        ("tags", {"replication_method": "INCREMENTAL"}, "cannot be replicated by INCREMENTAL"),
        ("conversations", {"schema": {"properties": {"id": {}}}}, "lacks updated_at in its schema"),
        (
            "conversations",
            {"replication_key": "created_at"},
            "has the replication key 'created_at'",
        ),
        ("conversations", {"replication_method": "LOG_BASED"}, "cannot be replicated by LOG_BASED"),
    ],
)
def test_a_catalog_that_a_stream_cannot_follow(stream: str, changed: Json, culprit: str) -> None:
    catalog = catalog_of({}, (stream,))
    next(entry for entry in catalog["streams"] if entry["stream"] == stream).update(changed)

    with pytest.raises(TapError) as caught:
        TapIntercomConversations(config={"access_token": TOKEN}, catalog=catalog)
    assert str(caught.value).startswith(f"The catalog's stream '{stream}' {culprit}")
    assert str(caught.value).endswith("discover it anew")


def test_what_is_not_selected_may_be_anything() -> None:
    catalog = catalog_of({}, ("teams",))
    next(entry for entry in catalog["streams"] if entry["stream"] == "tags")["schema"] = {}

    assert TapIntercomConversations(config={"access_token": TOKEN}, catalog=catalog).close() == 0
