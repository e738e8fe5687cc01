"""A stream makes records of whatever the API sends, or says why there can be none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tap_intercom_conversations.errors import TapError, UnusableRecord
from tap_intercom_conversations.jsontext import DEEPEST_LEVELS
from tap_intercom_conversations.singer.writer import Writer
from tap_intercom_conversations.streams.base import NO_OBJECT, UNREADABLE
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.conftest import TOKEN, catalog_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_intercom_conversations.records import Record
    from tap_intercom_conversations.streams.base import IntercomStream
    from tests.conftest import Runner

    Streams = Callable[..., IntercomStream]

HEAD = b'{"id":"1","updated_at":1717140600'


@pytest.fixture
def streams(run_tap: Runner) -> Iterator[Streams]:
    """Make a stream, without any server: `streams("conversations", flattening_enabled=True)`."""
    assert run_tap  # it puts the signals' handlers back
    taps = []

    def stream(name: str = "conversations", **settings: Any) -> Any:
        catalog = catalog_of({}, (name,), others=False)
        tap = TapIntercomConversations(config={"access_token": TOKEN, **settings}, catalog=catalog)
        taps.append(tap)
        return tap.streams[name]

    yield stream
    for tap in taps:
        tap.close()


def written(stream: Any, record: Record) -> Any:
    """The record as it is written."""
    (message,) = stream._generate_record_messages(record)  # noqa: SLF001  what the SDK calls
    return msgspec.json.decode(Writer().serialize_message(message))["record"]


def test_a_documented_object_stays_a_struct(streams: Streams) -> None:
    stream = streams()
    record = stream.record(HEAD + b"}")

    assert isinstance(record, msgspec.Struct)
    assert written(stream, record) == {"id": "1", "updated_at": "2024-05-31T07:30:00Z"}


@pytest.mark.parametrize(
    "settings",
    [
        {"stream_maps": {"conversations": {"open": "bool(open)"}}},
        {"stream_maps": {"copy": {"__source__": "conversations"}}},
        {"flattening_enabled": True, "flattening_max_depth": 1},
        {
            "batch_config": {
                "encoding": {"format": "jsonl", "compression": "gzip"},
                "storage": {"root": "file:///tmp"},
            }
        },
    ],
)
def test_what_reads_records_gets_dicts(streams: Streams, settings: dict[str, Any]) -> None:
    record = streams(**settings).record(HEAD + b',"open":true,"source":{"type":"email"}}')

    assert record == {
        "id": "1",
        "updated_at": "2024-05-31T07:30:00Z",
        "open": True,
        "source": {"type": "email"},
    }


@pytest.mark.parametrize("open_", ["true", '"true"'], ids=["documented", "drifted"])
def test_added_columns_stand_in_the_record(streams: Streams, open_: str) -> None:
    stream = streams("conversation_parts")
    added = {"conversation_id": "7", "conversation_updated_at": "2024-05-31T07:30:00Z"}
    record = stream.record(f'{{"id":"1","redacted":{open_}}}'.encode(), added)

    assert written(stream, record) == {"id": "1", "redacted": True, **added}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b'{"id":"1"}', "without updated_at"),
        (b'{"updated_at":1717140600,"title":"words"}', "without id"),
        (b'{"id":"1","updated_at":"words"}', "without updated_at"),
        (b"null", NO_OBJECT),
        (b'"words"', NO_OBJECT),
        (b"[1]", NO_OBJECT),
        (HEAD + b',"custom_attributes":{"a":' + b"9" * 5_000 + b"}}", UNREADABLE),
        (HEAD + b',"brand":' + b"9" * 5_000 + b"}", UNREADABLE),
        (HEAD + b',"title":' + b"9" * 5_000 + b"}", UNREADABLE),
        (HEAD + b',"brand":' + b"[" * 3_000 + b"]" * 3_000 + b"}", UNREADABLE),
        (HEAD + b',"title":' + b"[" * 3_000 + b"]" * 3_000 + b"}", UNREADABLE),
        (HEAD, UNREADABLE),
    ],
)
def test_says_why_there_is_no_record(streams: Streams, text: bytes, why: str) -> None:
    with pytest.raises(UnusableRecord) as caught:
        streams().record(text)

    assert str(caught.value) == why
    assert isinstance(caught.value, TapError)


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        (b'"title":"a\nb"', {"title": "a\nb"}),
        (b'"title":"caf\xe9"', {"title": "caf\N{REPLACEMENT CHARACTER}"}),
        (rb'"title":"\ud83d"', {"title": "?"}),
        (b'"custom_attributes":{"a":1e400}', {"custom_attributes": {"a": "1e400"}}),
        (b'"brand":NaN', {"undocumented_fields": {"brand": "NaN"}}),
        (b'"open":NaN', {"open": None, "undocumented_fields": {"open": "NaN"}}),
        (
            b'"statistics":{"count_reopens":1e400}',
            {
                "statistics": {"count_reopens": None},
                "undocumented_fields": {"statistics.count_reopens": "1e400"},
            },
        ),
    ],
)
def test_json_that_strict_decoders_refuse_is_repaired(
    streams: Streams, field: bytes, kept: dict[str, Any]
) -> None:
    stream = streams()
    record = stream.record(HEAD + b"," + field + b"}")

    assert written(stream, record) == {"id": "1", "updated_at": "2024-05-31T07:30:00Z", **kept}


@pytest.mark.parametrize("column", ["brand", "custom_attributes", "title"])
def test_a_record_of_any_depth_can_be_written_or_is_none(streams: Streams, column: str) -> None:
    """A writer that fails in the midst of a sync would end it."""
    stream = streams()
    depths = range(1, sys.getrecursionlimit() + 100, 7)
    taken = []
    for depth in depths:
        text = f',"{column}":{{"a":{"[" * depth}{"]" * depth}}}}}'
        try:
            record = stream.record(HEAD + text.encode())
        except UnusableRecord:
            continue
        assert written(stream, record)["id"] == "1"
        taken.append(depth)

    if column != "title":  # whose value becomes a text
        assert taken == [depth for depth in depths if depth <= taken[-1]]
        assert DEEPEST_LEVELS - 10 < taken[-1] < DEEPEST_LEVELS


def test_a_decoded_object_too(streams: Streams) -> None:
    stream = streams("admins")

    assert stream.shape({"id": 1, "name": "Ann"}) == {"id": "1", "name": "Ann"}
    for obj, why in (
        ({"name": "Ann"}, "without id"),
        ([], NO_OBJECT),
        ({"id": 1, "brand": int("9" * 4_000) ** 2}, UNREADABLE),
    ):
        with pytest.raises(UnusableRecord, match=f"^{why}$"):
            stream.shape(obj)
