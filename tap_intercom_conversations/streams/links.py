"""Link tables from the conversations' own pages: which tags, contacts and teammates each has."""

from __future__ import annotations

import abc
import typing as t

import msgspec

from tap_intercom_conversations.errors import UnusableRecord
from tap_intercom_conversations.reading.envelope import Poison
from tap_intercom_conversations.records.values import Lossy, to_key
from tap_intercom_conversations.streams.base import NO_OBJECT, UNREADABLE
from tap_intercom_conversations.streams.changed_conversations import ChangedConversationsStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.records import Record

Item = dict[str, t.Any]


class Linked(msgspec.Struct):
    """What link tables look at of a conversation."""

    id: t.Any = None
    updated_at: t.Any = None
    tags: t.Any = None
    contacts: t.Any = None
    teammates: t.Any = None


class LinkStream(ChangedConversationsStream):
    """A row for each link; it is current if its time is its conversation's `updated_at`."""

    replication_key = "conversation_updated_at"
    field: t.ClassVar[str]

    @abc.abstractmethod
    def link(self, item: Item) -> Item:
        """The columns of one link."""

    def records_of(self, batch: Batch) -> Iterator[Record]:
        """Take the links from the conversations of a page."""
        for conversation in self.objects(batch, Linked):
            if isinstance(conversation, Linked):
                yield from self._links(conversation)
            else:
                poison = isinstance(conversation, Poison)
                why = UnusableRecord(UNREADABLE if poison else NO_OBJECT)
                self.cannot_read(getattr(conversation, "id", None), why)

    def _links(self, conversation: Linked) -> Iterator[Record]:
        try:
            identifier = to_key(conversation.id)
        except Lossy:
            identifier = None
        self.unreadable.remove(identifier)
        # By key: the API may repeat an entry.
        items = self._items(getattr(conversation, self.field))
        for row in {str(item["id"]): self.link(item) for item in items}.values():
            row["conversation_id"] = conversation.id
            row["conversation_updated_at"] = conversation.updated_at
            try:
                yield self.shape(row)
            except UnusableRecord as error:
                self.cannot_read(identifier, error)

    def _items(self, value: t.Any) -> Iterator[Item]:
        """The links in whatever form they come.

        `{type, contacts: [...]}`; a bare array in 2.0-2.5; `{type: "admin.list", admins: [...]}`
        for teammates, or `data`, as other lists have it; null, or an object with every field null.
        An entry that is null or has no id is nobody.
        """
        if isinstance(value, dict):
            names = (self.field, "admins", "data")
            value = next((value[name] for name in names if value.get(name)), None)
        for item in value if isinstance(value, list) else ():
            if isinstance(item, dict):
                if item.get("id") is not None:
                    yield item
            elif item is not None:
                self.unusable(NO_OBJECT)


class ConversationTagsStream(LinkStream):
    """Tags on conversations, with who applied them when."""

    name = "conversation_tags"
    primary_keys = ("conversation_id", "tag_id")
    field = "tags"

    def link(self, item: Item) -> Item:
        """A tag's link."""
        by = item.get("applied_by")
        by = by if isinstance(by, dict) else {}
        return {
            "tag_id": item["id"],
            "name": item.get("name"),
            "applied_at": item.get("applied_at"),
            "applied_by_type": by.get("type"),
            "applied_by_id": by.get("id"),
        }


class ConversationContactsStream(LinkStream):
    """Contacts who take part in conversations."""

    name = "conversation_contacts"
    primary_keys = ("conversation_id", "contact_id")
    field = "contacts"

    def link(self, item: Item) -> Item:
        """A contact's link."""
        return {
            "contact_id": item["id"],
            "type": item.get("type"),
            "external_id": item.get("external_id"),
        }


class ConversationTeammatesStream(LinkStream):
    """Teammates who took part in conversations."""

    name = "conversation_teammates"
    primary_keys = ("conversation_id", "admin_id")
    field = "teammates"

    def link(self, item: Item) -> Item:
        """A teammate's link."""
        return {
            "admin_id": item["id"],
            "type": item.get("type"),
            "name": item.get("name"),
            "email": item.get("email"),
        }
