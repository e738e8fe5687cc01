"""An answer's rows, decoded as far as somebody looks at them; one bad row costs no other.

Some versions' descriptions call the rows `data`; every example has the collection's own name.
"""

from __future__ import annotations

import typing as t
from functools import cache

import msgspec

from tap_intercom_conversations import jsontext
from tap_intercom_conversations.errors import UnreadableAnswer, UnreadableRow

if t.TYPE_CHECKING:
    from collections.abc import Callable


class Poison(msgspec.Struct, frozen=True):
    """A row that no decoder reads, with its id if that can be found."""

    id: str | None


class Envelope(t.NamedTuple):
    """An answer of a list or a search; `rows` are in the answer's order."""

    rows: list[t.Any]
    total_count: t.Any
    pages: t.Any


@cache
def envelope_decoder(
    kind: t.Hashable, envelope_keys: tuple[str, ...]
) -> Callable[[bytes], Envelope]:
    """Make a decoder of answers.

    Args:
        kind: What each row is decoded as: a struct with the fields that are looked at, or
            `msgspec.Raw`.
        envelope_keys: Under which keys the rows may be; the first that is there counts.

    Returns:
        A function of an answer's body; it raises `UnreadableAnswer` if there are no rows at all,
        which is never taken for the end, `msgspec.ValidationError` if it has another form, and
        another `msgspec.DecodeError` if the body is cut off.
    """
    row: t.Any = kind if kind is msgspec.Raw else kind | jsontext.NoObject
    names = {f"rows_{number}": key for number, key in enumerate(envelope_keys)}
    fields = [(name, list[row] | None, None) for name in names]
    around = [(name, msgspec.Raw, msgspec.Raw(b"null")) for name in ("total_count", "pages")]
    answer = msgspec.defstruct("Answer", [*fields, *around], rename=names)
    decode = msgspec.json.Decoder(answer).decode
    decode_head = jsontext.decoder(answer)
    decode_row = msgspec.Raw if kind is msgspec.Raw else row_decoder(kind)

    def decode_envelope(body: bytes) -> Envelope:
        texts: list[bytes] = []
        try:
            found: t.Any = decode(body)
        except jsontext.UNDECODABLE:
            # Also where msgspec finds another form than documented: it may be that of one row.
            head, texts = jsontext.split_rows(body, frozenset(envelope_keys))
            found = decode_head(head)
        lists = (getattr(found, name) for name in names)
        rows = next((rows for rows in lists if rows is not None), None)
        if rows is None:
            raise UnreadableAnswer("the answer", message="it holds no rows")
        rows += map(decode_row, texts)
        around = (jsontext.decode_any(bytes(raw)) for raw in (found.total_count, found.pages))
        return Envelope(rows, *around)

    return decode_envelope


def row_decoder(kind: t.Any) -> Callable[[bytes | msgspec.Raw], t.Any]:
    """Make a decoder of rows, which finds one of the kind, a `NoObject` or a `Poison`."""
    decode = jsontext.decoder(kind | jsontext.NoObject)

    def decode_row(row: bytes | msgspec.Raw) -> t.Any:
        try:
            return decode(bytes(row))
        except (UnreadableRow, msgspec.ValidationError):
            return Poison(jsontext.id_of(bytes(row)))

    return decode_row
