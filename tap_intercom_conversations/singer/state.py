"""The state that a sync begins with: this tap's own, or another's, put into this tap's form."""

from __future__ import annotations

import logging
import typing as t

from tap_intercom_conversations.errors import TapError
from tap_intercom_conversations.times import epoch_seconds, rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

logger = logging.getLogger("tap-intercom-conversations.state")

NOT_OURS = frozenset({"partitions", "progress_markers"})
"""What the SDK would go by, and no stream of this tap has; markers it wipes at the start."""
OURS = frozenset(
    {
        "cursor",
        "replication_key",
        "replication_key_signpost",
        "starting_replication_value",
        "transcripts",
        "unfinished",
        "unreadable",
    }
)
"""What the state of one of this tap's streams may hold beside its bookmark."""
NAMES_SHOWN = 5
BEGINS_ANEW = "is loaded from start_date"
REMEDY = "correct the state, or remove it to load from start_date"


def read_state(
    state: t.Any, replication_keys: Mapping[str, str | None], selected: Collection[str] = ()
) -> dict[str, t.Any]:
    """Check a state and write each bookmark as this tap does.

    Another tap's bookmark is understood, too: an integer (epoch seconds or milliseconds) or any
    date-time, as the stream's `replication_key_value`, under the replication key's own name, or
    in place of the stream's object.

    Args:
        state: The decoded state.
        replication_keys: The tap's streams, each with its replication key; None if it has none.
        selected: Those that are read: where their state is not understood, that is told.

    Raises:
        TapError: Something in it cannot be a state; the text names the stream.
    """
    if not isinstance(state, dict):
        raise TapError(f"The state is not an object: {REMEDY}")
    if "bookmarks" not in state and isinstance(state.get("value"), dict):
        state = state["value"]  # a whole STATE message
    if state and not {"bookmarks", "currently_syncing"} & state.keys():
        raise TapError(f"The state has no bookmarks: {REMEDY}")
    bookmarks = state.get("bookmarks") or {}
    if not isinstance(bookmarks, dict):
        raise TapError(f"The state's bookmarks are not an object: {REMEDY}")
    if bookmarks and not replication_keys.keys() & bookmarks.keys():
        logger.warning(
            "The state is of no stream of this tap, but of %s: all that is selected %s",
            _shown(bookmarks),
            BEGINS_ANEW,
        )
    for stream in selected:
        _warn_if_unknown(stream, bookmarks.get(stream), replication_keys.get(stream))
    return {
        "bookmarks": {
            stream: _bookmark(stream, bookmark, replication_keys.get(stream))
            for stream, bookmark in bookmarks.items()
        }
    }


def _warn_if_unknown(stream: str, bookmark: t.Any, key: str | None) -> None:
    """Say that a stream begins anew although it has a state, such as another connector's."""
    if key is None or not isinstance(bookmark, dict):
        return
    unknown = bookmark.keys() - OURS - {*_names(key)}
    if unknown and _value(bookmark, key) is None:
        logger.warning(
            "%s: its state has a form that this tap does not know (%s), so it %s; docs/moving.md "
            "has a form that it knows",
            stream,
            _shown(sorted(unknown)),
            BEGINS_ANEW,
        )


def _bookmark(stream: str, bookmark: t.Any, key: str | None) -> dict[str, t.Any]:
    if not isinstance(bookmark, dict):
        bookmark = {} if key is None else {"updated_at": bookmark}
    kept = {name: value for name, value in bookmark.items() if name not in NOT_OURS}
    if key is None:
        return kept
    value = _value(kept, key)
    kept = {name: each for name, each in kept.items() if name not in _names(key)}
    if value is None:
        return kept
    if epoch_seconds(value) is None:
        raise TapError(f"The state's bookmark of {stream!r} is no date-time: {REMEDY}")
    # conversation_updated_at is this tap's name for what others call updated_at: the same moment.
    return {
        **kept,
        "replication_key": key,
        "replication_key_value": f"{rfc3339(value)[:19]}Z",  # rounded down, as `epoch_seconds`
    }


def _value(bookmark: Mapping[str, t.Any], key: str) -> t.Any:
    """Find the bookmark itself, by whatever name."""
    found = (bookmark.get(name) for name in _names(key))
    return next((value for value in found if value is not None), None)


def _names(key: str) -> tuple[str, ...]:
    return ("replication_key_value", key, "updated_at")


def _shown(names: Iterable[str]) -> str:
    first = [*map(repr, names)]
    return ", ".join(first[:NAMES_SHOWN]) + (", ..." if len(first) > NAMES_SHOWN else "")
