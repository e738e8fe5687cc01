"""The catalog that is discovered, and a tap that never runs."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.versions import KNOWN
from tap_intercom_conversations.errors import InvalidSettings
from tap_intercom_conversations.streams.registry import STREAMS
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.conftest import TOKEN, Json

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


NAMES = {stream.name for stream in STREAMS}
SINCE = {
    "Preview": {"contact_activities"},
    "2.16": {"deleted_conversations", "side_conversation_parts"},
    "2.15": {"conversation_handling_events"},
    "2.14": {"calls"},
    "2.12": {"ticket_states"},
    "2.10": {"tickets", "ticket_parts"},
    "2.9": {"ticket_types"},
    "2.0": {
        "contacts",
        "contact_companies",
        "contact_tags",
        "companies",
        "conversation_counts",
    },
}


pytestmark = pytest.mark.usefixtures("signal_handlers")


def discovered(**config: Any) -> dict[str, Json]:
    """The catalog's entries, by stream; without a version those of Preview, which has them all."""
    config = {"access_token": TOKEN, "api_version": "Preview", **config}
    tap = TapIntercomConversations(config=config)
    catalog: Json = json.loads(tap.catalog_json_text)
    tap.close()
    return {entry["stream"]: entry for entry in catalog["streams"]}


@cache
def newest() -> dict[str, Json]:
    """The catalog's entries with all streams, by stream."""
    return discovered()


def listing(entry: Json) -> str:
    """What a catalog says of a stream, in a few lines: its keys, its columns and their types."""
    columns = entry["schema"]["properties"]
    key, replication_key = ", ".join(entry["key_properties"]), entry.get("replication_key", "")
    lines = [f"{entry['stream']}: {key}", f"{entry['replication_method']} {replication_key}"]
    lines += [f"  {name}: {'|'.join(column_types(columns[name]))}" for name in sorted(columns)]
    return "\n".join(lines)


def column_types(column: Json) -> list[str]:
    types = [column["type"]] if isinstance(column["type"], str) else column["type"]
    return [column.get("format", kind) if kind == "string" else kind for kind in types]


@pytest.mark.parametrize("stream", sorted(NAMES))
def test_the_catalog(stream: str, snapshot: SnapshotAssertion) -> None:
    """If this changes, so does what targets create: say so in the changelog."""
    assert listing(newest()[stream]) == snapshot


def test_every_stream_is_discovered() -> None:
    assert newest().keys() == NAMES
    assert len(NAMES) == len(STREAMS)


@pytest.mark.parametrize(
    "version", ["1.0", "2.0", "2.11", "2.14", "2.15", "2.16", "2.17", "Preview", "Unstable"]
)
def test_a_stream_that_the_version_lacks_is_not_discovered(version: str) -> None:
    endpoint = {"conversations_endpoint": "list"} if version < "2" else {}
    lacking = {name for since in SINCE if KNOWN[version] < KNOWN[since] for name in SINCE[since]}

    assert discovered(api_version=version, **endpoint).keys() == NAMES - lacking


def test_a_misspelt_setting_is_told_before_the_one_that_is_missing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(InvalidSettings, match="access_token: is required"):
        TapIntercomConversations(config={"acess_token": TOKEN})
    [warning] = [entry.getMessage() for entry in caplog.records if entry.levelname == "WARNING"]
    assert warning.endswith("did you mean access_token?")
    assert TOKEN not in warning


def test_a_later_version_is_taken_for_the_newest_known(caplog: pytest.LogCaptureFixture) -> None:
    assert discovered(api_version="2.18") == discovered(api_version="2.17")
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelname == "WARNING"]
    assert warnings == [
        "api_version 2.18 is later than this tap: it is taken for 2.17, the newest known"
    ]


def test_closing_what_never_ran_is_fine() -> None:
    tap = TapIntercomConversations(config={"access_token": TOKEN})

    assert tap.close() == 0
