"""Writes messages to stdout: encoded by msgspec, and together as long as no target waits for them.

The SDK's writers flush after each message, a system call per record. Here records gather until
there are enough of them, or until a STATE or SCHEMA follows.
"""

from __future__ import annotations

import os
import sys

import msgspec
from singer_sdk.contrib.msgspec import enc_hook
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, RecordMessage

ENOUGH = 2**16
"""Bytes that are written at once: what a pipe holds."""
CLOSED_PIPE = 1
"""Exit status when nobody reads any more; there is nobody left to explain it to."""


class Writer(GenericSingerWriter[bytes, Message]):
    """Writes each message as one line of JSON."""

    def __init__(self) -> None:
        super().__init__()
        self._encode = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number").encode
        self._gathered = bytearray()

    def serialize_message(self, message: Message) -> bytes:
        """Encode a message."""
        return self._encode(message.to_dict())

    def write_message(self, message: Message) -> None:
        """Write a message, now or with those that follow."""
        self._gathered += self._encode(message.to_dict())
        self._gathered += b"\n"
        if len(self._gathered) >= ENOUGH or not isinstance(message, RecordMessage):
            self.flush()

    def flush(self) -> None:
        """Write what has been gathered; a pipe that was closed ends the process, quietly."""
        lines, self._gathered = self._gathered, bytearray()
        # Looked up each time: whoever runs the tap in-process may have redirected it.
        out = sys.stdout.buffer
        try:
            # With PYTHONUNBUFFERED, a signal can end a write early, and a full pipe write nothing.
            while lines:
                del lines[: out.write(lines) or 0]
            out.flush()
        except BrokenPipeError:
            # So that the interpreter's own last flush does not fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(CLOSED_PIPE) from None
