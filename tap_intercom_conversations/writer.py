"""Writes messages to stdout: encoded by msgspec, flushed when a target may act on them.

The SDK's writers flush after each message, a system call per record. Here a record waits in
stdout's own buffer until that is full, or until a STATE or SCHEMA follows.
"""

from __future__ import annotations

import os
import sys

import msgspec
from singer_sdk.contrib.msgspec import enc_hook
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, RecordMessage

CLOSED_PIPE = 1
"""Exit status when nobody reads any more; there is nobody left to explain it to."""


class Writer(GenericSingerWriter[bytes, Message]):
    """Writes each message as one line of JSON."""

    def __init__(self) -> None:
        super().__init__()
        self._encode = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number").encode

    def serialize_message(self, message: Message) -> bytes:
        """Encode a message."""
        return self._encode(message.to_dict())

    def write_message(self, message: Message) -> None:
        """Write a message; a pipe that was closed ends the process, quietly."""
        # Looked up each time: whoever runs the tap in-process may have redirected it.
        out = sys.stdout.buffer
        try:
            out.write(self._encode(message.to_dict()) + b"\n")
            if not isinstance(message, RecordMessage):
                out.flush()
        except BrokenPipeError:
            # So that the interpreter's own last flush does not fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(CLOSED_PIPE) from None
