"""conversations: every conversation, as the search or the list has it, without its parts."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.errors import UnusableRecord
from tap_intercom_conversations.streams.changed import ChangedConversationsStream, Step

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.changes import Batch
    from tap_intercom_conversations.records import Record


class ConversationsStream(ChangedConversationsStream):
    """POST /conversations/search or GET /conversations."""

    name = "conversations"
    primary_keys = ("id",)
    replication_key = "updated_at"

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """A page's conversations are the records."""
        for batch in batches:
            yield Step(self._records(batch), len(batch.places), batch)

    def _records(self, batch: Batch) -> Iterator[Record]:
        conversations = batch.page.conversations(msgspec.Raw)
        for place in batch.places:
            try:
                yield self.record(conversations[place])
            except UnusableRecord as error:
                self.unusable(str(error))
