"""Link tables from the objects' own pages: which tags, contacts, teammates, companies each has."""

from __future__ import annotations

import abc
import typing as t

import msgspec

from tap_intercom_conversations.errors import UnusableRecord
from tap_intercom_conversations.reading.envelope import Poison
from tap_intercom_conversations.records.values import Lossy, to_key
from tap_intercom_conversations.streams.base import NO_OBJECT, UNREADABLE
from tap_intercom_conversations.streams.changed_conversations import ChangedConversationsStream
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.records import Record

Item = dict[str, t.Any]


class Linked(msgspec.Struct):
    """What link tables look at of a conversation or a contact."""

    id: t.Any = None
    updated_at: t.Any = None
    tags: t.Any = None
    contacts: t.Any = None
    teammates: t.Any = None
    companies: t.Any = None


class LinkStream(ChangedObjectsStream):
    """A row for each link; it is current if its time is its owner's `updated_at`.

    Attributes:
        owner_key: The column with the id of the object that has the link.
        field: Where that object has its links.
    """

    owner_key: t.ClassVar[str]
    field: t.ClassVar[str]

    @abc.abstractmethod
    def link(self, item: Item) -> Item:
        """The columns of one link."""

    def records_of(self, batch: Batch) -> Iterator[Record]:
        """Take the links from the objects of a page."""
        for owner in self.objects(batch, Linked):
            yield from self.rows_of(owner)

    def rows_of(self, owner: t.Any) -> Iterator[Record]:
        """Yield the links of an object, or say that it cannot be read."""
        if not isinstance(owner, Linked):
            poison = isinstance(owner, Poison)
            why = UnusableRecord(UNREADABLE if poison else NO_OBJECT)
            self.cannot_read(getattr(owner, "id", None), why)
            return
        try:
            identifier = to_key(owner.id)
        except Lossy:
            identifier = None
        self.unreadable.remove(identifier)
        # By key: the API may repeat an entry.
        items = self._items(getattr(owner, self.field))
        for row in {str(item["id"]): self.link(item) for item in items}.values():
            row[self.owner_key] = owner.id
            row[str(self.replication_key)] = owner.updated_at
            try:
                yield self.shape(row)
            except UnusableRecord as error:
                self.cannot_read(identifier, error)

    def _items(self, value: t.Any) -> Iterator[Item]:
        """The links in whatever form they come.

        `{type, contacts: [...]}`; a bare array in 2.0-2.5; `{type: "admin.list", admins: [...]}`
        for teammates; `data` of contacts and other lists; null, or an object with every field null.
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


class ConversationLinkStream(LinkStream, ChangedConversationsStream):
    """A row for each link of a conversation."""

    owner_key = "conversation_id"
    replication_key = "conversation_updated_at"


class ConversationTagsStream(ConversationLinkStream):
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


class ConversationContactsStream(ConversationLinkStream):
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


class ConversationTeammatesStream(ConversationLinkStream):
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
