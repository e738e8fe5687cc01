"""Files that the command cannot use end it in one line that names the file and what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import TOKEN, bookmarked, catalog_of
from tests.integration.endings import complaint, config, silent

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Command

NO_SCHEMAS: list[Any] = [
    5,
    None,
    [],
    {"properties": 5},
    {"properties": {"id": 5}},
    {"properties": {"id": {"type": 5}}},
    {"properties": {"id": {"type": ["string", "words"]}}},
    {"properties": {"id": {"type": "array", "items": {"type": "words"}}}},
    {"type": "nonsense"},
]


def test_a_config_file_that_is_none(command: Command) -> None:
    path = command.file("mine.json", f"{{'access_token': '{TOKEN}'}}")
    line = complaint(command("--config", path))

    assert "config file" in line
    assert "mine.json" in line


@pytest.mark.parametrize("path", ["missing.json", "."])
def test_a_config_file_that_cannot_be_read(command: Command, path: str) -> None:
    line = complaint(command("--config", path))

    assert f"config file {path} cannot be read" in line


@pytest.mark.parametrize("content", ["[]", f'[["access_token", "{TOKEN}"]]', "5", "null", ""])
def test_a_config_file_that_holds_something_else(command: Command, content: str) -> None:
    path = command.file("mine.json", content)

    assert f"The config file {path} " in complaint(command("--config", path))


@pytest.mark.parametrize("option", ["config", "state", "catalog"])
def test_a_file_that_is_no_text(command: Command, option: str) -> None:
    path = command.folder / "mine.json"
    path.write_bytes(b'{"access_token": "\xe9"}')
    line = complaint(command("--config", "ENV", f"--{option}", str(path)))

    assert f"The {option} file {path} is not text in UTF-8" in line


def test_a_file_that_begins_with_a_byte_order_mark(command: Command, server: Sandbox) -> None:
    path = command.file("mine.json", "\ufeff" + json.dumps(config(server)))

    assert silent(command("--config", path, "--test=schema")).status == 0


@pytest.mark.parametrize(
    ("option", "content"),
    [("state", "{"), ("catalog", "[]"), ("state", '{"bookmarks": "\\ud800"}')],
)
def test_a_state_or_catalog_file_that_is_none(
    command: Command, server: Sandbox, option: str, content: str
) -> None:
    path = command.file("mine.json", content)
    ended = command(f"--{option}", path, config=config(server))

    assert f"The {option} file {path}" in complaint(ended)
    assert server.counters.requests == 0


def test_a_catalog_of_another_form(command: Command, server: Sandbox) -> None:
    path = command.file("mine.json", {"streams": [{"stream": "tags"}]})

    assert "discover" in complaint(command("--catalog", path, config=config(server)))


@pytest.mark.parametrize(
    ("content", "culprit"),
    [
        ({}, "has no list of streams"),
        ({"streams": 5}, "has no list of streams"),
        ({"streams": {}}, "has no list of streams"),
        ({"streams": [{}]}, "has no proper entry for the stream 0"),
        ({"streams": [None]}, "has no proper entry for the stream 0"),
        ({"streams": [{"tap_stream_id": 5}]}, "has no proper entry for the stream 5"),
    ],
)
def test_a_catalog_that_is_none(
    command: Command, server: Sandbox, content: Any, culprit: str
) -> None:
    path = command.file("mine.json", content)
    line = complaint(command("--catalog", path, config=config(server)))

    assert f"The catalog file {path} {culprit}: discover it anew" in line
    assert server.counters.requests == 0


@pytest.mark.parametrize(
    "changed",
    [
        *({"schema": schema} for schema in NO_SCHEMAS),
        {"stream": ["tags"]},
        {"metadata": None},
        {"metadata": [{}]},
        {"metadata": [{"breadcrumb": 5, "metadata": {}}]},
    ],
    ids=str,
)
def test_a_catalog_with_a_nonsense_entry(
    command: Command, server: Sandbox, changed: dict[str, Any]
) -> None:
    catalog = catalog_of(config(server), ("tags",))
    next(entry for entry in catalog["streams"] if entry["stream"] == "tags").update(changed)
    path = command.file("mine.json", catalog)
    line = complaint(command("--catalog", path, config=config(server)))

    assert f"The catalog file {path} has no proper entry for the stream 'tags'" in line


def test_a_catalog_that_selects_nothing(command: Command, server: Sandbox) -> None:
    path = command.file("mine.json", catalog_of(config(server), ()))
    ended = silent(command("--catalog", path, config=config(server)))

    assert ended.status == 0
    assert "No stream is selected" in ended.err


def test_a_missing_file_is_named(command: Command, server: Sandbox) -> None:
    ended = silent(command("--state", "missing.json", config=config(server)))

    assert ended.status != 0
    assert "missing.json" in ended.err
    assert server.counters.requests == 0


def test_a_nonsense_bookmark(command: Command, server: Sandbox) -> None:
    state = command.file("state.json", bookmarked("yesterday"))
    line = complaint(command("--state", state, config=config(server)))

    assert "'conversations'" in line
    assert "remove it to load from start_date" in line
    assert server.counters.requests == 0


def test_a_bookmark_in_the_future(command: Command, server: Sandbox) -> None:
    state = command.file("state.json", bookmarked("2999-01-01T00:00:00Z"))
    catalog = command.file("catalog.json", catalog_of(config(server), ("conversations", "tags")))
    ended = command("--state", state, "--catalog", catalog, config=config(server))
    line = complaint(ended)

    assert "conversations: its bookmark 2999-01-01T00:00:00Z lies in the future" in line
    assert "remove it to load from start_date" in line
    # It is left as it was, and the other stream is complete.
    assert '"replication_key_value":"2999-01-01T00:00:00Z"' in ended.out.splitlines()[-1]
    assert ended.out.count('"stream":"tags"') > 1


def test_a_catalog_with_a_stream_that_the_version_lacks(command: Command, server: Sandbox) -> None:
    catalog = catalog_of(config(server), ("tags", "deleted_conversations"))
    path = command.file("catalog.json", catalog)
    ended = command("--catalog", path, config=config(server, api_version="2.14"))
    line = complaint(ended)

    assert "deleted_conversations: needs api_version 2.16 or later, not 2.14" in line
    assert "discover the catalog anew" in line
    assert ended.out.count('"stream":"tags"') > 1
