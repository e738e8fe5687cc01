"""The messages of the Airbyte protocol, as objects to be encoded.

They are built here and nowhere else. The protocol is described in `airbyte_protocol.yaml` of
airbytehq/airbyte-protocol.
"""

from __future__ import annotations

import time
import typing as t

from tap_intercom_conversations.errors import (
    InvalidSettings,
    LostPlace,
    MissingStream,
    PermissionDenied,
    Unauthorized,
    Unavailable,
)

if t.TYPE_CHECKING:
    from collections.abc import Mapping

Message = dict[str, t.Any]

CONFIG_ERROR, TRANSIENT_ERROR, SYSTEM_ERROR = "config_error", "transient_error", "system_error"
"""Whose turn it is: the user's; nobody's, as trying again helps; or ours."""
STARTED, RUNNING, COMPLETE, INCOMPLETE = "STARTED", "RUNNING", "COMPLETE", "INCOMPLETE"

_FAILURE_TYPES = (
    ((InvalidSettings, MissingStream, PermissionDenied, Unauthorized), CONFIG_ERROR),
    ((LostPlace, Unavailable), TRANSIENT_ERROR),
)


def failure_type(error: Exception) -> str:
    """Return whose turn it is after an error that has ended a stream."""
    for kinds, name in _FAILURE_TYPES:
        if isinstance(error, kinds):
            return name
    return SYSTEM_ERROR


def spec(connection: Message, documentation: str) -> Message:
    """Build the answer to `spec`.

    Args:
        connection: The JSON schema of the settings.
        documentation: Address of the page that explains them.
    """
    return {
        "type": "SPEC",
        "spec": {
            "documentationUrl": documentation,
            "connectionSpecification": connection,
            "supportsIncremental": True,
            "supported_destination_sync_modes": ["append", "overwrite", "append_dedup"],
        },
    }


def connection_status(complaint: str | None) -> Message:
    """Build the answer to `check`: FAILED if there is a complaint."""
    status = {"status": "SUCCEEDED"}
    if complaint:
        status = {"status": "FAILED", "message": _encodable(complaint)}
    return {"type": "CONNECTION_STATUS", "connectionStatus": status}


def catalog(streams: list[Message]) -> Message:
    """Build the answer to `discover`."""
    return {"type": "CATALOG", "catalog": {"streams": streams}}


def record(stream: str, data: t.Any, emitted_at: int) -> Message:
    """Build a record; `emitted_at` is in epoch milliseconds."""
    return {
        "type": "RECORD",
        "record": {"stream": stream, "data": data, "emitted_at": emitted_at},
    }


def state(stream: str, blob: Mapping[str, t.Any], records: int) -> Message:
    """Build a stream's state.

    Args:
        stream: The stream's name.
        blob: What the next sync of this stream begins with.
        records: How many records were written since the stream's state before.
    """
    return {
        "type": "STATE",
        "state": {
            "type": "STREAM",
            "stream": {"stream_descriptor": {"name": stream}, "stream_state": blob},
            # The protocol wants it with a decimal point.
            "sourceStats": {"recordCount": float(records)},
        },
    }


def log(level: str, text: str) -> Message:
    """Build a line for the log; `level` is one of FATAL, ERROR, WARN, INFO and DEBUG."""
    return {"type": "LOG", "log": {"level": level, "message": _encodable(text)}}


def stream_status(stream: str, status: str) -> Message:
    """Build what has become of a stream: one of STARTED, RUNNING, COMPLETE and INCOMPLETE."""
    return _trace(
        "STREAM_STATUS",
        {"stream_status": {"stream_descriptor": {"name": stream}, "status": status}},
    )


def trace_error(
    text: str, kind: str, stream: str | None = None, *, stack_trace: str = ""
) -> Message:
    """Build an error, in one line for the user.

    Args:
        text: The line.
        kind: One of `config_error`, `transient_error` and `system_error`.
        stream: Name of the stream that it has ended, if it is one's.
        stack_trace: Where it was raised, for a fault of our own.
    """
    error: Message = {"message": _encodable(text), "failure_type": kind}
    if stack_trace:
        error["stack_trace"] = stack_trace
    if stream is not None:
        error["stream_descriptor"] = {"name": stream}
    return _trace("ERROR", {"error": error})


def _encodable(text: str) -> str:
    """Escape halves of characters: a path that is no text has them."""
    return text.encode(errors="backslashreplace").decode()


def _trace(kind: str, content: Message) -> Message:
    emitted_at = time.time_ns() // 1_000_000
    return {"type": "TRACE", "trace": {"type": kind, "emitted_at": emitted_at, **content}}
