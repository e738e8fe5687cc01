"""Writes what the streams say in Singer's messages as messages of the Airbyte protocol."""

from __future__ import annotations

import threading
import typing as t

import msgspec
from singer_sdk.singerlib.encoding.simple import RecordMessage, StateMessage

from tap_intercom_conversations.airbyte import messages
from tap_intercom_conversations.airbyte.state import UNFINISHED_FULL_REFRESH
from tap_intercom_conversations.singer.writer import Writer, write_out

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.singerlib.encoding.simple import Message

STDOUT = threading.RLock()
"""Held while something is written: workers log, and no line may stand inside another."""
READ_WHOLE = {"__ab_full_refresh_sync_complete": True}
"""State of a stream without a bookmark, once it is complete, as Airbyte's own connectors have it:
destinations commit rows when a state follows them."""


def encode(message: messages.Message) -> bytearray:
    """Make a message's line."""
    return bytearray(msgspec.json.encode(message) + b"\n")


def write(message: messages.Message) -> None:
    """Write a message at once; see `write_out`."""
    with STDOUT:
        write_out(encode(message))


class AirbyteWriter(Writer):
    """Writes the messages of one stream after the other, each from `begin` to `end`.

    What comes outside of a stream, as in a check, is not written.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stream = ""
        self._has_bookmark = self._is_full_refresh = False
        self._is_running = self._is_stated = False
        self._records_since_state = 0

    def begin(self, stream: str, *, has_bookmark: bool, is_full_refresh: bool) -> None:
        """Say that a stream begins.

        Args:
            stream: Its name.
            has_bookmark: Whether its state says where to go on.
            is_full_refresh: Whether only a full refresh may go on from there, until it is complete.
        """
        self._stream = stream
        self._has_bookmark, self._is_full_refresh = has_bookmark, is_full_refresh
        self._is_running = self._is_stated = False
        self._records_since_state = 0
        write(messages.stream_status(stream, messages.STARTED))

    def end(self, state: Mapping[str, t.Any], *, is_complete: bool) -> None:
        """Say that a stream ends, with a state after its last record.

        Args:
            state: Where to go on.
            is_complete: Whether all of it was read.
        """
        if not self._has_bookmark:
            if is_complete:
                self._write_state(READ_WHOLE)
        elif is_complete and (self._is_full_refresh or not self._is_stated):
            self._write_state(state)
        elif self._records_since_state:
            self._write_checkpoint(state)
        self.flush()
        status = messages.COMPLETE if is_complete else messages.INCOMPLETE
        write(messages.stream_status(self._stream, status))
        self._stream = ""

    def serialize_message(self, message: Message) -> bytes:
        """Encode a record; no other message of Singer's has its like among Airbyte's."""
        if not isinstance(message, RecordMessage) or message.time_extracted is None:
            raise TypeError(message.type)
        emitted_at = int(message.time_extracted.timestamp() * 1000)
        return self._encode(messages.record(message.stream, message.record, emitted_at))

    def write_message(self, message: Message) -> None:
        """Write a record, now or with those that follow, or the current stream's state."""
        if not self._stream:
            return
        if isinstance(message, RecordMessage):
            if not self._is_running:
                self._is_running = True
                write(messages.stream_status(self._stream, messages.RUNNING))
            self._records_since_state += 1
            super().write_message(message)
        elif isinstance(message, StateMessage) and self._has_bookmark:
            state = message.value["bookmarks"].get(self._stream)
            if state:  # of a stream that failed at once there is none
                self._write_checkpoint(state)

    def flush(self) -> None:
        """Write what has been gathered."""
        with STDOUT:
            super().flush()

    def _write_checkpoint(self, state: Mapping[str, t.Any]) -> None:
        """Write a state before the stream's end."""
        mark = {UNFINISHED_FULL_REFRESH: True} if self._is_full_refresh else {}
        self._write_state({**state, **mark})

    def _write_state(self, state: Mapping[str, t.Any]) -> None:
        self.flush()
        write(messages.state(self._stream, state, self._records_since_state))
        self._records_since_state = 0
        self._is_stated = True
