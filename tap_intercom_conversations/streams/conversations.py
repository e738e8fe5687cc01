"""conversations: every conversation, as the search or the list has it, without its parts."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.errors import UnusableRecord
from tap_intercom_conversations.jsontext import id_of
from tap_intercom_conversations.streams.changed_conversations import (
    ChangedConversationsStream,
    ChangedId,
)
from tap_intercom_conversations.streams.changed_objects import Step

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.records import Record


class ConversationsStream(ChangedConversationsStream):
    """POST /conversations/search or GET /conversations."""

    name = "conversations"
    primary_keys = ("id",)
    replication_key = "updated_at"

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """A page's conversations are the records."""
        for batch in batches:
            yield Step(self._records(batch), len(batch.rows), batch)

    def _records(self, batch: Batch) -> Iterator[Record]:
        if self.unreadable.ids:
            for conversation in self.objects(batch, ChangedId):
                self.unreadable.remove(str(getattr(conversation, "id", None)))
        for raw in self.objects(batch, msgspec.Raw):
            try:
                yield self.record(raw)
            except UnusableRecord as error:
                self.cannot_read(id_of(bytes(raw)), error)
