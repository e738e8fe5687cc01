"""The tap as Singer's tools see it: the SDK's own tests, stream maps, settings, and how it ends."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from sandbox import Sandbox, Workspace
from tap_intercom_conversations.errors import InvalidSettings, TapError
from tap_intercom_conversations.streams.registry import STREAMS
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.conftest import (
    PLENTY,
    TOKEN,
    Json,
    Runner,
    bookmarked,
    catalog_of,
    config_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Serve

NAMES = {stream.name for stream in STREAMS}
STANDARD_CONFIG: Json = {
    "access_token": TOKEN,
    "api_url": "http://127.0.0.1:9",
    "api_version": "Preview",
}
"""Its address becomes the simulated workspace's once that runs."""


class ClosedInTheEnd(TapIntercomConversations):
    """The tap, all of whose instances can be closed: the SDK's tests make many and close none."""

    made: list[TapIntercomConversations]

    def __init__(self, **kwargs: Any) -> None:
        # Also the streams that are off by default.
        super().__init__(**{"catalog": catalog_of(STANDARD_CONFIG, tuple(NAMES)), **kwargs})
        self.made.append(self)


ClosedInTheEnd.made = []
Standard: Any = get_tap_test_class(
    ClosedInTheEnd,
    config=STANDARD_CONFIG,
    suite_config=SuiteConfig(max_records_limit=60),
    parse_env_config=False,
)


@pytest.fixture(autouse=True, scope="module")
def _signals() -> Iterator[None]:
    """A tap handles signals from when it is made."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


# Not every record has every field; most of the documented ones are rare.
@pytest.mark.filterwarnings("ignore:Fields in transformed catalog but not in records")
@pytest.mark.filterwarnings("ignore:No records were available to test")
class TestStandard(Standard):  # type: ignore[misc]  # made at run time
    """The SDK's own tests, against a simulated workspace."""

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _workspace(cls) -> Iterator[None]:
        workspace = Workspace(60, deleted=3)
        workspace.tag(workspace.ids()[:3])
        with Sandbox(workspace, rate_limit=PLENTY, token=TOKEN) as server:
            STANDARD_CONFIG["api_url"] = server.url
            yield
            for tap in ClosedInTheEnd.made:
                tap.close()


def test_discovery_asks_for_nothing(serve: Serve) -> None:
    server = serve()
    tap = TapIntercomConversations(config=config_of(server))

    assert tap.catalog_json_text
    assert tap.close() == 0
    assert server.counters.requests == 0


def test_stream_maps_are_applied(serve: Serve, run_tap: Runner) -> None:
    server = serve(20)
    maps = {
        "conversations": {
            "__alias__": "tickets",
            "__filter__": "record['open']",
            "title": "__NULL__",
            "shout": "record['state'].upper()",
        }
    }
    run = run_tap(server, stream_maps=maps)
    records = run.records("tickets")

    assert 0 < len(records) < 20
    assert {record["shout"] for record in records} <= {"OPEN", "SNOOZED"}
    assert run.bookmark() is not None


def test_a_stream_map_that_fails_loses_nothing(serve: Serve, run_tap: Runner) -> None:
    """Corrected, the next run has all from the record on that it failed on."""
    server = serve(20)
    order = run_tap(server).ids()
    failing = {"conversations": {"broken": f"1 / (int(id) - {int(order[7])})"}}
    first = run_tap(server, stream_maps=failing)
    second = run_tap(server, state=first.state)

    assert (first.status, first.ids()) == (1, order[:7])
    assert f"of id {order[7]}: ZeroDivisionError" in first.failures[0]
    assert second.status == 0
    assert set(order[7:]) <= set(second.ids())


def test_flattening_is_applied(serve: Serve, run_tap: Runner) -> None:
    server = serve(20)
    run = run_tap(server, flattening_enabled=True, flattening_max_depth=1)

    assert "source__type" in run.schema()["properties"]
    assert any(record.get("source__type") for record in run.records())


def test_a_wrong_token_ends_it_after_one_stream(serve: Serve, run_tap: Runner) -> None:
    """No other stream would fare better."""
    server = serve()
    run = run_tap(server, *NAMES, access_token=TOKEN)

    assert run.status == 1
    assert len(run.failures) == 1
    assert server.counters.requests == 1


def test_every_setting_is_checked_before_any_request(serve: Serve) -> None:
    server = serve()

    with pytest.raises(InvalidSettings, match="page_size"):
        TapIntercomConversations(config=config_of(server, page_size=0))
    assert server.counters.requests == 0


def test_a_setting_that_does_not_exist_is_told_once(
    serve: Serve,
    run_tap: Runner,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TAP_INTERCOM_CONVERSATIONS_PAGESIZE", "20")
    run = run_tap(serve(20), "tags", start_dat="2026-01-01")
    warnings = [entry.getMessage() for entry in caplog.records if entry.levelname == "WARNING"]

    assert run.status == 0
    assert warnings == [
        "'start_dat' in the configuration is no setting; did you mean start_date?",
        (
            "TAP_INTERCOM_CONVERSATIONS_PAGESIZE in the environment is no setting; "
            "did you mean TAP_INTERCOM_CONVERSATIONS_PAGE_SIZE?"
        ),
    ]


def test_a_state_that_is_none_is_refused_when_it_is_loaded(serve: Serve) -> None:
    with pytest.raises(TapError, match="'conversations'"):
        TapIntercomConversations(config=config_of(serve()), state=bookmarked("soon"))


def test_states_have_nothing_in_them_that_grows(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    first = run_tap(server, *NAMES)
    run_tap.now += 60
    second = run_tap(server, *NAMES, state=first.state)
    for run in (first, second):
        # The end of the window of time that was read: it follows the clock.
        logs = run.state["bookmarks"].pop("admin_activity_logs")
        assert logs.keys() == {"replication_key", "replication_key_value"}

    assert second.state == first.state
    assert len(json.dumps(first.state)) < 100 * len(NAMES)
    for bookmark in first.state["bookmarks"].values():
        # Null, not gone: Meltano merges a state into the one before.
        assert bookmark.pop("unfinished", None) is None
        assert bookmark.pop("unreadable", None) is None
        # Of calls; bounded, as they are given up after a week.
        bookmark.pop("transcripts", None)
        assert bookmark.keys() <= {"replication_key", "replication_key_value", "cursor"}
