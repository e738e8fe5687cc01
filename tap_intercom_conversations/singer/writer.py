"""Writes messages to stdout, encoded by msgspec, many records at once.

The SDK's writers flush after each message: a system call per record. Here records gather until
there are enough of them, or until a message of another type follows, as a target may wait for that.
"""

from __future__ import annotations

import logging
import os
import sys
import typing as t

import msgspec
from singer_sdk.contrib.msgspec import enc_hook
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, RecordMessage

from tap_intercom_conversations.errors import FAILED

logger = logging.getLogger("tap-intercom-conversations.writer")

FLUSH_BYTES = 2**16
"""Bytes that are written at once: what a pipe holds."""


class Writer(GenericSingerWriter[bytes, Message]):
    """Writes each message as one line of JSON."""

    def __init__(self) -> None:
        super().__init__()
        self._encode = msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number").encode
        self._gathered = bytearray()

    def serialize_message(self, message: Message) -> bytes:
        """Encode a message.

        A record may be a struct: its datetimes are written as RFC 3339, and what it lacks is left
        out.
        """
        return self._encode(message.to_dict())

    def write_message(self, message: Message) -> None:
        """Write a message, now or with those that follow."""
        self._gathered += self.serialize_message(message)
        self._gathered += b"\n"
        if len(self._gathered) >= FLUSH_BYTES or not isinstance(message, RecordMessage):
            self.flush()

    def flush(self) -> None:
        """Write what has been gathered."""
        lines, self._gathered = self._gathered, bytearray()
        write_out(lines)


def write_out(lines: bytearray) -> None:
    """Write to stdout, and empty `lines`; if it cannot be written, the process ends.

    With `SystemExit`: the SDK lets it through, and has words of its own for other exceptions.
    """
    # Looked up each time: whoever runs the tap in-process may have redirected it. With `>&-`,
    # Python has None there.
    out = getattr(sys.stdout, "buffer", None)
    if out is None:
        if lines:
            _give_up("it is closed")
        return
    try:
        write_all(out, lines)
    except OSError as error:
        # So that no later flush, such as the interpreter's own last, fails once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            _give_up("the target has ended before the tap; it may have said why")
        _give_up(error.strerror or str(error))


def write_all(out: t.IO[bytes], lines: bytearray) -> None:
    """Write to a file, and empty `lines`."""
    # With PYTHONUNBUFFERED, a signal can end a write early, and a full pipe write nothing.
    while lines:
        del lines[: out.write(lines) or 0]
    out.flush()


def _give_up(why: str) -> t.NoReturn:
    logger.error("stdout cannot be written: %s", why)
    raise SystemExit(FAILED) from None
