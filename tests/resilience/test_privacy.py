"""Personal data that is not wanted is in no output, no log and no file, whatever the API sends."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.schemas import load_marked_schema
from tap_intercom_conversations.settings.privacy import KINDS, PRESETS
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream
from tap_intercom_conversations.streams.reference import ListStream
from tap_intercom_conversations.streams.registry import STREAMS
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.conftest import Command, catalog_of, config_of
from tests.support import airbyte
from tests.support.few import Few
from tests.support.planted import CHANGED_AT, HOSTILE, Marks, documented, hostile
from tests.support.serving import Asked, Said, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Answer, Json, Runner, Serve

ALL = tuple(stream.name for stream in STREAMS)
KEY = "a key for tests, and for nothing else"
VERSIONS = ("1.0", "2.0", "2.7", "2.11", "2.15", "2.16", "Preview")
EVERY_FIELD, WITH_PARTS = "1000000", "2000000"
REFUSED = ("1000001", "1000002", "1000003", "1000004")
BELOW: dict[str, tuple[str, Callable[[list[Json]], Json]]] = {
    "": (
        "conversation_parts",
        lambda rows: {"conversation_parts": {"conversation_parts": rows}},
    ),
    "handling_events": ("conversation_handling_events", lambda rows: {"handling_events": rows}),
    "side_conversations": (
        "side_conversation_parts",
        lambda rows: {
            "side_conversations": [{"side_conversation_id": "1", "conversation_parts": rows}]
        },
    ),
}
"""What is asked for of one conversation: the stream, and the answer with its rows."""


class Planted:
    """A workspace with a marked value at every place of every schema.

    What most streams ask for is known from the streams themselves, so a new one is taken in; what
    is asked for in another way stands in `BELOW`.
    """

    def __init__(self) -> None:
        self.marks = Marks()
        self.rows: dict[str, list[Json]] = {}
        for stream in ("conversations", "calls", *(stream for stream, _ in BELOW.values())):
            self._plant(stream)
        self.lists: dict[tuple[str, str | None], tuple[str, str]] = {}
        """The path and the model that it is asked for -> the stream, and the key of its rows."""
        self.collections = {"/conversations": Few(*self._conversations())}
        for version in VERSIONS:
            for stream in streams_of(version):
                self._answer_for(stream)

    def _plant(self, stream: str) -> list[Json]:
        """Make the rows of a stream, once."""
        if stream not in self.rows:
            schema = load_marked_schema(stream)
            first = documented(schema, self.marks, EVERY_FIELD)
            self.rows[stream] = [first, *hostile(schema, self.marks, int(EVERY_FIELD) + 1)]
        return self.rows[stream]

    def _conversations(self) -> Iterator[Any]:
        yield from (json.dumps(row).encode() for row in self.rows["conversations"])
        yield f'{{"id": "{WITH_PARTS}", "updated_at": {CHANGED_AT + 5_000}}}'.encode()
        # What no decoder reads; words in the place of an id are none.
        deep = '{"a":' * 3_000 + "1" + "}" * 3_000
        for identifier in ("3000001", self.marks.text(HOSTILE)):
            text = self.marks.text(HOSTILE)
            head = f'{{"id": "{identifier}", "updated_at": {CHANGED_AT + 5_000}, "title": "{text}'
            yield f'{head}", "topics": {deep}}}'.encode()
        head = head.replace(identifier, "3000002")
        yield f'{head}\x01\\ud800", "read": NaN, "{text}": 1e400}}'.encode()

    def _answer_for(self, stream: Any) -> None:
        if isinstance(stream, ListStream):
            which = stream.parameters().get("model")
            self._list(stream.endpoint, stream, stream.items, which)
        elif isinstance(stream, ChangedObjectsStream):
            self._answer_for_collection(stream)
        elif not stream.endpoint.endswith("/search"):  # that of a collection, asked for its count
            self._list(stream.endpoint, stream, "data")

    def _list(self, path: str, stream: Any, key: str, model: str | None = None) -> None:
        self._plant(stream.name)
        self.lists[path, model] = (stream.name, key)

    def _answer_for_collection(self, stream: Any) -> None:
        collection = stream.collection
        path = collection.list_path or str(collection.search_path).removesuffix("/search")
        key = collection.envelope_keys[0]
        if path in self.collections:
            return  # another stream over the same pages
        if collection.search_path:
            rows = self._plant(stream.name)
            if stream.name == "tickets":  # whose pages have the rows of another stream
                listed = [self._plant("ticket_parts"), *([] for _ in rows[1:])]
                blocks = [{"ticket_parts": parts, "total_count": len(parts)} for parts in listed]
                pairs = zip(rows, blocks, strict=True)
                rows = [{**row, "ticket_parts": block} for row, block in pairs]
            self.collections[path] = Few(*rows, path=path, key=key)
        else:
            self._list(path, stream, key)

    def __call__(self, asked: Asked) -> Said:
        """Answer a request."""
        if asked.path == "/calls/search":
            ids = asked.body["conversation_ids"]
            calls = self._plant("calls") if WITH_PARTS in ids else []
            return Said({"data": [{**call, "conversation_id": WITH_PARTS} for call in calls]})
        listed = asked.path.removesuffix("/search")
        if found := self.lists.get((listed, asked.query.get("model"))):
            stream, key = found
            rows = self.rows[stream]
            return Said({key: rows, "pages": {}, "total_count": len(rows)})
        _, kind, identifier, *below = [*asked.path.split("/"), "", ""]
        if kind == "conversations" and identifier not in {"", "search"}:
            if identifier in REFUSED:
                return self._refusal(identifier)
            stream, answer = BELOW[below[0]]
            return Said(answer(self.rows[stream] if identifier == WITH_PARTS else []))
        if below[0]:  # what one object has more of than a page shows
            link = {"id": "7", self.marks.text(HOSTILE): self.marks.text(HOSTILE)}
            return Said({"data": [link]})
        collection = self.collections.get(f"/{kind}")
        return collection(asked) if collection else Said()

    def _refusal(self, identifier: str) -> Said:
        """Refuse a conversation in words that nobody should read."""
        text = self.marks.text(HOSTILE)
        error = {"code": text, "message": f"no {text}", "field": text}
        body = {"type": "error.list", "request_id": text, "errors": [error]}
        return {
            REFUSED[0]: Said(body, 422),
            REFUSED[1]: Said(body, 403),
            REFUSED[2]: Said(f"<html>{text}</html>".encode(), 400),
            REFUSED[3]: Said(body, 500, {"X-Request-Id": text}),
        }[identifier]


def streams_of(version: str) -> list[Any]:
    """The streams of an API version."""
    endpoint = "list" if version.startswith("1.") else "search"
    config = {"api_version": version, "conversations_endpoint": endpoint, "access_token": "-"}
    tap = TapIntercomConversations(config=config)
    tap.close()
    return list(tap.streams.values())


@cache
def planted() -> Planted:
    """The workspace; it takes a second to make."""
    return Planted()


def settings_of(preset: str) -> Json:
    """The settings of a preset."""
    return {"privacy": preset, **({} if preset == "none" else {"privacy_key": KEY})}


def run(command: Command, version: str, *options: str, **settings: Any) -> str:
    """Run all streams of a version; return all that it wrote, wherever."""
    with Server(planted()) as server:
        config = config_for(server, version, **settings)
        catalog = command.file("catalog.json", catalog_of(config, ALL))
        return all_written(command, *(options or ("--catalog", catalog)), config=config)


def run_over_airbyte(folder: Path, version: str, verb: str, **settings: Any) -> str:
    """Run it over the Airbyte protocol."""
    command = Command(folder, "tap_intercom_conversations.airbyte")
    with Server(planted()) as server:
        config = config_for(server, version, **settings)
        options = ["--config", command.file("config.json", config)]
        if verb == "read":
            options += ["--catalog", command.file("catalog.json", airbyte.catalog_of(config))]
        return all_written(command, verb, *options)


def config_for(server: Server, version: str, **settings: Any) -> Json:
    """A configuration with which nothing is tried twice."""
    config = config_of(server, api_version=version, max_retries=0, **settings)
    return {"conversations_endpoint": "list", **config} if version.startswith("1.") else config


def all_written(command: Command, *arguments: str, config: Json | None = None) -> str:
    """What a run wrote to stdout, to stderr, and into whatever file."""
    ended = command(*arguments, config=config, LOGLEVEL="DEBUG", TMPDIR=str(command.folder))
    assert "Traceback" not in ended.err
    assert KEY not in ended.out + ended.err
    return ended.out + ended.err + "".join(files_in(command.folder))


def files_in(folder: Path) -> Iterator[str]:
    """The content of all files."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            text = gzip.decompress(content) if file.suffix == ".gz" else content
            yield text.decode("utf-8", "replace")


def gone(preset: str) -> set[str]:
    """The kinds that a preset does not let through."""
    return {*PRESETS[preset], HOSTILE}


@pytest.mark.parametrize(
    ("version", "preset"),
    [
        ("2.0", "analytics"),
        ("Preview", "analytics"),
        *((version, "strict") for version in VERSIONS),
    ],
)
def test_nothing_of_it_is_written_anywhere(command: Command, version: str, preset: str) -> None:
    written = run(command, version, **settings_of(preset))
    kinds = planted().marks.kinds_in(written)

    assert kinds.isdisjoint(gone(preset)), planted().marks.found_in(written)
    assert written.count('"RECORD"') > 500
    if preset == "analytics":
        assert {"identifier", "url"} <= kinds


@pytest.mark.parametrize("verb", ["check", "read"])
def test_nothing_of_it_is_written_over_airbyte(tmp_path: Path, verb: str) -> None:
    written = run_over_airbyte(tmp_path, "Preview", verb, **settings_of("strict"))

    assert planted().marks.kinds_in(written).isdisjoint(gone("strict"))
    assert (written.count('"RECORD"') > 500) == (verb == "read")


def test_without_privacy_all_of_it_is_there(command: Command) -> None:
    """So the marks do stand where the tap reads."""
    written = run(command, "Preview")
    found = planted().marks.found_in(written)
    wanted = planted().marks.of(*KINDS)

    assert {planted().marks.kinds[mark] for mark in wanted} >= {"name", "email", "body", "free"}
    assert wanted <= found
    assert len(planted().marks.of(HOSTILE) & found) > 500
    for stream in ALL:
        records = [line for line in written.splitlines() if f'"RECORD","stream":"{stream}"' in line]
        assert records, f"what {stream} asks for is to be answered in `Planted`"
        of_stream = Marks()
        documented(load_marked_schema(stream), of_stream, EVERY_FIELD)
        in_records = planted().marks.kinds_in("".join(records))
        assert {*of_stream.kinds.values()} <= in_records, stream


@pytest.mark.parametrize("preset", ["analytics", "strict"])
def test_nothing_of_it_is_in_the_files_of_a_batch(command: Command, preset: str) -> None:
    batch = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": f"file://{command.folder}/batch"},
    }
    written = run(command, "2.16", batch_config=batch, **settings_of(preset))

    assert planted().marks.kinds_in(written).isdisjoint(gone(preset))
    assert written.count('"updated_at"') > 500
    assert '"BATCH"' in written


@pytest.mark.parametrize(
    "more",
    [
        {"flattening_enabled": True, "flattening_max_depth": 3},
        {"stream_maps": {"conversations": {"found": "json.loads(title)['x']"}}},
        {"stream_maps": {"conversations": {"found": "int(source['author']['name'])"}}},
        {"conversations_endpoint": "list", "accepted_failures": [EVERY_FIELD]},
    ],
    ids=["flattened", "a map that fails", "a map that quotes", "the list"],
)
def test_nothing_of_it_is_there_whatever_else_is_set(command: Command, more: Json) -> None:
    written = run(command, "2.16", **more, **settings_of("strict"))

    assert planted().marks.kinds_in(written).isdisjoint(gone("strict"))


@pytest.mark.parametrize("option", ["--test", "--test=schema", "--discover", "--about"])
def test_nothing_of_it_is_in_what_is_tried(command: Command, option: str) -> None:
    written = run(command, "Preview", option, **settings_of("strict"))

    assert planted().marks.kinds_in(written).isdisjoint(gone("strict"))
    assert ('"RECORD"' in written) == (option == "--test")


@pytest.mark.parametrize("preset", ["none", "analytics", "strict"])
def test_an_error_tells_codes_and_ids_only(
    run_tap: Runner, answer: Answer, caplog: pytest.LogCaptureFixture, preset: str
) -> None:
    """Of what the API says of its error, as soon as somebody cares."""
    error = {"code": "parameter_invalid", "message": "Ada Lovelace has no such field"}
    body = {"type": "error.list", "request_id": "000hjqhpf95ef3b8f8v0", "errors": [error]}
    run = run_tap(answer(Said(body, 422)), *ALL, api_version="Preview", **settings_of(preset))

    assert len(run.failures) == len(ALL)
    assert all("422 parameter_invalid" in line for line in run.failures)
    assert all("000hjqhpf95ef3b8f8v0" in line for line in run.failures)
    assert all(("Ada" in line) == (preset == "none") for line in run.failures)
    assert ("Ada" in caplog.text) == (preset == "none")


def test_another_privacy_goes_on_where_the_last_ended(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    half = run_tap(server, page_size=10).states[3]
    read = json.loads(half["bookmarks"]["conversations"]["unfinished"])
    another_key = {**settings_of("strict"), "privacy_key": KEY[::-1]}
    runs = [
        run_tap(server, state=half, page_size=10, **settings)
        for settings in ({}, settings_of("strict"), another_key)
    ]

    assert read
    assert len({tuple(run.ids()) for run in runs}) == 1
    assert 0 < len(runs[0].ids()) < 60
