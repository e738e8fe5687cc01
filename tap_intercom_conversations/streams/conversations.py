"""conversations: every conversation, as the search or the list has it, without its parts."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.jsontext import id_of
from tap_intercom_conversations.streams.changed_conversations import (
    ChangedConversationsStream,
    ChangedId,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.records import Record


class ConversationsStream(ChangedConversationsStream):
    """POST /conversations/search or GET /conversations."""

    name = "conversations"
    primary_keys = ("id",)
    replication_key = "updated_at"

    def records_of(self, batch: Batch) -> Iterator[Record]:
        """A page's conversations are the records."""
        if self.unreadable.ids:
            for conversation in self.objects(batch, ChangedId):
                self.unreadable.remove(str(getattr(conversation, "id", None)))
        yield from super().records_of(batch)

    def id_of(self, raw: bytes | msgspec.Raw) -> str | None:
        """Read a conversation's id, also if nothing else of it can be read."""
        return id_of(bytes(raw))
