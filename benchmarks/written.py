"""What a run has written: how many records, which, and in what order."""

from __future__ import annotations

import hashlib
import typing as t

import msgspec

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Line(msgspec.Struct):
    """What is looked at of a message."""

    type: str
    stream: str = ""
    record: msgspec.Raw = msgspec.Raw(b"{}")
    value: msgspec.Raw = msgspec.Raw(b"{}")


class Moment(msgspec.Struct):
    """What is looked at of a record."""

    id: str = ""
    updated_at: t.Any = None


class Written(t.NamedTuple):
    """A summary of a run's output.

    Attributes:
        digest: Of all records in their order; not of when they were extracted.
        ascending: No record has an earlier `updated_at` than the one before it.
        state: The last STATE's value, as JSON.
    """

    records: int
    digest: str
    ascending: bool
    state: bytes


_line = msgspec.json.Decoder(Line).decode
_moment = msgspec.json.Decoder(Moment).decode


def ids(lines: t.IO[str]) -> Iterator[str]:
    """Read the ids of the records, a line at a time."""
    for text in lines:
        line = _line(text)
        if line.type == "RECORD":
            yield _moment(line.record).id


def read(path: Path) -> Written:
    """Read a run's output, a line at a time."""
    with path.open("rb") as lines:
        return summary(lines)


def summary(lines: t.IO[bytes] | Iterator[bytes]) -> Written:
    """Summarize messages."""
    digest = hashlib.sha256()
    records, ascending, state = 0, True, b"{}"
    last: t.Any = None
    for text in lines:
        line = _line(text)
        if line.type == "STATE":
            state = bytes(line.value)
        elif line.type == "RECORD":
            records += 1
            digest.update(line.record)
            moment = _moment(line.record).updated_at
            ascending = ascending and (last is None or last <= moment)
            last = moment
    return Written(records, digest.hexdigest(), ascending, state)
