"""What one stream has read, kept for those that read the same.

So pages are read once per sync, and all streams show one picture.
"""

from __future__ import annotations

import logging
import typing as t

import msgspec

from tap_intercom_conversations.reading.batch import Batch
from tap_intercom_conversations.reading.spool import MOST_BYTES, Spool

if t.TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from tap_intercom_conversations.reading.checkpoint import Checkpoint
    from tap_intercom_conversations.reading.spool import Extent

logger = logging.getLogger("tap-intercom-conversations.reading")

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode


class KeptPages:
    """The readings of one sync.

    Attributes:
        shared: The names of the collections that more than one stream reads.
    """

    def __init__(self) -> None:
        self.shared: frozenset[str] = frozenset()
        self._kept: dict[Hashable, _Kept] = {}

    def read(
        self,
        what: tuple[str, Hashable],
        resume: Checkpoint | None,
        start: Callable[[Checkpoint | None], Iterator[Batch]],
    ) -> Iterator[Batch]:
        """Yield the batches of a reading, from what was kept as far as it goes.

        Args:
            what: The collection's name, and what else tells its readings apart: the same for
                streams that read the same.
            resume: Where to begin.
            start: Starts reading from there.
        """
        if what[0] not in self.shared:
            yield from start(resume)
            return
        kept = self._kept.setdefault(what, _Kept())
        for batch in kept.batches():
            resume = batch.checkpoint
            yield batch
        if kept.is_complete:
            return
        for batch in start(resume):
            room = MOST_BYTES - sum(other.size for other in self._kept.values())
            kept.add(batch, room)
            yield batch
        kept.is_complete = not kept.is_closed

    def close(self) -> None:
        """Drop the files."""
        for kept in self._kept.values():
            kept.close()


class _Kept:
    """One reading's batches."""

    def __init__(self) -> None:
        self.is_complete = False
        self.is_closed = False  # there is no room for more
        self._spool = Spool()
        self._extents: list[Extent] = []

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return self._spool.size

    def add(self, batch: Batch, room: int) -> None:
        """Keep one more, if there is room on the disk for it."""
        if self.is_closed:
            return
        content = _encode(batch)
        if len(content) > room:
            self.is_closed = True
            return
        try:
            self._extents.append(self._spool.add(content))
        except OSError as error:
            logger.info("Pages are read again by each stream: %s", error.strerror)
            self.is_closed = True

    def batches(self) -> Iterator[Batch]:
        """Read what was kept, from the beginning."""
        for extent in self._extents[:]:
            yield _decode(self._spool.read(extent))

    def close(self) -> None:
        """Drop them."""
        self._spool.close()
