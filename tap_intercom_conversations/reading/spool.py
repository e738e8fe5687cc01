"""Bytes that wait to be used, in an unnamed file.

The file has no name from the moment it is made: it is gone with the process, even if that is
killed.
"""

from __future__ import annotations

import errno
import os
import tempfile
import threading
import typing as t

MOST_BYTES = 1024**3


class Extent(t.NamedTuple):
    """Where some bytes are: from which byte of the file on, and how many."""

    start: int
    size: int


class Spool:
    """What one thread adds and another reads, any number of times, or takes in the same order.

    Room that is given back is used again: the file is as large as what stood in it at most.

    Attributes:
        size: Bytes that stand in it.
    """

    def __init__(self) -> None:
        self.size = 0
        self._lock = threading.RLock()
        self._file: t.IO[bytes] | None = None
        self._oldest = self._next = 0  # where the first to be taken begins, and where the last ends

    def add(self, content: bytes) -> Extent:
        """Add some bytes.

        Raises:
            OSError: There is no room for them.
        """
        with self._lock:
            extent = Extent(self._room_for(len(content)), len(content))
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  see `close`
            self._file.seek(extent.start)
            if self._file.write(content) < len(content):
                # The disk is full, but a part of it had room: that alone is no error.
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._next = extent.start + extent.size
            self.size += extent.size
            return extent

    def read(self, extent: Extent) -> bytes:
        """Return some bytes that were added."""
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(extent.start)
            return self._file.read(extent.size)

    def take(self, extent: Extent) -> bytes:
        """Return the bytes that were added before all others that are left, and drop them."""
        with self._lock:
            content = self.read(extent)
            self._oldest = extent.start + extent.size
            self.size -= extent.size
            if not self.size:
                self._oldest = self._next = 0
            return content

    def close(self) -> None:
        """Drop the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()

    def _room_for(self, size: int) -> int:
        """Tell where so many bytes fit: behind the newest; else before the oldest."""
        start, end = self._next, MOST_BYTES
        if start < self._oldest:
            end = self._oldest - 1  # or a full file would look like an empty one
        elif start + size > MOST_BYTES:
            start, end = 0, self._oldest - 1
        if start + size > end:
            raise OSError(errno.EFBIG, f"more than {MOST_BYTES:,} bytes")
        return start
