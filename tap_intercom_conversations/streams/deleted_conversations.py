"""deleted_conversations: which conversations are gone since when, newest first."""

from __future__ import annotations

import typing as t
from functools import cached_property

import msgspec

from tap_intercom_conversations.streams import collections
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream, Step

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.reading.collection import Collection
    from tap_intercom_conversations.records import Record


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

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """A page's entries are the records."""
        for batch in batches:
            yield Step(self._records(batch), len(batch.rows), batch)

    def _records(self, batch: Batch) -> Iterator[Record]:
        for raw in self.objects(batch, msgspec.Raw):
            # Without an id: a deletion cannot be asked for again by one.
            yield from self.usable(raw, {}, None)
