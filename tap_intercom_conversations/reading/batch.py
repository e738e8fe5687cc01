"""What a reading yields: some rows of a page, to be written in this order, and where to go on."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.api.body import Body  # noqa: TC001  msgspec reads it
from tap_intercom_conversations.reading.checkpoint import Checkpoint  # noqa: TC001
from tap_intercom_conversations.reading.envelope import envelope_decoder


class Batch(msgspec.Struct):
    """A page's worth of changes.

    Attributes:
        body: The page, packed as it came.
        rows: The indexes of those of its rows that are to be written.
        watermark: The greatest time read so far, in epoch seconds.
        checkpoint: Where to go on once they are written; None if nothing is left.
        total: How many rows the whole reading has, as far as known.
    """

    body: Body
    rows: list[int]
    watermark: int | None
    checkpoint: Checkpoint | None
    total: int = 0

    def objects(self, kind: t.Hashable, envelope_keys: tuple[str, ...]) -> list[t.Any]:
        """Decode the rows as a kind; see `envelope_decoder`."""
        found = envelope_decoder(kind, envelope_keys)(self.body.content()).rows
        return [found[index] for index in self.rows]
