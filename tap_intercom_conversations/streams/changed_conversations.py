"""Streams over the conversations that changed, and over those that could not be read before."""

from __future__ import annotations

import typing as t
from functools import cached_property

import msgspec

from tap_intercom_conversations.api.body import Body
from tap_intercom_conversations.api.client import quoted
from tap_intercom_conversations.errors import NotFound, Stopped, TapError
from tap_intercom_conversations.jsontext import decode_any
from tap_intercom_conversations.reading.batch import Batch
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.streams import collections
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream
from tap_intercom_conversations.times import epoch_seconds

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.collection import Collection

RETRIES_AHEAD = 64
"""Conversations that are asked for again before the first of them has been written."""


class ChangedId(msgspec.Struct):
    """What is looked at of a conversation on a page."""

    id: t.Any = None
    updated_at: t.Any = None


class ChangedConversationsStream(ChangedObjectsStream):
    """A stream that is INCREMENTAL on a conversation's `updated_at`."""

    endpoint = "/conversations"

    @cached_property
    def collection(self) -> Collection:
        """The conversations, by search or list."""
        return collections.conversations(self.session.settings)

    def retry_unreadable(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """Put before the batches those conversations that earlier syncs could not read."""
        again = self.session.workers.ordered_map(
            self._find, self.unreadable.ids, ahead=RETRIES_AHEAD
        )
        for identifier, found in again:
            try:
                batch = found.result()
            except NotFound:
                self.unreadable.remove(identifier)
            except Stopped:
                raise
            except TapError as error:
                self.cannot_read(identifier, error)
            else:
                if not batch.rows:
                    self.unreadable.remove(identifier)
                yield batch
        yield from batches

    def _find(self, identifier: str) -> Batch:
        """Ask for a conversation by its id, in a worker; it comes as a page of its own.

        The page has no row if the conversation has left the user's bounds meanwhile.
        """
        path = f"/conversations/{quoted(identifier)}"
        parameters = self.collection.parameters
        conversation = self.session.client.get(path, parameters, decode=decode_any)
        changed_at = None
        if isinstance(conversation, dict):
            conversation.pop("conversation_parts", None)  # a page's conversations have none
            changed_at = epoch_seconds(conversation.get("updated_at"))
        rows = [0] if TimeRange(*self.user_bounds()).holds(changed_at) else []
        page = {self.collection.envelope_keys[0]: [conversation]}
        body = Body(msgspec.json.encode(page), packed=False)
        return Batch(body, rows, watermark=None, checkpoint=None)
