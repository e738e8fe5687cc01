"""What most tests need: a simulated workspace, and the tap run against it in the same process."""

from __future__ import annotations

import dataclasses
import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from sandbox import Sandbox, Workspace
from tap_intercom_conversations.api import retries
from tap_intercom_conversations.api.client import Client
from tap_intercom_conversations.settings import Settings
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.support.serving import Api, Said, Server, Stub

Json = dict[str, Any]
ROOT = Path(__file__).parent.parent
NOW = 1_780_358_400
"""2026-06-02T00:00:00Z, when syncs start here: a day after the simulated workspace's present."""
PLENTY = 10_000_000
"""Requests a minute, where a test is not about the budget."""
_OF_WORKSPACE = (
    "exact_parts",
    "deleted",
    "templates",
    "seed",
    "activity",
    "contacts",
    "companies",
    "tickets",
)

# For `make check`: `make test` has them all.
hypothesis.settings.register_profile("few-examples", max_examples=10)

Serve = Callable[..., Sandbox]


@dataclass
class Run:
    """What a run of the tap wrote, and how it ended."""

    status: int
    messages: list[Json] = field(repr=False)
    failures: list[str]

    def records(self, stream: str = "conversations") -> list[Json]:
        """The records of a stream, in the order in which they were written."""
        return [
            message["record"]
            for message in self.messages
            if message["type"] == "RECORD" and message["stream"] == stream
        ]

    def ids(self, stream: str = "conversations") -> list[str]:
        """The ids of a stream's records."""
        return [record["id"] for record in self.records(stream)]

    def once(self, stream: str = "conversations") -> set[str]:
        """The ids of a stream's records, of which there are no two of a kind."""
        ids = self.ids(stream)
        assert len(ids) == len(set(ids))
        return set(ids)

    def schema(self, stream: str = "conversations") -> Json:
        """The schema of a stream, as it was written."""
        return next(
            message["schema"]
            for message in self.messages
            if message["type"] == "SCHEMA" and message["stream"] == stream
        )

    @property
    def states(self) -> list[Json]:
        """All states, in order."""
        return [message["value"] for message in self.messages if message["type"] == "STATE"]

    @property
    def state(self) -> Json:
        """The last state: what the next run begins with."""
        return self.states[-1]

    def bookmark(self, stream: str = "conversations") -> Any:
        """A stream's bookmark in the last state."""
        return self.state["bookmarks"][stream].get("replication_key_value")


class Runner:
    """Runs the tap: `run_tap(server, "conversations", state=..., page_size=50)`.

    `now` is the moment at which syncs start.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        started = property(lambda _: self.now * 1_000)
        monkeypatch.setattr(TapIntercomConversations, "initialized_at", started)

    def __call__(
        self,
        server: Api,
        *streams: str,
        state: Mapping[str, Any] | None = None,
        method: str | None = None,
        catalog: Json | None = None,
        **settings: Any,
    ) -> Run:
        """Sync streams, by default conversations, with a replication method if one is given."""
        config = config_of(server, **settings)
        if catalog is None:
            catalog = catalog_of(config, streams or ("conversations",), method, others=False)
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        tap = TapIntercomConversations(config=config, catalog=catalog, state=dict(state or {}))
        with redirect_stdout(out):
            try:
                tap.prepare()
                tap.sync_all()
            finally:
                status = tap.close()
        return Run(status, messages_in(out), [why.line for why in tap.session.failures])


def config_of(server: Api, **settings: Any) -> Json:
    """A configuration for a simulated workspace, or another server."""
    return {"access_token": server.token, "api_url": server.url, **settings}


def catalog_of(
    config: Mapping[str, Any],
    streams: tuple[str, ...],
    method: str | None = None,
    *,
    others: bool = True,
) -> Json:
    """The discovered catalog with only these streams selected; the others are left out or not."""
    wanted = {name: config[name] for name in ("api_version",) if name in config}
    texts = _discovered(**wanted)
    entries = [json.loads(texts[name]) for name in texts if others or name in streams]
    for entry in entries:
        entry["selected"] = entry["stream"] in streams
        root = root_of(entry)
        root["selected"] = entry["selected"]
        if method:
            entry["replication_method"] = root["forced-replication-method"] = method
    return {"streams": entries}


@cache
def _discovered(**config: str) -> dict[str, str]:
    """The catalog's entries by stream, as JSON; they depend on nothing but the version."""
    tap = TapIntercomConversations(
        config={"access_token": TOKEN, "conversations_endpoint": "list", **config}
    )
    tap.close()
    entries = json.loads(tap.catalog_json_text)["streams"]
    return {entry["stream"]: json.dumps(entry) for entry in entries}


def root_of(entry: Json) -> Json:
    """The metadata of a catalog's stream as a whole."""
    root: Json = next(item["metadata"] for item in entry["metadata"] if not item["breadcrumb"])
    return root


def messages_in(out: io.TextIOWrapper) -> list[Json]:
    """Read what was written."""
    out.seek(0)
    return [json.loads(line) for line in out]


def bookmarked(value: str, stream: str = "conversations") -> Json:
    """A state with one bookmark."""
    key = {"conversations": "updated_at", "deleted_conversations": "deleted_at"}
    return {
        "bookmarks": {
            stream: {
                "replication_key": key.get(stream, "conversation_updated_at"),
                "replication_key_value": value,
            }
        }
    }


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever proxy the environment names, loopback needs none."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start simulated workspaces: `serve(300, rate_limit=600)`."""
    with ExitStack() as stack:

        def start(conversations: int = 60, **options: Any) -> Sandbox:
            kept = {name: options.pop(name) for name in _OF_WORKSPACE if name in options}
            switches = {"rate_limit": PLENTY, **options}
            return stack.enter_context(Sandbox(Workspace(conversations, **kept), **switches))

        yield start


@pytest.fixture
def signal_handlers() -> Iterator[None]:
    """A tap handles signals from when it is made; afterwards they are handled as before."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def run_tap(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    signal_handlers: None,  # noqa: ARG001  it is the tap's
) -> Runner:
    """Run the tap in this process."""
    caplog.set_level(logging.INFO)
    return Runner(monkeypatch)


Connect = Callable[..., Client]
Answer = Callable[..., Stub]
WiredAnswer = Callable[..., Server]
"""An `Answer` where its sockets matter."""
TOKEN = "dG9rOmE1NDMyMTBfc2VjcmV0"  # noqa: S105  nobody's
RETRIES = 2


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Make clients of the API: `connect(url, max_retries=0, timeout=0.1)`."""
    with ExitStack() as stack:

        def connected(url: str, *, timeout: float | None = None, **settings: Any) -> Client:
            config = {"access_token": TOKEN, "api_url": url, "max_retries": RETRIES}
            parsed = Settings.parse({**config, **settings})
            if timeout is not None:
                parsed = dataclasses.replace(parsed, request_timeout=timeout)  # type: ignore[arg-type]
            opened = Client(parsed)
            stack.callback(opened.close)
            return opened

        yield connected


@pytest.fixture
def answer() -> Iterator[WiredAnswer]:
    """Start servers: `answer(Said(...), Said(...))`, or with a function of the request."""
    with ExitStack() as stack:

        def started(*said: Any) -> Server:
            return stack.enter_context(Server(list(said) if isinstance(said[0], Said) else said[0]))

        yield started


@pytest.fixture
def no_backoff() -> Iterator[None]:
    """Let clients try again at once."""
    with retries.fixed_pauses(0.001):
        yield


@dataclass
class Ended:
    """How a process ended."""

    status: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The lines on stderr that are more than information."""
        return [line for line in self.err.splitlines() if "ERROR" in line or "Traceback" in line]


class Command:
    """Runs a real command in a process of its own, in an empty folder."""

    def __init__(self, folder: Path, module: str = "tap_intercom_conversations") -> None:
        self.folder = folder
        self._module = module

    def __call__(self, *arguments: str, config: Json | None = None, **environment: str) -> Ended:
        """Run it with arguments; `config` is written to a file first."""
        if config is not None:
            arguments = ("--config", self.file("config.json", config), *arguments)
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TAP_", "LOGLEVEL", "SINGER_"))
        }
        ended = subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-m", self._module, *arguments],
            cwd=self.folder,
            env={**inherited, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def file(self, name: str, content: Any) -> str:
        """Write a file, as JSON unless it is a text."""
        text = content if isinstance(content, str) else json.dumps(content)
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run the real command."""
    return Command(tmp_path)
