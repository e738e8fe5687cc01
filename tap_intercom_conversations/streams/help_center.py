"""The help center: its articles, and the collections that they stand in."""

from __future__ import annotations

import typing as t
from functools import cached_property

from tap_intercom_conversations.streams import collections
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream
from tap_intercom_conversations.streams.permissions import READ_ARTICLES

if t.TYPE_CHECKING:
    from tap_intercom_conversations.reading.collection import Collection


class HelpCenterStream(ChangedObjectsStream):
    """A list by page number that is read whole, until a reading of it has brought nothing new."""

    primary_keys = ("id",)
    permission = READ_ARTICLES
    selected_by_default = False

    @cached_property
    def collection(self) -> Collection:
        """What is listed."""
        return collections.help_center(self.name, self.endpoint)

    def user_bounds(self) -> tuple[int | None, int | None]:
        """None: the user's are of conversations."""
        return None, None


class ArticlesStream(HelpCenterStream):
    """GET /articles: drafts, too."""

    name = "articles"
    endpoint = "/articles"


class HelpCenterCollectionsStream(HelpCenterStream):
    """GET /help_center/collections."""

    name = "help_center_collections"
    endpoint = "/help_center/collections"
