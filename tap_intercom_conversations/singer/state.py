"""The state that a sync begins with: this tap's own, or another's, put into this tap's form."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.errors import TapError
from tap_intercom_conversations.times import epoch_seconds, rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Mapping

NOT_OURS = frozenset({"partitions", "progress_markers"})
"""What the SDK would go by, and no stream of this tap has; markers it wipes at the start."""
REMEDY = "correct the state, or remove it to load from start_date"


def read_state(state: t.Any, replication_keys: Mapping[str, str | None]) -> dict[str, t.Any]:
    """Check a state and write each bookmark as this tap does.

    Another tap's bookmark is understood, too: an integer (epoch seconds or milliseconds) or any
    date-time, as the stream's `replication_key_value`, under the replication key's own name, or
    in place of the stream's object.

    Args:
        state: The decoded state.
        replication_keys: Each incremental stream's replication key.

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
    return {
        "bookmarks": {
            stream: _bookmark(stream, bookmark, replication_keys.get(stream))
            for stream, bookmark in bookmarks.items()
        }
    }


def _bookmark(stream: str, bookmark: t.Any, key: str | None) -> dict[str, t.Any]:
    if not isinstance(bookmark, dict):
        bookmark = {} if key is None else {"updated_at": bookmark}
    kept = {name: value for name, value in bookmark.items() if name not in NOT_OURS}
    if key is None:
        return kept
    named = [kept.pop(name, None) for name in ("replication_key_value", key, "updated_at")]
    value = next((value for value in named if value is not None), None)
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
