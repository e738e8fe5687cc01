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
    """What one thread adds and another takes.

    Attributes:
        size: Bytes that were added.
    """

    def __init__(self) -> None:
        self.size = 0
        self._lock = threading.Lock()
        self._file: t.IO[bytes] | None = None

    def add(self, content: bytes) -> Extent:
        """Add some bytes.

        Raises:
            OSError: There is no room for them.
        """
        with self._lock:
            if self.size + len(content) > MOST_BYTES:
                raise OSError(errno.EFBIG, f"more than {MOST_BYTES:,} bytes")
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  see `close`
            extent = Extent(self.size, len(content))
            self._file.seek(extent.start)
            if self._file.write(content) < len(content):
                # The disk is full, but a part of it had room: that alone is no error.
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.size += len(content)
            return extent

    def read(self, extent: Extent) -> bytes:
        """Return some bytes that were added."""
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(extent.start)
            return self._file.read(extent.size)

    def close(self) -> None:
        """Drop the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
