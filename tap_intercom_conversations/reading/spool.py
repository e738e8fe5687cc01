"""Bytes that wait to be used: in memory while they are few, in an unnamed file beyond that.

The file has no name from the moment it is made: it is gone with the process, even if that is
killed.
"""

from __future__ import annotations

import tempfile
import threading
import typing as t

from tap_intercom_conversations.errors import CannotWrite

IN_MEMORY_BYTES = 8 * 1024 * 1024
MOST_BYTES = 1024**3


class Place(t.NamedTuple):
    """Where some bytes are: from which byte on, and how many."""

    start: int
    size: int


class Spool:
    """What one thread adds and another takes; any thread may do either."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  see `close`
        self._size = 0

    def add(self, content: bytes) -> Place:
        """Add some bytes.

        Raises:
            CannotWrite: There is no room for them.
        """
        with self._lock:
            place = Place(self._size, len(content))
            if self._size + len(content) > MOST_BYTES:
                raise CannotWrite(f"more than {MOST_BYTES:,} bytes wait to be written")
            try:
                self._file.seek(place.start)
                self._file.write(content)
                self._file.flush()
            except OSError as error:
                raise CannotWrite(f"no room for what is read ahead: {error.strerror}") from None
            self._size += len(content)
            return place

    def read(self, place: Place) -> bytes:
        """Return some bytes that were added."""
        with self._lock:
            self._file.seek(place.start)
            return self._file.read(place.size)

    def clear(self) -> None:
        """Forget all of it: nothing waits any more."""
        with self._lock:
            self._file.seek(0)
            self._file.truncate()
            self._size = 0

    def close(self) -> None:
        """Drop the file."""
        self._file.close()
