"""The real command ends in one line that names the culprit and what to do, and tells no secret.

Each test runs it as Meltano would: a process of its own, files and environment variables.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.settings import at_least
from tap_intercom_conversations.streams.registry import STREAMS
from tests.conftest import TOKEN, catalog_of
from tests.integration.endings import complaint, config, silent
from tests.support.serving import Said, Server

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Command

PREFIX = "TAP_INTERCOM_CONVERSATIONS_"
OFFERED = sum(at_least("2.16", stream.since) for stream in STREAMS)
"""How many streams the default version has."""
LOUD = {"LOGLEVEL": "DEBUG"}


# --- When all is well ---


def test_a_sync_writes_singer_messages_and_nothing_else(command: Command, server: Sandbox) -> None:
    ended = silent(command(config=config(server)))

    messages = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.status == 0
    assert {message["type"] for message in messages} == {"SCHEMA", "RECORD", "STATE"}
    # All but the two that cost a request a conversation and are off unless they are selected.
    assert len({message["stream"] for message in messages if "stream" in message}) == 10
    assert ended.complaints == []


def test_the_environment_alone_will_do(command: Command, server: Sandbox) -> None:
    variables = {
        "ACCESS_TOKEN": TOKEN,
        "API_URL": server.url,
        "PAGE_SIZE": "5",
        "RATE_LIMIT_SHARE": "0.5",
        "INCLUDE_QA": "true",
        "SEARCH_FILTERS": '[{"field": "state", "operator": "!=", "value": "none"}]',
    }
    environment: dict[str, Any] = {PREFIX + name: value for name, value in variables.items()}
    catalog = command.file("catalog.json", catalog_of(config(server), ("conversations",)))
    ended = silent(command("--config", "ENV", "--catalog", catalog, **environment))

    assert ended.status == 0
    assert ended.out.count('"type":"RECORD"') == 12


def test_later_files_win(command: Command, server: Sandbox) -> None:
    first = command.file("first.json", config(server, access_token=None, page_size=0))
    second = command.file("second.json", {"access_token": TOKEN, "page_size": 5})

    assert silent(command("--config", first, "--config", second)).status == 0


@pytest.mark.parametrize("given", [None, {"access_token": None}])
def test_discovery_needs_no_token(command: Command, given: dict[str, Any] | None) -> None:
    ended = silent(command("--discover", config=given))

    assert ended.status == 0
    assert len(json.loads(ended.out)["streams"]) == OFFERED


def test_about_tells_of_every_setting(command: Command) -> None:
    ended = silent(command("--about", "--format=json", config={"access_token": TOKEN}))

    assert ended.status == 0
    assert "rate_limit_share" in ended.out


@pytest.mark.parametrize(("option", "kind"), [("--test", "RECORD"), ("--test=schema", "SCHEMA")])
def test_a_test_run(command: Command, server: Sandbox, option: str, kind: str) -> None:
    ended = silent(command(option, config=config(server)))

    assert ended.status == 0
    assert f'"type":"{kind}"' in ended.out


def test_a_test_run_that_succeeds_says_so(command: Command, server: Sandbox) -> None:
    settings = config(server, emit_activate_version_messages=True)
    ended = command("--test", config=settings)

    assert ended.complaints == []
    # A target would drop all that a part of a load has not.
    assert "ACTIVATE_VERSION" not in ended.out
    line = f"The test succeeded: {OFFERED} streams can be read"
    assert line in ended.err.splitlines()[-1]
    # One of each stream, of which some may have none.
    records = [json.loads(line) for line in ended.out.splitlines() if '"type":"RECORD"' in line]
    assert len(records) == len({record["stream"] for record in records}) > 8


# --- What a user can cause ---


@pytest.mark.parametrize("option", [(), ("--test",)])
def test_a_wrong_token(command: Command, server: Sandbox, option: tuple[str, ...]) -> None:
    server.switches.set(token=TOKEN[::-1])
    ended = command(*option, config=config(server, access_token=TOKEN))
    line = complaint(ended)

    assert "401 unauthorized" in line
    assert "access_token" in line
    assert "region" in line
    # Nothing about the streams that are not tried any more, and no word of success.
    assert ended.err.count("Beginning sync") == 1
    assert "deselected" not in ended.err
    assert "succeeded:" not in ended.err


def test_a_test_run_has_a_line_for_each_failure(command: Command, server: Sandbox) -> None:
    server.switches.set(denied={"tags": "token_unauthorized", "deleted": "api_plan_restricted"})
    ended = silent(command("--test", config=config(server)))

    assert ended.status == 1
    assert [line.split(" | ")[-1].partition(":")[0] for line in ended.complaints] == [
        "deleted_conversations",
        "tags",
    ]
    assert "succeeded:" not in ended.err
    can = {stream.name for stream in STREAMS if f"| {stream.name}: can be read" in ended.err}
    assert len(can) == OFFERED - 2


def test_a_test_run_succeeds_without_what_is_off_by_default(
    command: Command, server: Sandbox
) -> None:
    """A first run needs no permission that it does not use."""
    server.switches.set(denied={"articles": "token_unauthorized"})
    ended = silent(command("--test", config=config(server)))

    assert ended.status == 0
    [line] = ended.complaints
    assert "articles: GET /articles: 401 token_unauthorized" in line
    assert line.endswith('It needs the permission "Read and list articles".')
    assert f"{OFFERED - 1} streams can be read; not articles, off by default" in ended.err


def test_no_token(command: Command, server: Sandbox) -> None:
    line = complaint(command(config={"api_url": server.url}))

    assert "access_token: is required" in line


def test_an_unreachable_host(command: Command) -> None:
    with Server([Said()]) as server:
        gone = server.url
    given = {"access_token": TOKEN, "api_url": gone, "max_retries": 0}
    line = complaint(command(config=given))

    assert "refused the connection" in line
    assert "api_url" in line


def test_a_host_that_does_not_exist(command: Command) -> None:
    given = {"access_token": TOKEN, "api_url": "http://nowhere.invalid", "max_retries": 0}

    assert "api_url" in complaint(command(config=given))


def test_a_missing_permission(command: Command, server: Sandbox) -> None:
    server.switches.set(denied={"tags": "token_unauthorized"})
    ended = command(config=config(server))
    line = complaint(ended)

    assert "tags: GET /tags: 401 token_unauthorized" in line
    assert '"Read tags"' in line
    # The other streams are complete.
    assert ended.out.count('"stream":"conversations"') == 13


def test_a_plan_that_lacks_the_feature(command: Command, server: Sandbox) -> None:
    server.switches.set(denied={"deleted": "api_plan_restricted"})
    line = complaint(command(config=config(server)))

    assert "deleted_conversations: GET /conversations/deleted: 403 api_plan_restricted" in line
    assert "deselect" in line


@pytest.mark.parametrize(
    ("settings", "culprit", "remedy"),
    [
        ({"page_size": 0}, "page_size", "minimum of 1"),
        ({"region": "mars"}, "region", "'us', 'eu', 'au'"),
        (
            {"start_date": "2026-02-01", "end_date": "2026-01-01"},
            "end_date",
            "later than start_date",
        ),
    ],
)
def test_an_invalid_setting(
    command: Command, settings: dict[str, Any], culprit: str, remedy: str
) -> None:
    ended = command(config={"access_token": TOKEN, **settings})
    line = complaint(ended)

    assert f"Setting {culprit}: " in line
    assert remedy in line
    assert ended.out == ""


def test_an_invalid_setting_for_discovery(command: Command) -> None:
    assert "Setting page_size: " in complaint(command("--discover", config={"page_size": 0}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("PAGE_SIZE", "abc"), ("SEARCH_FILTERS", "state=open"), ("INCLUDE_QA", "maybe")],
)
def test_an_invalid_environment_variable(command: Command, name: str, value: str) -> None:
    environment: dict[str, Any] = {f"{PREFIX}ACCESS_TOKEN": TOKEN, f"{PREFIX}{name}": value}

    assert f"Setting {name.lower()}: " in complaint(command("--config", "ENV", **environment))


def test_an_invalid_environment_variable_that_is_not_asked_for(
    command: Command, server: Sandbox
) -> None:
    environment: dict[str, Any] = {f"{PREFIX}INCLUDE_QA": "maybe"}

    assert command("--test=schema", config=config(server), **environment).status == 0


@pytest.mark.parametrize(
    ("settings", "culprit"),
    [
        ({"stream_maps": {"tags": {"name": "(("}}}, "stream_maps: Failed to parse expression (("),
        ({"stream_maps": {"tags": {"name": ""}}}, "stream_maps: an expression is empty"),
        ({"stream_maps": {"tags": {"id": None}}}, "stream_maps: Removing key property 'id'"),
        ({"flattening_enabled": True}, "flattening_max_depth is required"),
        (
            {
                "flattening_enabled": True,
                "flattening_max_depth": 1,
                "stream_maps": {"conversations": {"source__type": "state"}},
            },
            "flattening_enabled: two fields become the column 'source__type'; give one",
        ),
        ({"privacy": "strict"}, "privacy_key: is required"),
        ({"batch_config": {"encoding": {"format": "jsonl"}}}, "batch_config: 'storage'"),
        (
            {"batch_config": {"encoding": {"format": "jsonl"}, "storage": {"root": "foo://x"}}},
            "batch_config: Unsupported filesystem: 'foo'",
        ),
    ],
)
def test_an_invalid_setting_of_the_sdk(
    command: Command, server: Sandbox, settings: dict[str, Any], culprit: str
) -> None:
    ended = command(config=config(server, **settings))

    assert f"Setting {culprit}" in complaint(ended)
    assert server.counters.requests == 0


def test_a_stream_map_that_fails_on_a_record_ends_its_stream_only(
    command: Command, server: Sandbox
) -> None:
    """And never repeats what it failed on: that may be a customer's words."""
    maps = {"tags": {"name": "int(name)"}}
    catalog = command.file("catalog.json", catalog_of(config(server), ("tags", "teams")))
    ended = command("--catalog", catalog, config=config(server, stream_maps=maps))
    line = complaint(ended)

    assert re.search(r"tags: stream_maps fails on the record of id \d+: ValueError; correct", line)
    assert ended.out.count('"type":"RECORD","stream":"tags"') == 0
    assert ended.out.count('"type":"RECORD","stream":"teams"') > 1


def test_a_file_of_a_batch_that_cannot_be_written(command: Command, server: Sandbox) -> None:
    blocked = command.file("blocked", "a file where a folder is needed")
    settings = config(
        server, batch_config={"encoding": {"format": "jsonl"}, "storage": {"root": blocked}}
    )
    ended = command(config=settings)

    assert "batch_config: its files cannot be written" in complaint(ended)
    # No bookmark may be ahead of what has been written, and no other stream would fare better.
    assert '"type":"STATE"' not in ended.out
    assert ended.out.count('"type":"SCHEMA"') == 1


@pytest.mark.parametrize("level", ["loud", ""])
def test_a_log_level_that_is_none(command: Command, level: str) -> None:
    line = complaint(command("--discover", LOGLEVEL=level))

    assert f"LOGLEVEL in the environment is {level!r}: set it to debug, info, warning" in line


def test_a_log_configuration_that_is_none(command: Command) -> None:
    path = command.file("log.yaml", "version: [")
    line = complaint(command("--discover", SINGER_SDK_LOG_CONFIG=path))

    assert "The file of SINGER_SDK_LOG_CONFIG cannot set up the log (ParserError)" in line


# --- No secrets, however loud ---


@pytest.mark.parametrize("option", [(), ("--test",)])
def test_no_token_in_the_loudest_log(
    command: Command, server: Sandbox, option: tuple[str, ...]
) -> None:
    assert silent(command(*option, config=config(server), **LOUD)).status == 0


def test_no_token_in_the_loudest_log_of_a_failure(command: Command, server: Sandbox) -> None:
    catalog = command.file("catalog.json", catalog_of(config(server), ("tags",)))
    server.switches.set(fault_500=1.0)
    settings = config(server, max_retries=1)

    assert "500 server_error" in complaint(command("--catalog", catalog, config=settings, **LOUD))


def test_a_token_that_no_header_can_carry_is_not_repeated(command: Command) -> None:
    line = complaint(command(config={"access_token": f"{TOKEN}\n"}, **LOUD))

    assert "access_token" in line
