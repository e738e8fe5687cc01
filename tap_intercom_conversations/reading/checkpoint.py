"""Where a reading goes on after it was broken off: what STATE keeps of it, as a text."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.api.pagination import Position  # noqa: TC001  msgspec reads it

Count = t.Annotated[int, msgspec.Meta(ge=0)]


class Checkpoint(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where to go on, in epoch seconds.

    Attributes:
        start: The place to go on from: all below it was written.
        then: Where to read on once the walk is over, if there is one.
        end: Where the walk ends, exclusive.
        query_start: From when its pages were asked for.
        cursor: Its next page; empty for the first.
        rows: How many rows its chain of pages has brought.
        count: The greatest count that its chain was given.
        watermark: The greatest time written.
        rows_before: How many rows the chain before had brought when it came to an end: this one
            only looks whether that is the end. 0 if it is the first.
    """

    start: int | None
    then: int | None = None
    end: int | None = None
    query_start: int | None = None
    cursor: Position = {}
    rows: Count = 0
    count: Count = 0
    watermark: int | None = None
    rows_before: Count = 0

    @property
    def goes_on_from(self) -> int | None:
        """From when to read on, apart from the walk."""
        return self.then if self.has_walk else self.start

    @property
    def has_walk(self) -> bool:
        """There is a walk to go on with; its pages may have to be read once more from the first."""
        return bool(self.cursor or self.rows_before)

    def is_sane(self, latest: int) -> bool:
        """Tell whether a sync can have written it: STATE may be edited, or of a wrong clock."""
        times = (self.start, self.then, self.end, self.query_start, self.watermark)
        is_past = all(time is None or time <= latest for time in times)
        return is_past and (self.end is None or (self.start or 0) < self.end)


class _OldWalk(msgspec.Struct):
    """A walk as version 0.1 kept it: from when it was reading, and the greatest time written."""

    start: int | None
    at: int | None


class _Kept(msgspec.Struct, omit_defaults=True):
    """What STATE holds: of which query, and a checkpoint of this version or of 0.1."""

    query: int
    checkpoint: Checkpoint | None = None
    walk: _OldWalk | None = None


def dump(query: int, checkpoint: Checkpoint) -> str:
    """Write a checkpoint as a text; Meltano merges STATE deeply, and would mix two objects.

    Args:
        query: What identifies the query that the checkpoint is of.
        checkpoint: Where to go on.
    """
    return msgspec.json.encode(_Kept(query, checkpoint)).decode()


def load(text: object, query: int, *, latest: int) -> Checkpoint | None:
    """Read a checkpoint from STATE.

    What version 0.1 left is read again from where it began: its own cursors say less.

    Args:
        text: What STATE holds.
        query: What identifies the query that is to be read.
        latest: The latest epoch second that a checkpoint can be of.

    Returns:
        The checkpoint; None if there is none, or none of this query, or none that can be right.
    """
    try:
        kept = msgspec.json.decode(text if isinstance(text, str) else "", type=_Kept)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    found = kept.checkpoint
    if found is None and kept.walk is not None:
        found = Checkpoint(start=kept.walk.start, watermark=kept.walk.at)
    return found if found and kept.query == query and found.is_sane(latest) else None
