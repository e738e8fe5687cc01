"""What one stream has read, kept for those that read the same: packed, in an unnamed file.

So pages are read once per sync, and all streams show one picture. The file has no name from the
moment it is made: it is gone with the process, even if that is killed.
"""

from __future__ import annotations

import logging
import tempfile
import typing as t

import msgspec

from tap_intercom_conversations.reading.batch import Batch

if t.TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from tap_intercom_conversations.reading.checkpoint import Checkpoint

logger = logging.getLogger("tap-intercom-conversations.reading")

MOST_BYTES = 1024**3
"""Of all files together; what is beyond is read again."""
SIZE_BYTES = 8
"""Of the number before each batch that says how long it is."""

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
    """One reading's batches, each behind its length."""

    def __init__(self) -> None:
        self.size = 0
        self.is_complete = False
        self.is_closed = False  # there is no room for more
        self._file: t.IO[bytes] | None = None

    def add(self, batch: Batch, room: int) -> None:
        """Keep one more, if there is room on the disk for it."""
        if self.is_closed:
            return
        content = _encode(batch)
        if SIZE_BYTES + len(content) > room:
            self.is_closed = True
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  until the sync ends
            self._file.seek(self.size)
            self._file.write(len(content).to_bytes(SIZE_BYTES, "big"))
            self._file.write(content)
        except OSError as error:
            logger.info("Pages are read again by each stream: %s", error.strerror)
            self.is_closed = True
        else:
            self.size += SIZE_BYTES + len(content)

    def batches(self) -> Iterator[Batch]:
        """Read what was kept, from the beginning."""
        position, end = 0, self.size
        while self._file is not None and position < end:
            self._file.seek(position)
            size = int.from_bytes(self._file.read(SIZE_BYTES), "big")
            yield _decode(self._file.read(size))
            position += SIZE_BYTES + size

    def close(self) -> None:
        """Drop the file."""
        if self._file is not None:
            self._file.close()
