"""Link tables from the contacts' own pages: which companies and tags each has.

A contact on a page has ten of each at most. Where there are more, its own list is asked for.
"""

from __future__ import annotations

import typing as t
from itertools import count

import msgspec

from tap_intercom_conversations.api.pagination import parse_numbered
from tap_intercom_conversations.errors import UnreadableAnswer
from tap_intercom_conversations.jsontext import decoder, whole_number
from tap_intercom_conversations.records.values import Lossy, to_key
from tap_intercom_conversations.streams.changed_objects import Step
from tap_intercom_conversations.streams.contacts import ChangedContactsStream
from tap_intercom_conversations.streams.links import Item, Linked, LinkStream

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from singer_sdk import Tap

    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.records import Record
    from tap_intercom_conversations.session import Session


class LinkList(msgspec.Struct):
    """A page of a contact's own list; its pages are numbered, if it has any."""

    data: list[t.Any] | None
    pages: t.Any = None
    total_count: t.Any = None


_decode = decoder(LinkList)


class ContactGroup(t.NamedTuple):
    """Contacts of a batch that follow each other; only the last one's own list may be asked for.

    Attributes:
        contacts: The contacts, in their order.
        asks_for: The id of the last one; None if its page has all of its links.
        completes: The batch, if they are its last.
    """

    contacts: list[t.Any]
    asks_for: str | None
    completes: Batch | None


class OwnList(t.NamedTuple):
    """What came of a contact's own list.

    Attributes:
        links: All of its links.
        is_short: It counts more of them than it has.
    """

    links: list[t.Any]
    is_short: bool


class ContactLinkStream(LinkStream, ChangedContactsStream):
    """A row for each link; it is current if its time is its contact's `updated_at`."""

    owner_key = "contact_id"
    replication_key = "contact_updated_at"

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, session)
        self._short = 0

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """Yield the links of each contact, in order; say in the end whose are fewer than counted.

        That may be a lie: a count need not heed what was deleted.
        """
        outcomes = self.session.workers.ordered_map(self._fetch, self._groups(batches))
        for group, outcome in outcomes:
            yield Step(self._records(group, outcome), len(group.contacts), group.completes)
        if self._short:
            self.logger.warning(
                "%d contacts have fewer %s in their own lists than these count",
                self._short,
                self.field,
            )

    def _groups(self, batches: Iterator[Batch]) -> Iterator[ContactGroup]:
        for batch in batches:
            contacts: list[t.Any] = []
            for contact in self.objects(batch, Linked):
                contacts.append(contact)
                if identifier := self._id_to_ask_for(contact):
                    yield ContactGroup(contacts, identifier, None)
                    contacts = []
            yield ContactGroup(contacts, None, batch)

    def _id_to_ask_for(self, contact: t.Any) -> str | None:
        """Return a contact's id if it has links that its page does not show.

        What is no id must not become a path: such a contact is told of where its rows are made.
        """
        links = getattr(contact, self.field, None)
        if not isinstance(links, dict):
            return None
        shown = links.get("data")
        known = len(shown) if isinstance(shown, list) else 0
        counted = whole_number(links.get("total_count")) or 0
        if links.get("has_more") is not True and counted <= known:
            return None
        try:
            return to_key(contact.id)
        except Lossy:
            return None

    def _fetch(self, group: ContactGroup) -> OwnList | None:
        """Read all links of a contact, in a worker thread; None if its page has them.

        A page that brings nothing new is the last, whatever it says of more.
        """
        if group.asks_for is None:
            return None
        path = f"/contacts/{{}}/{self.field}"
        links: list[t.Any] = []
        ids: set[str] = set()
        position: Position = {}
        for number in count(1):
            page = self.session.client.get(path, position, decode=_decode, of=group.asks_for)
            counted = whole_number(page.total_count) or 0
            if page.data is None and counted > len(ids):
                raise UnreadableAnswer(f"a contact's {self.field}", message="it holds no data")
            came = page.data or []
            links += came
            new = {str(link.get("id")) for link in came if isinstance(link, dict)} - ids
            ids |= new
            position = parse_numbered(page.pages, number)
            if not position and len(ids) < counted:
                position = {"page": number + 1}
            if not (new and position):
                break
        return OwnList(links, is_short=len(ids) < counted)

    def _records(self, group: ContactGroup, outcome: Future[OwnList | None]) -> Iterator[Record]:
        *others, last = group.contacts or [None]
        for contact in others:
            yield from self.rows_of(contact)
        if last is None:
            return
        if group.asks_for is not None:
            found = self.outcome_of(group.asks_for, outcome)
            if found is None:
                return
            self._short += found.is_short
            setattr(last, self.field, found.links)
        yield from self.rows_of(last)


class ContactCompaniesStream(ContactLinkStream):
    """Companies that contacts belong to."""

    name = "contact_companies"
    primary_keys = ("contact_id", "company_id")
    field = "companies"

    def link(self, item: Item) -> Item:
        """A company's link."""
        return {"company_id": item["id"]}


class ContactTagsStream(ContactLinkStream):
    """Tags on contacts."""

    name = "contact_tags"
    primary_keys = ("contact_id", "tag_id")
    field = "tags"

    def link(self, item: Item) -> Item:
        """A tag's link."""
        return {"tag_id": item["id"]}
