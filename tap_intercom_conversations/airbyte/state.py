"""The state that Airbyte gives back, as Singer's, and which of it a read takes up."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.errors import TapError
from tap_intercom_conversations.singer.files import check_characters, read_json
from tap_intercom_conversations.singer.state import REMEDY
from tap_intercom_conversations.times import epoch_seconds

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_intercom_conversations.airbyte.catalog import ConfiguredStream

Json = dict[str, t.Any]

UNFINISHED_FULL_REFRESH = "unfinished_full_refresh"
"""What the state of a stream has until its full refresh is complete."""


def resumable(state: Json, configured: Mapping[str, ConfiguredStream]) -> Json:
    """Keep of a state what the configured streams may go on from.

    Not every platform clears the state before a full refresh: older ones give what they have,
    whatever the mode. To go on from another read's bookmark would replace the whole table by what
    has changed since. So a full refresh goes on from an unfinished full refresh alone, and nothing
    else does: what that has written may never have come into the table.

    Args:
        state: Singer's state.
        configured: As `check_configured` returns it.

    Returns:
        Singer's state.
    """
    kept = {}
    for name, bookmark in state.get("bookmarks", {}).items():
        is_unfinished = isinstance(bookmark, dict) and UNFINISHED_FULL_REFRESH in bookmark
        if name in configured and configured[name].is_full_refresh != is_unfinished:
            continue
        kept[name] = (
            {key: value for key, value in bookmark.items() if key != UNFINISHED_FULL_REFRESH}
            if is_unfinished
            else bookmark
        )
    return {"bookmarks": kept}


def read_state_file(path: str) -> Json:
    """Read a list of STATE messages, one a stream, as a platform has kept them.

    Returns:
        Singer's state. What is in it is checked when the tap takes it over.

    Raises:
        TapError: It cannot be read, or is no such list.
    """
    content = read_json(path, "state") or []  # a platform without a state may say {} or null
    check_characters(content, f"The state file {path}")
    if not isinstance(content, list):
        raise TapError(f"The state file {path} holds no list of states of streams: {REMEDY}")
    bookmarks: Json = {}
    for message in content:
        name, bookmark = _state_of_stream(message, path)
        if name in bookmarks:
            raise TapError(f"The state file {path} has two states of {name!r}: {REMEDY}")
        bookmarks[name] = bookmark
    return {"bookmarks": bookmarks}


def _state_of_stream(message: t.Any, path: str) -> tuple[str, t.Any]:
    try:
        stream = message["stream"]
        name, state = stream["stream_descriptor"]["name"], stream.get("stream_state")
    except (AttributeError, KeyError, TypeError):
        name = None
    if not isinstance(name, str):
        raise TapError(f"The state file {path} holds what is no state of one stream: {REMEDY}")
    if isinstance(state, dict):
        state = _flat(state)
    return name, {} if state is None else state


def _flat(state: Json) -> Json:
    """Take the earliest time out of a state of Airbyte's source-intercom that is nested.

    What that reads by way of another stream, as `conversation_parts` by way of `conversations`, has
    the other's cursor beside its own: under the other's name in old versions, under `parent_state`
    in later ones, with its own under `state`. Whatever else has such a form is left as it is.
    """
    parents = state.get("parent_state")
    others = parents.values() if isinstance(parents, dict) else ()
    nested = [
        each
        for each in (state.get("conversations"), state.get("state"), *others)
        if isinstance(each, dict) and each.get("updated_at") is not None
    ]
    if not nested:
        return state
    times = [each["updated_at"] for each in (state, *nested) if each.get("updated_at") is not None]
    return {"updated_at": min(times, key=lambda time: epoch_seconds(time) or 0)}
