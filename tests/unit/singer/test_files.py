"""A file that cannot be used is refused in one line that names it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.errors import TapError
from tap_intercom_conversations.singer.files import (
    read_catalog,
    read_config,
    read_object,
    read_state_file,
)

if TYPE_CHECKING:
    from pathlib import Path

ENTRY: dict[str, Any] = {
    "tap_stream_id": "tags",
    "stream": "tags",
    "schema": {"type": "object", "properties": {"id": {"type": ["string", "null"]}}},
    "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "mine.json"


def complaint(read: Any, *arguments: Any) -> str:
    """The line that a file is refused with."""
    with pytest.raises(TapError) as caught:
        read(*arguments)
    return str(caught.value)


def test_a_configuration_is_an_object(path: Path) -> None:
    path.write_text('\ufeff{"page_size": 5}', encoding="utf-8")

    assert read_config(str(path)) == {"page_size": 5}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "does not hold a JSON object"),
        (b"{", "is not JSON: "),
        (b'{"a": "\xe9"}', "is not text in UTF-8"),
        (b"[" * 100_000, "is not JSON: "),
    ],
)
def test_a_file_that_holds_something_else_is_named(path: Path, content: bytes, said: str) -> None:
    path.write_bytes(content)
    line = complaint(read_object, str(path), "state")

    assert line.startswith(f"The state file {path} {said}")
    assert "\n" not in line


def test_a_file_that_cannot_be_read_says_why(path: Path) -> None:
    line = complaint(read_config, str(path))

    assert line == f"The config file {path} cannot be read: No such file or directory"


def test_no_state_is_no_state() -> None:
    assert read_state_file(None) is None
    assert read_catalog(None) is None


def test_a_state_is_read_as_it_is(path: Path) -> None:
    path.write_text('{"bookmarks": {"tags": {}}}', encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        assert read_state_file(file) == {"bookmarks": {"tags": {}}}


def test_a_state_that_could_not_be_written_again_is_none(path: Path) -> None:
    path.write_text('{"bookmarks": "\\ud800"}', encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        line = complaint(read_state_file, file)

    assert line == f"The state file {path} holds half a character: correct it"


def test_a_catalog_has_its_streams(path: Path) -> None:
    path.write_text(json.dumps({"streams": [ENTRY]}), encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        catalog = read_catalog(file)

    assert catalog is not None
    assert [*catalog] == ["tags"]
    assert catalog["tags"].metadata.root.selected


@pytest.mark.parametrize(
    "changed",
    [
        {"tap_stream_id": None},
        {"stream": 5},
        {"schema": {"type": "words"}},
        {"schema": {"type": "object", "properties": {"id": 5}}},
        {"schema": {"type": "array", "items": {"type": "words"}}},
        {"metadata": [{}]},
    ],
)
def test_a_nonsense_entry_of_a_catalog_is_named(path: Path, changed: dict[str, Any]) -> None:
    path.write_text(json.dumps({"streams": [{**ENTRY, **changed}]}), encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        line = complaint(read_catalog, file)

    assert line.startswith(f"The catalog file {path} has no proper entry for the stream ")
    assert line.endswith("discover it anew")
