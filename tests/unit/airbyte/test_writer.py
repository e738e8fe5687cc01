"""Singer's messages become Airbyte's, in an order that a platform can count on."""

from __future__ import annotations

import json
import logging
import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
from singer_sdk.singerlib import RecordMessage, SchemaMessage, StateMessage

from tap_intercom_conversations.airbyte.logs import LogHandler
from tap_intercom_conversations.airbyte.writer import AirbyteWriter
from tests.support.airbyte import Read, validated

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Json

MOMENT = datetime(2026, 1, 31, 12, 0, 0, 5_999, tzinfo=timezone.utc)
RECORD = RecordMessage(stream="a", record={"id": "1"}, time_extracted=MOMENT)
BOOKMARKS: Json = {"bookmarks": {"a": {"replication_key_value": "x"}, "b": {"c": 1}}}


@pytest.fixture
def written(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[[], Read]:
    """What was written so far, each line validated."""
    return lambda: Read(0, [validated(line) for line in capfdbinary.readouterr().out.splitlines()])


def kinds(run: Read) -> list[str]:
    """The messages' types; of a status, which."""
    return [
        message["trace"]["stream_status"]["status"]
        if message["type"] == "TRACE"
        else message["type"]
        for message in run.messages
    ]


def test_a_stream_from_begin_to_end(written: Callable[[], Read]) -> None:
    writer = AirbyteWriter()
    writer.begin("a", has_bookmark=True, is_full_refresh=False)
    writer.write_message(SchemaMessage("a", {"properties": {}}))
    writer.write_message(RECORD)
    writer.write_message(RECORD)
    writer.write_message(StateMessage(value=BOOKMARKS))
    writer.write_message(RECORD)
    writer.end({"d": 1}, is_complete=True)
    run = written()

    assert kinds(run) == [
        *("STARTED", "RUNNING", "RECORD", "RECORD", "STATE", "RECORD", "STATE", "COMPLETE")
    ]
    assert run.of("RECORD")[0] == {"stream": "a", "data": {"id": "1"}, "emitted_at": 1769860800005}
    first, last = run.of("STATE")
    # Only its own stream's; and so many records since the state before.
    assert first["stream"]["stream_state"] == BOOKMARKS["bookmarks"]["a"]
    assert last["stream"]["stream_state"] == {"d": 1}
    assert [state["sourceStats"]["recordCount"] for state in (first, last)] == [2.0, 1.0]
    assert '"recordCount": 2.0' in json.dumps(first)


@pytest.mark.parametrize(
    ("has_bookmark", "records", "is_complete", "states"),
    [
        (True, 0, True, [{"d": 1}]),
        (True, 1, True, [{"d": 1}]),
        (True, 1, False, [{"d": 1}]),
        (True, 0, False, []),
        (False, 0, True, [{"__ab_full_refresh_sync_complete": True}]),
        (False, 1, True, [{"__ab_full_refresh_sync_complete": True}]),
        # What has no bookmark is read again from its beginning: nothing to go on from.
        (False, 1, False, []),
    ],
)
def test_the_last_state(
    written: Callable[[], Read],
    has_bookmark: bool,  # noqa: FBT001  a case's
    records: int,
    is_complete: bool,  # noqa: FBT001
    states: list[Json],
) -> None:
    writer = AirbyteWriter()
    writer.begin("a", has_bookmark=has_bookmark, is_full_refresh=False)
    for _ in range(records):
        writer.write_message(RECORD)
    writer.end({"d": 1}, is_complete=is_complete)
    run = written()

    assert [state["stream"]["stream_state"] for state in run.of("STATE")] == states
    assert kinds(run)[-1] == ("COMPLETE" if is_complete else "INCOMPLETE")


@pytest.mark.parametrize("is_complete", [True, False])
def test_a_full_refresh_marks_its_states_until_it_is_complete(
    written: Callable[[], Read],
    is_complete: bool,  # noqa: FBT001  a case's
) -> None:
    writer = AirbyteWriter()
    writer.begin("a", has_bookmark=True, is_full_refresh=True)
    writer.write_message(RECORD)
    writer.write_message(StateMessage(value=BOOKMARKS))
    writer.end({"d": 1}, is_complete=is_complete)
    states = [state["stream"]["stream_state"] for state in written().of("STATE")]

    marked = {"replication_key_value": "x", "unfinished_full_refresh": True}
    # The last has no mark, and so is there even if no record came after the one before.
    assert states == ([marked, {"d": 1}] if is_complete else [marked])


def test_nothing_is_written_outside_of_a_stream(written: Callable[[], Read]) -> None:
    writer = AirbyteWriter()
    writer.write_message(RECORD)
    writer.write_message(StateMessage(value=BOOKMARKS))
    writer.flush()

    assert written().messages == []


def test_a_record_without_a_time_is_a_fault() -> None:
    writer = AirbyteWriter()
    writer.begin("a", has_bookmark=True, is_full_refresh=False)

    with pytest.raises(TypeError):
        writer.write_message(RecordMessage(stream="a", record={}))


class Reluctant:
    """A stdout without a buffer that takes part of a line at a time, as a full pipe may."""

    def __init__(self) -> None:
        self.buffer = self
        self.taken = bytearray()

    def write(self, lines: bytearray) -> int:
        """Take a thousand bytes, and let others have their turn."""
        self.taken += lines[:1_000]
        time.sleep(0)
        return 1_000

    def flush(self) -> None:
        """Nothing is kept back."""


def test_no_line_stands_inside_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers log while the main thread writes."""
    out = Reluctant()
    monkeypatch.setattr("sys.stdout", out)
    logger = logging.getLogger("test_no_line_stands_inside_another")
    logger.propagate = False
    logger.addHandler(LogHandler())

    def log() -> None:
        for _ in range(50):
            logger.warning("waits")

    workers = [threading.Thread(target=log) for _ in range(4)]
    writer = AirbyteWriter()
    writer.begin("a", has_bookmark=False, is_full_refresh=False)
    for worker in workers:
        worker.start()
    for _ in range(50):
        writer.write_message(
            RecordMessage(stream="a", record={"id": "1" * 50_000}, time_extracted=MOMENT)
        )
    for worker in workers:
        worker.join()
    writer.end({}, is_complete=True)
    run = Read(0, [validated(line) for line in bytes(out.taken).splitlines()])

    assert run.of("LOG") == [{"level": "WARN", "message": "waits"}] * 200
    assert len(run.of("RECORD")) == 50
