"""deleted_conversations: which conversations are gone since when, newest first."""

from __future__ import annotations

import typing as t
from functools import cached_property

from tap_intercom_conversations.streams import collections
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream

if t.TYPE_CHECKING:
    from tap_intercom_conversations.reading.collection import Collection


class DeletedConversationsStream(ChangedObjectsStream):
    """GET /conversations/deleted, down to the bookmark.

    `end_date` bounds the `updated_at` of conversations, not when they were deleted: one of the span
    that is gone is gone, however much later. `start_date` bounds both, as none is deleted before it
    last changed.
    """

    name = "deleted_conversations"
    endpoint = "/conversations/deleted"
    primary_keys = ("id",)
    replication_key = "deleted_at"
    since = "2.16"

    @cached_property
    def collection(self) -> Collection:
        """The deletions."""
        return collections.deleted_conversations()

    def user_bounds(self) -> tuple[int | None, int | None]:
        """From the user's start on."""
        return self.session.settings.start, None
