"""tickets and ticket_parts: both from the pages of one search, as those have the parts, too."""

from __future__ import annotations

import typing as t
from functools import cached_property

import msgspec

from tap_intercom_conversations.errors import UnreadableAnswer
from tap_intercom_conversations.jsontext import whole_number
from tap_intercom_conversations.streams import collections
from tap_intercom_conversations.streams.base import NO_COLUMNS
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream
from tap_intercom_conversations.streams.parts import MOST_PARTS, PartsStream, parts_decoder
from tap_intercom_conversations.streams.permissions import READ_TICKETS

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_intercom_conversations.reading.collection import Collection
    from tap_intercom_conversations.records import Record
    from tap_intercom_conversations.streams.per_object import RawRow

PARTS_KEY = "ticket_parts"


class PartList(msgspec.Struct, rename={"parts": PARTS_KEY}):
    """A ticket's parts: the 500 most recent, and the number of all."""

    parts: list[msgspec.Raw] | None = None
    total_count: t.Any = None


class Ticket(msgspec.Struct, rename={"parts": PARTS_KEY}):
    """What is looked at of a ticket."""

    id: t.Any = None
    updated_at: t.Any = None
    parts: PartList | None = None


_decode = parts_decoder(Ticket, PARTS_KEY)
_fields_of = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


class ChangedTicketsStream(ChangedObjectsStream):
    """A stream over the tickets that changed."""

    permission = READ_TICKETS
    since = "2.10"
    selected_by_default = False

    @cached_property
    def collection(self) -> Collection:
        """The tickets."""
        return collections.tickets(self.session.settings)


class TicketsStream(ChangedTicketsStream):
    """POST /tickets/search."""

    name = "tickets"
    endpoint = "/tickets/search"
    primary_keys = ("id",)
    replication_key = "updated_at"

    def record(self, raw: bytes | msgspec.Raw, added: Mapping[str, t.Any] = NO_COLUMNS) -> Record:
        """Make a ticket's record, without its parts, which are rows of ticket_parts."""
        return super().record(_without_parts(raw), added)


def _without_parts(raw: bytes | msgspec.Raw) -> bytes | msgspec.Raw:
    """Leave out a ticket's parts, and give its state the one shape that it has from 2.12 on."""
    try:
        fields = _fields_of(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return raw  # a list, a number, or what no decoder reads: it can be no row, and that is told
    fields.pop(PARTS_KEY, None)
    state = fields.get("ticket_state")
    if state is not None and bytes(state).startswith(b'"'):
        # Up to 2.11, and in some of the examples of 2.16: the category, its labels beside it.
        fields["ticket_state"] = msgspec.Raw(
            _encode(
                {
                    "type": "ticket_state",
                    "category": state,
                    "internal_label": fields.pop("ticket_state_internal_label", None),
                    "external_label": fields.pop("ticket_state_external_label", None),
                }
            )
        )
    return _encode(fields)


class TicketPartsStream(PartsStream, ChangedTicketsStream):
    """The parts on the tickets' pages; GET /tickets/{id} where fewer came than are counted."""

    name = "ticket_parts"
    endpoint = "/tickets/{}"
    owner = "ticket"
    looked_at = Ticket
    primary_keys = ("ticket_id", "id")
    replication_key = "ticket_updated_at"

    def rows_on_page(self, found: Ticket) -> list[RawRow] | None:
        """Return a ticket's rows if the search serves as many parts as it counts."""
        if found.parts is None or found.parts.parts is None:
            return None
        parts = found.parts.parts
        total = whole_number(found.parts.total_count)
        is_whole = total is not None and len(parts) >= min(total, MOST_PARTS)
        return self.rows(str(found.id), parts, max(total or 0, len(parts))) if is_whole else None

    def fetch(self, identifier: str) -> list[RawRow]:
        """Read a ticket's parts; see the documentation, "Retrieve a ticket"."""
        found, parts = self.session.client.get(self.endpoint, decode=_decode, of=identifier)
        if str(found.id) != identifier:
            raise UnreadableAnswer(f"GET {self.endpoint}", message="another ticket came")
        total = whole_number(found.parts.total_count if found.parts else None) or 0
        if parts is None or (total and not parts):
            raise UnreadableAnswer(
                f"GET {self.endpoint}", message="the ticket came without its parts"
            )
        return self.rows(identifier, parts, max(total, len(parts)))
