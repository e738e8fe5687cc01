"""README states what the code does: settings, streams, keys, commands, versions."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML
from singer_sdk.helpers.capabilities import (
    BATCH_CONFIG,
    EMIT_ACTIVATE_VERSION_CONFIG,
    FLATTENING_CONFIG,
    STREAM_MAPS_CONFIG,
)

from tap_intercom_conversations import __version__
from tap_intercom_conversations.errors import PermissionDenied
from tap_intercom_conversations.progress.table import table_of
from tap_intercom_conversations.progress.tally import Status
from tap_intercom_conversations.settings import CONFIG_SCHEMA
from tap_intercom_conversations.streams.registry import STREAMS
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.support.serving import Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_intercom_conversations.streams.base import IntercomStream
    from tests.conftest import Answer, Runner
    from tests.support.serving import Asked

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LIMITS_PAGE = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
STREAMS_PAGE = (ROOT / "docs" / "streams.md").read_text(encoding="utf-8")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_readme_is_short_and_leads_to_every_page() -> None:
    assert len(README.splitlines()) < 200
    leads_to = set(re.findall(r"\]\((docs/[^)#]+)\)", README))
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
    assert pages <= leads_to


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the first table under a heading, by their first cell."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {name.strip(" `"): [cell.strip() for cell in cells] for name, *cells in rows}


def names(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


@pytest.fixture(scope="module")
def streams() -> dict[str, IntercomStream]:
    tap = TapIntercomConversations(config={"access_token": "x"})
    return {stream.name: stream for stream in (kind(tap, tap.session) for kind in STREAMS)}


def test_settings_table_has_every_setting_with_its_default() -> None:
    stated = table("Settings")
    properties = CONFIG_SCHEMA["properties"]
    builtin = (BATCH_CONFIG, EMIT_ACTIVATE_VERSION_CONFIG, FLATTENING_CONFIG, STREAM_MAPS_CONFIG)
    own = set(properties).difference(*(settings["properties"] for settings in builtin))
    assert set(stated) == own
    for name, (default, meaning) in stated.items():
        actual = properties[name].get("default")
        if name == "user_agent":
            assert names(default)[0].replace("VERSION", __version__) == actual
        elif actual is None:
            assert default in {"none", "required", "the region's"}
        else:
            assert names(default) == (
                str(actual).lower() if actual in (True, False) else str(actual),
            )
        assert meaning.endswith(".")
        assert (default == "required") == (name in CONFIG_SCHEMA["required"])


def test_ranges_in_the_settings_table_are_those_that_are_checked() -> None:
    for name, (_, meaning) in table("Settings").items():
        schema = CONFIG_SCHEMA["properties"][name]
        if "maximum" in schema:
            assert f"{schema['minimum']} to {schema['maximum']}" in meaning


def test_streams_table_has_every_stream_as_it_is(streams: dict[str, IntercomStream]) -> None:
    stated = table("Streams")
    assert list(stated) == list(streams)
    assert f"\n{len(streams)} tables, " in README
    for name, (key, replication, since, requests, permission) in stated.items():
        stream = streams[name]
        assert names(key) == tuple(stream.primary_keys)
        assert replication == (
            f"`{stream.replication_key}`" if stream.replication_key else "full table"
        )
        assert since == stream.since
        assert requests.endswith("*off*") != stream.selected_by_default
        assert permission == stream.permission


def test_every_table_is_described(streams: dict[str, IntercomStream]) -> None:
    assert re.findall(r"^\| `(\w+)` \| \w", STREAMS_PAGE, re.MULTILINE) == list(streams)


def test_diagram_has_every_table_with_its_key(streams: dict[str, IntercomStream]) -> None:
    diagram = STREAMS_PAGE.split("```mermaid\n", 1)[1].split("```", 1)[0]
    entities = re.findall(r"^    (\w+) \{(.*?)\}$", diagram, re.MULTILINE | re.DOTALL)
    drawn = {name: re.findall(r"(\w+) (\w+) PK", body) for name, body in entities}
    assert set(drawn) == set(streams)
    for name, columns in drawn.items():
        properties = streams[name].schema["properties"]
        assert tuple(column for _, column in columns) == tuple(streams[name].primary_keys)
        for kind, column in columns:
            assert (kind == "timestamp") == (properties[column].get("format") == "date-time")
    for left, right, label in re.findall(r'(\w+) \|\|--o\{ (\w+) : "(\w+)"', diagram):
        assert label in streams[right].schema["properties"]
        assert "id" in streams[left].schema["properties"]


def test_the_table_at_the_end_is_made_like_that() -> None:
    [sample] = re.findall(r"^```text\n(stream .*?)\n```", README, re.MULTILINE | re.DOTALL)
    _, *lines, _, remedy = sample.splitlines()
    tallies: list[Any] = []
    for line in lines:
        stream, rows, requests, seconds, outcome = re.split(" {2,}", line)
        status, _, why = outcome.partition(": ")
        tallies.append(
            SimpleNamespace(
                stream=stream,
                rows=int(rows.replace(",", "")),
                requests=int(requests.replace(",", "")),
                seconds=float(seconds),
                status=Status(status),
                why=why,
                remedy=PermissionDenied.remedy if why else "",
            )
        )

    assert remedy == PermissionDenied.remedy
    assert "\n".join(line.text for line in table_of(tallies)) == sample


def test_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in set(re.findall(r"(?:^|`)make (\w+)", text, re.MULTILINE)):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_examples_can_be_read() -> None:
    readers: dict[str, Callable[[str], Any]] = {
        "json": json.loads,
        "python": ast.parse,
        "yaml": YAML(typ="safe").load,
    }
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for kind, example in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            if kind in readers:
                readers[kind](example)


def test_links_lead_to_files() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_the_stream_maps_do_what_is_said(answer: Answer, run_tap: Runner) -> None:
    part = {"id": "2", "part_type": "comment", "created_at": 1_700_000_000}
    conversation = {"id": "1", "created_at": 1_700_000_000, "updated_at": 1_700_000_000}
    conversation["custom_attributes"] = {"a\0b": "x", "list": {"deep": ["\0"]}}
    parts = [{**part, "body": "x" * 3_000_000}, {**part, "id": "3", "body": None}]
    found = {"conversations": [conversation], "total_count": 1, "pages": {}}
    whole = {
        **conversation,
        "conversation_parts": {"conversation_parts": parts, "total_count": 2},
    }

    nothing = {"conversations": [], "total_count": 0, "pages": {}}

    def api(asked: Asked) -> Said:
        if not asked.path.endswith("/search"):
            return Said(whole)
        above = asked.body["query"]["value"][0]["value"]
        return Said(found if above < conversation["updated_at"] else nothing)

    settings = json.loads(LIMITS_PAGE.split("```json\n", 1)[1].split("```", 1)[0])
    run = run_tap(answer(api), "conversations", "conversation_parts", **settings)
    bodies = [record["body"] for record in run.records("conversation_parts")]
    [record] = run.records()

    assert run.status == 0
    assert [body and len(body) for body in bodies] == [1_000_000, None]
    assert record["custom_attributes"] == {"a\ufffdb": "x", "list": {"deep": ["\ufffd"]}}
    assert run.schema()["properties"]["custom_attributes"]["type"] == ["object", "null"]
