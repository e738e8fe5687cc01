"""Where log lines go: into LOG messages on stdout in a read, else to stderr."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress

from tap_intercom_conversations.airbyte import messages
from tap_intercom_conversations.airbyte.writer import STDOUT, encode
from tap_intercom_conversations.singer import writer
from tap_intercom_conversations.singer.writer import write_all

_LEVELS = {"CRITICAL": "FATAL", "WARNING": "WARN"}


class LogHandler(logging.Handler):
    """Writes LOG messages."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; one that cannot be written is left to the next record, which tells it."""
        level = _LEVELS.get(record.levelname, record.levelname)
        out = getattr(sys.stdout, "buffer", None)
        if out is not None:
            with STDOUT, suppress(OSError):
                write_all(out, encode(messages.log(level, self.format(record))))


def to_stdout(*, debug: bool) -> None:
    """Log to stdout, in LOG messages; but what is wrong with stdout itself, to stderr.

    Args:
        debug: Log the details, too.
    """
    level = logging.DEBUG if debug else logging.INFO
    logging.basicConfig(level=level, handlers=[LogHandler()], format="%(message)s")
    logging.captureWarnings(capture=True)
    writer.logger.addHandler(_stderr(logging.WARNING))
    writer.logger.propagate = False


def to_stderr(*, debug: bool) -> None:
    """Log to stderr what a user has to know; stdout is for the one answer.

    Args:
        debug: Log the details, too.
    """
    level = logging.DEBUG if debug else logging.WARNING
    logging.basicConfig(level=level, handlers=[_stderr(level)])
    logging.captureWarnings(capture=True)


def _stderr(level: int) -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.setLevel(level)  # of the handler: the SDK's metrics have a level of their own
    return handler
