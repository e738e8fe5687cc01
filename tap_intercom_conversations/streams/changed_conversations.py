"""Streams over the conversations that changed, and over those that could not be read before."""

from __future__ import annotations

import typing as t
from functools import cached_property

from tap_intercom_conversations.streams import collections
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream

if t.TYPE_CHECKING:
    from tap_intercom_conversations.reading.collection import Collection


class ChangedConversationsStream(ChangedObjectsStream):
    """A stream that is INCREMENTAL on a conversation's `updated_at`."""

    endpoint = "/conversations"

    @cached_property
    def collection(self) -> Collection:
        """The conversations, by search or list."""
        return collections.conversations(self.session.settings)
