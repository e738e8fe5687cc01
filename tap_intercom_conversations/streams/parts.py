"""Parts of conversations and of tickets: every message, note and event in them."""

from __future__ import annotations

import abc
import typing as t

import msgspec

from tap_intercom_conversations.jsontext import UNDECODABLE, decoder, split_rows
from tap_intercom_conversations.streams.per_object import PerObjectStream, RawRow

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from singer_sdk import Tap

    from tap_intercom_conversations.session import Session
    from tap_intercom_conversations.streams.changed_objects import Step

    T = t.TypeVar("T")
    Parts = list[t.Any]

MOST_PARTS = 500
"""Parts that the API serves of one conversation or ticket, the most recent ones (API
documentation, "Retrieve a conversation").

https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/retrieveconversation
"""
IDS_SHOWN = 10


class PartsStream(PerObjectStream, abc.ABC):
    """A row for each part; every part of a changed object, as old ones are edited, too."""

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, session)
        self._cut_off: list[str] = []

    def rows(self, identifier: str, parts: Parts, total: int) -> list[RawRow]:
        """Make the rows of an object's parts.

        Args:
            identifier: The object's id.
            parts: Those of its parts that the API serves.
            total: How many it has, as the API counts.
        """
        if total > len(parts):
            self._cut_off.append(identifier)
        return [RawRow(part, {f"{self.owner}_total_parts": total}) for part in parts]

    def expand(self, batches: Iterator[t.Any]) -> Iterator[Step]:
        """Yield the parts, and say in the end which the API did not serve."""
        yield from super().expand(batches)
        if self._cut_off:
            self.logger.warning(
                "%d %s have more parts than the %d that the API serves; "
                "%s_total_parts has their number: %s%s",
                len(self._cut_off),
                self.collection.name,
                MOST_PARTS,
                self.owner,
                ", ".join(sorted(self._cut_off)[:IDS_SHOWN]),
                ", ..." if len(self._cut_off) > IDS_SHOWN else "",
            )


def parts_decoder(kind: type[T], key: str) -> Callable[[bytes], tuple[T, Parts | None]]:
    """Make a decoder of an object with its parts; a part that no decoder reads costs no other.

    Args:
        kind: What is looked at of the object; its `parts` are a struct whose `parts` are the list.
        key: The name of both in JSON.

    Returns:
        A function from JSON to the object and its parts; None if it comes without.
    """
    decode = msgspec.json.Decoder(kind).decode
    decode_leniently = decoder(kind)

    def decode_with_parts(body: bytes) -> tuple[T, Parts | None]:
        try:
            found: t.Any = decode(body)
        except UNDECODABLE:
            head, parts = split_rows(body, frozenset({key}), depth=2)
            return decode_leniently(head), parts
        return found, found.parts and found.parts.parts

    return decode_with_parts
