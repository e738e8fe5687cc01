"""A state of this tap or of another is understood; what cannot be one is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from tap_intercom_conversations.errors import TapError
from tap_intercom_conversations.singer.state import read_state

KEYS = {
    "conversations": "updated_at",
    "conversation_parts": "conversation_updated_at",
    "deleted_conversations": "deleted_at",
    "tags": None,
}
MOMENT = "2026-06-01T09:30:00Z"
SECONDS = 1_780_306_200


def bookmark(kept: Any, stream: str = "conversations") -> dict[str, Any]:
    """What becomes of one stream's bookmark."""
    read: dict[str, Any] = read_state({"bookmarks": {stream: kept}}, KEYS)["bookmarks"][stream]
    return read


def test_our_own_comes_back_as_it_was() -> None:
    state = {
        "bookmarks": {
            "conversations": {
                "replication_key": "updated_at",
                "replication_key_value": MOMENT,
                "unfinished": {"start": None, "end": 5, "position": {}, "at": 1},
            },
            "deleted_conversations": {
                "replication_key": "deleted_at",
                "replication_key_value": MOMENT,
            },
            "tags": {},
        }
    }

    assert read_state(state, KEYS) == state


def test_a_whole_state_message_will_do() -> None:
    """As a target's output has it, or the tap's own: `... | tail -1 > state.json`."""
    state = {"bookmarks": {"conversations": {"updated_at": SECONDS}}}

    assert read_state({"type": "STATE", "value": state}, KEYS) == read_state(state, KEYS)


@pytest.mark.parametrize("state", [{}, {"bookmarks": {}}, {"bookmarks": None}])
def test_none_yet(state: dict[str, Any]) -> None:
    assert read_state(state, KEYS) == {"bookmarks": {}}


@pytest.mark.parametrize(
    "kept",
    [
        {"replication_key_value": SECONDS},
        {"replication_key_value": SECONDS * 1_000},
        {"replication_key_value": str(SECONDS)},
        {"replication_key_value": "2026-06-01T09:30:00+00:00"},
        {"replication_key_value": "2026-06-01T11:30:00.5+02:00"},
        {"replication_key": "updated_at", "replication_key_value": MOMENT},
        {"updated_at": SECONDS},
        {"updated_at": MOMENT},
        SECONDS,
        MOMENT,
        {"replication_key_value": SECONDS + 0.75},
        {"replication_key_value": None, "updated_at": MOMENT},
    ],
)
@pytest.mark.parametrize("stream", ["conversations", "conversation_parts"])
def test_another_taps_is_understood(stream: str, kept: Any) -> None:
    assert bookmark(kept, stream) == {
        "replication_key": KEYS[stream],
        "replication_key_value": MOMENT,
    }


def test_a_key_of_the_streams_own_name() -> None:
    assert bookmark({"deleted_at": SECONDS}, "deleted_conversations") == {
        "replication_key": "deleted_at",
        "replication_key_value": MOMENT,
    }


@pytest.mark.parametrize("stream", ["conversations", "tags", "a_stream_of_another_tap"])
@pytest.mark.parametrize("odd", [5, [5], [{}], [{"context": {"a": 1}}], {"Note": "x"}, None])
@pytest.mark.parametrize("name", ["partitions", "progress_markers"])
def test_what_only_the_sdk_would_go_by_is_left_out(stream: str, name: str, odd: Any) -> None:
    """No stream here has partitions, and markers are void once a sync was broken off."""
    assert bookmark({"kept": 1, name: odd}, stream) == {"kept": 1}


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"replication_key": "updated_at"},
        {"updated_at": None},
        {"replication_key": "updated_at", "replication_key_value": None},
    ],
)
def test_no_bookmark_in_it(kept: dict[str, Any]) -> None:
    assert "replication_key_value" not in bookmark(kept)


@pytest.mark.parametrize("stream", ["tags", "a_stream_of_another_tap"])
@pytest.mark.parametrize("kept", [{}, {"anything": 1}, MOMENT, None, [1]])
def test_streams_without_a_bookmark_are_no_concern(stream: str, kept: Any) -> None:
    assert isinstance(bookmark(kept, stream), dict)


@pytest.mark.parametrize(
    "kept",
    [
        "yesterday",
        {"replication_key_value": "yesterday"},
        {"replication_key_value": [SECONDS]},
        {"replication_key_value": True},
        {"replication_key_value": ""},
        {"updated_at": {"seconds": SECONDS}},
        [MOMENT],
        10**30,
    ],
)
def test_what_is_no_moment_names_the_stream_and_what_to_do(kept: Any) -> None:
    with pytest.raises(TapError, match=r"'conversations'.*remove it to load from start_date"):
        bookmark(kept)


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        (-5, "1969-12-31T23:59:55Z"),
        (0, "1970-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        # Not taken for milliseconds, whose figure it has: it is refused once the sync starts.
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_moments_that_are_absurd_stay_what_they_are(kept: Any, read: str) -> None:
    assert bookmark(kept)["replication_key_value"] == read


@pytest.mark.parametrize("state", [[], "state", 1, {"bookmarks": ["x"]}, {"bookmarks": "x"}])
def test_what_is_no_state_says_what_to_do(state: Any) -> None:
    with pytest.raises(TapError, match="remove it to load from start_date"):
        read_state(state, KEYS)


def test_what_is_read_is_not_changed() -> None:
    state = {"bookmarks": {"conversations": {"updated_at": SECONDS}}}
    read_state(state, KEYS)

    assert state == {"bookmarks": {"conversations": {"updated_at": SECONDS}}}


@pytest.mark.parametrize(
    "kept",
    [
        {"partitions": [{"context": {}, "replication_key_value": MOMENT}]},
        {"progress_markers": {"replication_key_value": MOMENT}},
        {"last_record": MOMENT},
        {"slices": [], "state_type": "date-range"},
    ],
)
def test_a_form_that_is_not_known_is_told(kept: Any, caplog: pytest.LogCaptureFixture) -> None:
    state = {"bookmarks": dict.fromkeys(KEYS, kept)}
    read_state(state, KEYS, ["conversations", "tags"])
    [line] = caplog.messages

    assert line.startswith("conversations: its state has a form that this tap does not know")
    assert repr(min(kept)) in line
    assert MOMENT not in line


def test_a_state_of_other_streams_is_told(caplog: pytest.LogCaptureFixture) -> None:
    state: dict[str, Any] = {"bookmarks": {f"stream-{number}": {} for number in range(9)}}
    read_state(state, KEYS, ["conversations"])
    [line] = caplog.messages

    assert line.startswith("The state is of no stream of this tap, but of 'stream-0', ")
    assert "'stream-4', ...: all that is selected is loaded from start_date" in line


@pytest.mark.parametrize(
    "kept",
    [
        None,
        {},
        MOMENT,
        {"replication_key_value": MOMENT, "last_record": 5},
        {"unfinished": None, "unreadable": '["5"]'},
        {"starting_replication_value": None},
        {"cursor": "5"},
    ],
)
def test_of_what_is_known_there_is_nothing_to_tell(
    kept: Any, caplog: pytest.LogCaptureFixture
) -> None:
    read_state({"bookmarks": {"conversations": kept, "another": {}}}, KEYS, ["conversations"])

    assert caplog.messages == []
