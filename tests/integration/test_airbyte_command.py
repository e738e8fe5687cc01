"""The real command source-intercom-conversations: one answer, or one line that says what to do."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from tap_intercom_conversations.airbyte import logs
from tap_intercom_conversations.airbyte.command import run
from tap_intercom_conversations.airbyte.source import IntercomSource
from tap_intercom_conversations.airbyte.spec import FOR_SINGER
from tap_intercom_conversations.settings import CONFIG_SCHEMA
from tap_intercom_conversations.streams.registry import STREAMS
from tests.conftest import TOKEN, Command, config_of
from tests.support.airbyte import Read, catalog_of, validated

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from tests.conftest import Json, Runner, Serve

MODULE = "tap_intercom_conversations.airbyte"
TAGS = {"name": "tags", "json_schema": {}}
ONE_STATE = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "tags"}}}]


class Source:
    """The command, in a folder with its files: in a process of its own unless told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._command = Command(folder, MODULE)

    def __call__(self, *arguments: str, LOG_LEVEL: str = "", **files: Any) -> Read:  # noqa: N803
        """Run it with files, each its option's; all that it writes is valid, and all on stdout."""
        ended = self._command(*arguments, *self._options(files), LOG_LEVEL=LOG_LEVEL)
        assert TOKEN not in ended.out + ended.err
        assert "Traceback" not in ended.out + ended.err
        assert "check" in arguments or not ended.err
        return Read(ended.status, [validated(line) for line in ended.out.splitlines()])

    def here(self, *arguments: str, **files: Any) -> Read:
        """Run it in this process."""
        return self._run([*arguments, *self._options(files)])

    def at(self, verb: str, config: str) -> Read:
        """Run it in this process, with the configuration's path."""
        return self._run([verb, "--config", config])

    def _run(self, arguments: list[str]) -> Read:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with redirect_stdout(out):
            status = run(arguments)
        out.seek(0)
        return Read(status, [validated(line) for line in out])

    def _options(self, files: Json) -> list[str]:
        return [
            option
            for name, content in files.items()
            for option in (f"--{name}", self._command.file(f"{name}.json", content))
        ]


@pytest.fixture
def source(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_tap: Runner,  # noqa: ARG001  it puts back the handlers of signals
) -> Source:
    """The command."""
    for way in ("to_stdout", "to_stderr"):  # pytest has its own
        monkeypatch.setattr(logs, way, lambda **_: None)
    return Source(tmp_path)


# --- spec ---


def test_spec_has_every_setting_of_ours_in_a_form(source: Source) -> None:
    run = source.here("spec")
    [spec] = run.of("SPEC")
    schema = spec["connectionSpecification"]
    fields = schema["properties"]

    assert (run.status, len(run.messages)) == (0, 1)
    Draft7Validator.check_schema(schema)
    assert set(fields) == set(CONFIG_SCHEMA["properties"]) - FOR_SINGER
    assert [field["order"] for field in fields.values()] == [*range(len(fields))]
    assert all(field["title"] and field["description"] for field in fields.values())
    assert all(isinstance(field["type"], str) for field in fields.values())
    secrets = {name for name, field in fields.items() if field.get("airbyte_secret")}
    assert secrets == {"access_token", "privacy_key"}
    assert '"null"' not in json.dumps(schema)
    assert schema["required"] == ["access_token"]


def test_what_the_form_takes_is_what_the_tap_takes(source: Source, server: Sandbox) -> None:
    schema = source.here("spec").of("SPEC")[0]["connectionSpecification"]
    examples = {
        name: field["examples"][0]
        for name, field in schema["properties"].items()
        if "examples" in field
    }
    filled = config_of(
        server,
        **examples
        | {
            "api_version": "2.16",
            "end_date": "2999-01-01",
            "start_date": "2020-01-31T00:00:00+01:00",
        },
        search_filters=[{"field": "state", "operator": "=", "value": "open"}],
    )
    Draft7Validator(schema).validate(filled)

    assert source.here("check", config=filled).of("CONNECTION_STATUS") == [{"status": "SUCCEEDED"}]


# --- check ---


@pytest.mark.parametrize("conversations", [0, 5])
def test_check_succeeds(source: Source, serve: Serve, conversations: int) -> None:
    run = source("check", config=config_of(serve(conversations)))

    assert run.status == 0
    assert run.messages == [
        {"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}}
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"access_token": TOKEN[::-1]}, "Check the setting access_token"),
        ({"access_token": None}, "access_token: is required"),
        ({"region": "eurpe"}, "region: 'eurpe' is not one of"),
        ({"stream_maps": {}}, "stream_maps: is for Singer targets"),
    ],
)
def test_check_fails_in_one_line(
    source: Source, server: Sandbox, settings: Json, said: str
) -> None:
    ended = source.here("check", config=config_of(server, **settings))
    [status] = ended.of("CONNECTION_STATUS")

    assert (ended.status, len(ended.messages)) == (0, 1)
    assert status["status"] == "FAILED"
    assert said in status["message"]
    assert status["message"].isprintable()


def test_check_says_which_permission_is_missing(source: Source, server: Sandbox) -> None:
    server.switches.set(denied={"search": "token_unauthorized"})
    [status] = source.here("check", config=config_of(server)).of("CONNECTION_STATUS")

    assert '"Read conversations"' in status["message"]


@pytest.mark.usefixtures("no_backoff")
def test_check_does_not_wait_for_an_api_that_is_down(source: Source, server: Sandbox) -> None:
    server.switches.set(fault_503=1.0)
    [status] = source.here("check", config=config_of(server)).of("CONNECTION_STATUS")

    assert "503" in status["message"]
    assert server.counters.by_endpoint["search"] <= 4


def test_check_of_a_file_that_is_none(source: Source) -> None:
    [status] = source.here("check", config="{").of("CONNECTION_STATUS")

    assert "is not JSON" in status["message"]


@pytest.mark.parametrize("verb", ["check", "discover"])
def test_a_path_that_is_no_text(source: Source, verb: str) -> None:
    """Python has half a character for each byte that is none."""
    ended = source.at(verb, "\udcff.json")
    said = [status["message"] for status in ended.of("CONNECTION_STATUS")]
    said += [error["message"] for error in ended.errors]

    assert said == [r"The config file \udcff.json cannot be read: No such file or directory"]


# --- discover ---


def test_discover_describes_every_stream(source: Source, server: Sandbox) -> None:
    run = source.here("discover", config=config_of(server, api_version="2.15", access_token=None))
    [catalog] = run.of("CATALOG")
    streams = {stream["name"]: stream for stream in catalog["streams"]}

    assert (run.status, len(run.messages)) == (0, 1)
    assert {kind.name for kind in STREAMS} > set(streams)
    conversations, tags = streams["conversations"], streams["tags"]
    assert conversations["supported_sync_modes"] == ["full_refresh", "incremental"]
    assert conversations["source_defined_cursor"]
    assert conversations["is_resumable"]
    assert conversations["default_cursor_field"] == ["updated_at"]
    assert streams["conversation_parts"]["source_defined_primary_key"] == [
        ["conversation_id"],
        ["id"],
    ]
    assert tags["supported_sync_modes"] == ["full_refresh"]
    assert not tags["is_resumable"]
    for stream in streams.values():
        schema = stream["json_schema"]
        Draft7Validator.check_schema(schema)
        assert schema["type"] == "object"
        text = json.dumps(schema)
        assert text.count('"date-time"') == text.count('"timestamp_with_timezone"')
        assert "x-personal" not in text


def test_discover_with_a_wrong_setting(source: Source, server: Sandbox) -> None:
    ended = source.here("discover", config=config_of(server, api_version="9"))
    [error] = ended.errors

    assert ended.status == 1
    assert error["failure_type"] == "config_error"
    assert error["message"].startswith("api_version: '9' is none")


# --- read ---


def test_read_logs_in_messages(source: Source, server: Sandbox) -> None:
    settings = config_of(server, page_sise=5)
    run = source("read", config=settings, catalog=catalog_of({}, ["tags"]), state=ONE_STATE)
    logged = [(log["level"], log["message"]) for log in run.of("LOG")]

    assert run.status == 0
    assert run.records("tags")
    [warning] = [text for level, text in logged if level == "WARN"]
    assert "did you mean page_size" in warning
    assert ("INFO", "Beginning sync of 'tags' in full_table mode") in logged


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"config": "[]"}, "The config file config.json does not hold a JSON object"),
        ({"catalog": {}}, "The catalog file catalog.json has no list of streams"),
        ({"catalog": {"streams": [{}]}}, "no proper entry for the stream 0"),
        ({"catalog": {"streams": [{"stream": {"name": 5}}]}}, "no proper entry for the stream 0"),
        (
            {"catalog": {"streams": [{"stream": {"name": "tags", "json_schema": []}}]}},
            "no proper entry for the stream 'tags'",
        ),
        ({"catalog": {"streams": [{"stream": TAGS}]}}, "no sync_mode for the stream 'tags'"),
        (
            {"catalog": {"streams": [{"stream": TAGS, "sync_mode": "FULL_REFRESH"}]}},
            "no sync_mode for the stream 'tags'",
        ),
        (
            {"catalog": {"streams": [{"stream": TAGS, "sync_mode": ["incremental"]}]}},
            "no sync_mode for the stream 'tags'",
        ),
        (
            {"catalog": {"streams": [{"stream": TAGS, "sync_mode": "incremental"}] * 2}},
            "has the stream 'tags' twice",
        ),
        (
            {
                "catalog": (
                    '{"streams": [{"stream": {"name": "\\ud800", "json_schema": {}}, '
                    '"sync_mode": "incremental"}]}'
                )
            },
            "The catalog file catalog.json holds half a character",
        ),
        ({"state": ONE_STATE * 2}, "The state file state.json has two states of 'tags'"),
        ({"state": {"bookmarks": {}}}, "The state file state.json holds no list"),
        ({"state": [5]}, "The state file state.json holds what is no state of one stream"),
        ({"state": '[{"a": "\\ud800"}]'}, "The state file state.json holds half a character"),
        (
            {
                "state": [
                    {
                        "stream": {
                            "stream_descriptor": {"name": "conversations"},
                            "stream_state": {"updated_at": "yesterday"},
                        }
                    }
                ]
            },
            "The state's bookmark of 'conversations' is no date-time",
        ),
    ],
)
def test_a_file_that_is_wrong_is_one_error(
    source: Source, server: Sandbox, files: Json, said: str
) -> None:
    good = {"config": config_of(server), "catalog": catalog_of({}, ["tags"])}
    ended = source.here("read", **{**good, **files})
    [error] = ended.errors

    assert ended.status == 1
    assert error["failure_type"] == "config_error"
    assert said in error["message"].replace(f"{source.folder}/", "")
    assert not server.counters.by_endpoint


@pytest.mark.parametrize("state", ["[]", "{}", "null"])
def test_no_state_has_many_forms(source: Source, server: Sandbox, state: str) -> None:
    ended = source.here(
        "read", config=config_of(server), catalog=catalog_of({}, ["conversations"]), state=state
    )

    assert (ended.status, len(ended.records("conversations"))) == (0, 12)


@pytest.mark.parametrize("environment", [{}, {"LOG_LEVEL": "debug"}])
def test_debug_logs_the_requests(
    source: Source, server: Sandbox, environment: dict[str, str]
) -> None:
    """As Airbyte's own connectors take it; platforms pass one or the other."""
    loud = () if environment else ("--debug",)
    run = source(
        "read", *loud, config=config_of(server), catalog=catalog_of({}, ["tags"]), **environment
    )
    logged = [log["message"] for log in run.of("LOG") if log["level"] == "DEBUG"]

    assert run.status == 0
    assert [line for line in logged if line.startswith("GET /tags: 200, ")]


@pytest.mark.parametrize("verb", ["spec", "check", "discover", "read"])
def test_every_verb_takes_it(source: Source, server: Sandbox, verb: str) -> None:
    files = {"config": config_of(server), "catalog": catalog_of({}, ["tags"])}
    taken = {"spec": 0, "read": 2}.get(verb, 1)

    assert source.here(verb, "--debug", **dict([*files.items()][:taken])).status == 0


def test_a_state_of_another_connector_is_told_of(source: Source, server: Sandbox) -> None:
    unknown = {"slices": [], "state_type": "date-range"}
    stream = {"stream_descriptor": {"name": "conversations"}, "stream_state": unknown}
    run = source(
        "read",
        config=config_of(server),
        catalog=catalog_of({}, ["conversations"]),
        state=[{"type": "STREAM", "stream": stream}],
    )
    [line] = [log["message"] for log in run.of("LOG") if log["level"] == "WARN"]

    assert line.startswith("conversations: its state has a form that this tap does not know")
    assert len(run.records("conversations")) == 12


def test_a_log_level_that_is_none(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGLEVEL", "loud")
    [error] = source.here("spec").errors

    assert error["message"].startswith("LOGLEVEL in the environment is 'loud': set it to debug")


def test_a_fault_of_our_own_is_told_without_its_text(
    source: Source, server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an unexpected error says may be a customer's words."""

    def stumble(_: IntercomSource) -> None:
        raise ValueError(TOKEN)

    monkeypatch.setattr(IntercomSource, "read", stumble)
    ended = source.here("read", config=config_of(server), catalog=catalog_of({}, ["tags"]))
    [error] = ended.errors

    assert ended.status == 1
    assert error["failure_type"] == "system_error"
    assert error["message"].startswith("ValueError at airbyte/command.py:")
    assert "a fault of the tap" in error["message"]
    assert "in stumble" in error["stack_trace"]
    assert TOKEN not in str(ended.messages)
