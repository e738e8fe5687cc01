"""Where a reading goes on after it was broken off: what STATE keeps of it, as a text."""

from __future__ import annotations

import msgspec

from tap_intercom_conversations.api.pagination import Position  # noqa: TC001  msgspec reads it


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
    rows: int = 0
    count: int = 0
    watermark: int | None = None
    rows_before: int = 0

    @property
    def goes_on_from(self) -> int | None:
        """From when to read on, apart from the walk."""
        return self.then if self.has_walk else self.start

    @property
    def has_walk(self) -> bool:
        """There is a walk to go on with; its pages may have to be read once more from the first."""
        return bool(self.cursor or self.rows_before)


class _OldWalk(msgspec.Struct):
    """A walk as version 0.1 kept it."""

    start: int | None
    end: int
    position: Position
    at: int | None
    settled: bool


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


def load(
    text: object, query: int, *, lookback: int, latest: int, is_list: bool
) -> Checkpoint | None:
    """Read a checkpoint from STATE.

    Args:
        text: What STATE holds.
        query: What identifies the query that is to be read.
        lookback: Seconds for which the index may be late.
        latest: The latest epoch second that a checkpoint can be of.
        is_list: Whether the list is read, not the search.

    Returns:
        The checkpoint; None if there is none, or none of this query, or none that can be right.
    """
    if not isinstance(text, str):
        return None
    try:
        kept = msgspec.json.decode(text, type=_Kept)
    except msgspec.DecodeError:
        return None
    checkpoint = kept.checkpoint
    if checkpoint is None and kept.walk is not None:
        checkpoint = _of_old(kept.walk, lookback, is_list=is_list)
    if checkpoint is None or kept.query != query or not _is_sane(checkpoint, latest):
        return None
    return checkpoint


def _of_old(walk: _OldWalk, lookback: int, *, is_list: bool) -> Checkpoint:
    """Read what version 0.1 left: it finished a walk first, then looked back from its end."""
    if not walk.position:
        return Checkpoint(start=walk.start, watermark=walk.at)
    if is_list:
        then = min(walk.end - 1, walk.at or 0) - lookback
    else:
        then = walk.end if walk.settled else walk.end - 1 - lookback
    return Checkpoint(
        start=walk.start,
        then=then,
        end=walk.end,
        query_start=walk.start,
        cursor={name: value for name, value in walk.position.items() if name != "total_count"},
        watermark=walk.at,
    )


def _is_sane(checkpoint: Checkpoint, latest: int) -> bool:
    """Tell whether a sync can have written it: STATE may be edited, or of a wrong clock."""
    times = (checkpoint.start, checkpoint.then, checkpoint.end, checkpoint.query_start)
    numbers = [value for name, value in checkpoint.cursor.items() if name != "starting_after"]
    return (
        all(time is None or time <= latest for time in (*times, checkpoint.watermark))
        and all(isinstance(number, int) and number >= 1 for number in numbers)
        and min(checkpoint.rows, checkpoint.count, checkpoint.rows_before) >= 0
        and (checkpoint.end is None or (checkpoint.start or 0) < checkpoint.end)
    )
