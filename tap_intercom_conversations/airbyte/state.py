"""The state that Airbyte gives back, as Singer's."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.errors import TapError
from tap_intercom_conversations.singer.files import check_characters, read_json
from tap_intercom_conversations.singer.state import REMEDY


def read_state_file(path: str) -> dict[str, t.Any]:
    """Read a list of STATE messages, one a stream, as a platform has kept them.

    Returns:
        Singer's state. What is in it is checked when the tap takes it over.

    Raises:
        TapError: It cannot be read, or is no such list.
    """
    content = read_json(path, "state") or []  # a platform without a state may say {} or null
    check_characters(content, path)
    if not isinstance(content, list):
        raise TapError(f"The state file {path} does not hold a list of states of streams")
    return {"bookmarks": dict(_state_of_stream(message, path) for message in content)}


def _state_of_stream(message: t.Any, path: str) -> tuple[str, t.Any]:
    try:
        stream = message["stream"]
        name, state = stream["stream_descriptor"]["name"], stream.get("stream_state")
    except (AttributeError, KeyError, TypeError):
        name = None
    if not isinstance(name, str):
        raise TapError(f"The state file {path} holds what is no state of one stream: {REMEDY}")
    return name, {} if state is None else state
