"""conversations: every conversation, as the search or the list has it, without its parts."""

from __future__ import annotations

from tap_intercom_conversations.streams.changed_conversations import ChangedConversationsStream


class ConversationsStream(ChangedConversationsStream):
    """POST /conversations/search or GET /conversations."""

    name = "conversations"
    primary_keys = ("id",)
    replication_key = "updated_at"
