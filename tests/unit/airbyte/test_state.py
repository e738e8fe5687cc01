"""The state of Airbyte's own connector is understood, in whichever of its forms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.airbyte.state import read_state_file

if TYPE_CHECKING:
    from pathlib import Path

EARLY, LATE = 1_780_000_000, 1_780_300_000
PARTS = "conversation_parts"
OF_CONVERSATIONS = {"conversations": {"updated_at": EARLY}}


def read(folder: Path, state: Any) -> Any:
    """What becomes of the state of one stream."""
    path = folder / "state.json"
    stream = {"stream_descriptor": {"name": PARTS}, "stream_state": state}
    path.write_text(json.dumps([{"type": "STREAM", "stream": stream}]), encoding="utf-8")
    return read_state_file(str(path))["bookmarks"][PARTS]


@pytest.mark.parametrize(
    "theirs",
    [
        {"updated_at": EARLY},
        {"updated_at": LATE, **OF_CONVERSATIONS},
        {"updated_at": EARLY, "conversations": {"updated_at": LATE}},
        {
            "state": {"updated_at": LATE},
            "parent_state": OF_CONVERSATIONS,
            "states": [{"partition": {"id": "1"}, "cursor": {"updated_at": 1}}],
            "use_global_cursor": True,
            "lookback_window": 1,
        },
        {"state": {"updated_at": EARLY}, "parent_state": {}},
    ],
)
def test_the_earliest_of_its_times_counts(tmp_path: Path, theirs: Any) -> None:
    """A conversation's part may be younger than what was read of the conversations."""
    assert read(tmp_path, theirs) == {"updated_at": EARLY}


def test_a_time_that_is_none_is_left_to_be_refused(tmp_path: Path) -> None:
    theirs = {"state": {"updated_at": "words"}, "parent_state": OF_CONVERSATIONS}

    assert read(tmp_path, theirs) == {"updated_at": "words"}


@pytest.mark.parametrize(
    "other",
    [
        {"slices": [], "state_type": "date-range"},
        {"replication_key_value": "2026-06-01T09:30:00Z", "unfinished": None},
        {"parent_state": 5, "state": []},
    ],
)
def test_whatever_else_there_is_stays_as_it_is(tmp_path: Path, other: Any) -> None:
    assert read(tmp_path, other) == other
