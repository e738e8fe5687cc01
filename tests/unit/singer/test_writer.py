"""Messages come out in order, each a line of JSON, and before a target waits for them."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager, redirect_stdout
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from singer_sdk.singerlib import (
    ActivateVersionMessage,
    RecordMessage,
    SchemaMessage,
    StateMessage,
)

from tap_intercom_conversations.singer.writer import FLUSH_BYTES, Writer

if TYPE_CHECKING:
    from collections.abc import Iterator


class Raw(io.RawIOBase):
    """What stands behind stdout: a pipe that takes `most` bytes at a time."""

    def __init__(self, most: int = 2**30) -> None:
        self.written = bytearray()
        self.writes = 0
        self._most = most

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Take what there is room for."""
        self.writes += 1
        taken = bytes(data)[: self._most]
        self.written += taken
        return len(taken)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What has come out so far."""
        return [json.loads(line) for line in self.written.splitlines()]


@contextmanager
def stdout(raw: Raw, *, buffered: bool = True) -> Iterator[Raw]:
    """Have stdout go to it; it is not buffered with PYTHONUNBUFFERED."""
    below: Any = io.BufferedWriter(raw) if buffered else raw
    out = io.TextIOWrapper(below, encoding="utf-8", write_through=not buffered)
    with redirect_stdout(out):
        yield raw
    out.detach()


def record(**fields: Any) -> RecordMessage:
    return RecordMessage(stream="tags", record=fields)


def test_each_message_is_a_line_in_the_order_written() -> None:
    schema = {"type": "object", "properties": {"id": {"type": "string"}}}
    with stdout(Raw()) as out:
        writer = Writer()
        writer.write_message(SchemaMessage("tags", schema, ["id"]))
        writer.write_message(record(id="1", name="a\nb"))
        writer.write_message(record(id="2"))
        writer.write_message(StateMessage({"bookmarks": {}}))
        writer.write_message(ActivateVersionMessage("tags", 1))

    assert out.messages == [
        {"type": "SCHEMA", "stream": "tags", "schema": schema, "key_properties": ["id"]},
        {"type": "RECORD", "stream": "tags", "record": {"id": "1", "name": "a\nb"}},
        {"type": "RECORD", "stream": "tags", "record": {"id": "2"}},
        {"type": "STATE", "value": {"bookmarks": {}}},
        {"type": "ACTIVATE_VERSION", "stream": "tags", "version": 1},
    ]


@pytest.mark.parametrize(
    "message",
    [StateMessage({}), SchemaMessage("tags", {}, []), ActivateVersionMessage("tags", 1)],
    ids=lambda message: type(message).__name__,
)
def test_all_before_a_state_or_schema_is_out_with_it(message: Any) -> None:
    with stdout(Raw()) as out:
        writer = Writer()
        writer.write_message(record(id="1"))
        writer.write_message(message)

        assert len(out.messages) == 2


def test_many_records_are_few_writes_and_memory_stays_small() -> None:
    with stdout(Raw()) as out:
        writer = Writer()
        for _ in range(1_000):
            writer.write_message(record(body="x" * 1_000))
        unwritten = 1_000 * 1_000 - len(out.written)
        writer.flush()

        assert unwritten < 2 * FLUSH_BYTES
        assert out.writes < 1_000 / 10
        assert len(out.messages) == 1_000


@pytest.mark.parametrize("buffered", [{"buffered": True}, {"buffered": False}])
def test_a_pipe_that_takes_a_little_at_a_time_gets_all(buffered: dict[str, bool]) -> None:
    with stdout(Raw(most=7), **buffered) as out:
        writer = Writer()
        writer.write_message(record(body="ü" * 5_000))
        writer.write_message(StateMessage({"bookmarks": {"tags": {}}}))

        assert [message["type"] for message in out.messages] == ["RECORD", "STATE"]
        assert out.messages[0]["record"]["body"] == "ü" * 5_000


def test_flushing_nothing_writes_nothing() -> None:
    with stdout(Raw()) as out:
        Writer().flush()

        assert out.writes == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ü 😀 \u2028", '"ü 😀 \u2028"'),
        (0.1, "0.1"),
        (2**63 - 1, str(2**63 - 1)),
        (Decimal("155.50"), "155.50"),
        (datetime(2026, 6, 1, tzinfo=timezone.utc), '"2026-06-01T00:00:00Z"'),
        (None, "null"),
        ({"a b": [1, None]}, '{"a b":[1,null]}'),
    ],
)
def test_values_as_json(value: Any, text: str) -> None:
    line = Writer().serialize_message(record(v=value)).decode()

    assert line.endswith(f'"record":{{"v":{text}}}}}')


class Row(msgspec.Struct, gc=False):
    """A record as a struct."""

    id: str
    at: datetime | msgspec.UnsetType | None = msgspec.UNSET
    name: str | msgspec.UnsetType | None = msgspec.UNSET


@pytest.mark.parametrize(
    ("struct", "as_dict"),
    [
        (Row("1"), {"id": "1"}),
        (Row("1", None, None), {"id": "1", "at": None, "name": None}),
        (
            Row("1", datetime(2026, 6, 1, 9, 30, tzinfo=timezone.utc)),
            {"id": "1", "at": "2026-06-01T09:30:00Z"},
        ),
        (
            Row("1", datetime(1, 1, 1, tzinfo=timezone.utc)),
            {"id": "1", "at": "0001-01-01T00:00:00Z"},
        ),
    ],
)
@pytest.mark.parametrize("version", [None, 1_780_000_000])
def test_a_record_may_be_a_struct(
    struct: Any, as_dict: dict[str, Any], version: int | None
) -> None:
    now = datetime(2026, 6, 1, 9, 30, 0, 5, tzinfo=timezone.utc)
    lines = [
        Writer().serialize_message(
            RecordMessage(stream="tags", record=record, version=version, time_extracted=now)
        )
        for record in (struct, as_dict)
    ]

    assert lines[0] == lines[1]
    assert lines[0].startswith(b'{"type":"RECORD","stream":"tags","record":{"id":"1"')
    assert lines[0].endswith(b',"time_extracted":"2026-06-01T09:30:00.000005Z"}')
