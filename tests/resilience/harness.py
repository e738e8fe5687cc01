"""The real command run so that it can be broken off anywhere, and a list of what was survived."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from tests.conftest import ROOT, catalog_of, config_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox import Sandbox
    from tests.conftest import Json

BOTH = ("conversations", "conversation_parts")
survived: list[str] = []


def say(line: str) -> None:
    """Note what was tried and survived; pytest shows it at the end."""
    survived.append(line)


@contextmanager
def at_each_request(server: Sandbox, act: Callable[[int], object]) -> Iterator[None]:
    """Have something done when a request comes in, before its answer is made; it gets the number.

    It is done in the server's thread.
    """
    counters = server.counters
    begin = counters.begin
    number = 0

    def begin_and_act(endpoint: str, window: int) -> None:
        nonlocal number
        begin(endpoint, window)
        number += 1
        act(number)

    counters.begin = begin_and_act  # type: ignore[method-assign]
    try:
        yield
    finally:
        counters.begin = begin  # type: ignore[method-assign]


@dataclass
class Process:
    """A run of the command that is under way: `lines` are read as a target reads them."""

    popen: subprocess.Popen[bytes]
    errors: Path
    decode: Callable[[bytes], Json | None]
    _out: IO[bytes] = field(init=False)

    def __post_init__(self) -> None:
        assert self.popen.stdout is not None
        self._out = self.popen.stdout

    def lines(self) -> Iterator[Json]:
        """The messages; a line that was cut off is none."""
        for line in self._out:
            if line.endswith(b"\n") and (message := self.decode(line)):
                yield message

    def close(self) -> None:
        """Close the pipe, as a target that ends."""
        self._out.close()

    def signal(self, number: int) -> None:
        """Send a signal."""
        self.popen.send_signal(number)

    def ends_within(self, seconds: float) -> bool:
        """Tell whether it ends in so short a time."""
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(seconds)
        return self.popen.returncode is not None

    def ended(self) -> tuple[int, str]:
        """Wait for the end; returns the status and what was written on stderr."""
        status = self.popen.wait(30)
        return status, self.errors.read_text(encoding="utf-8")


class Tap:
    """The real command with a workspace, streams and settings, in a folder of its own."""

    command: tuple[str, ...] = ("tap_intercom_conversations",)

    def __init__(self, folder: Path, server: Sandbox, *streams: str, **settings: Any) -> None:
        self._folder = folder
        config = config_of(server, **settings)
        self._file("config", config)
        self._file("catalog", self.catalog(config, streams))

    def catalog(self, config: Json, streams: tuple[str, ...]) -> Json:
        """What is selected."""
        return catalog_of(config, streams)

    def state(self, state: Json) -> Any:
        """Singer's state in the form that the command reads."""
        return state

    def decode(self, line: bytes) -> Json | None:
        """A line as a message of Singer's; None if Singer has none like it."""
        message: Json = json.loads(line)
        return message

    def _file(self, name: str, content: Any) -> None:
        folder = self._folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    @contextmanager
    def run(self, state: Json | None = None, **environment: str) -> Iterator[Process]:
        """Start it; it is killed at the end of the block if it still runs."""
        self._file("state", self.state(state or {}))
        errors = self._folder / "errors.txt"
        files = [f"--{name}={name}.json" for name in ("config", "catalog", "state")]
        with (
            errors.open("wb") as err,
            subprocess.Popen(  # noqa: S603  our own command
                [sys.executable, "-m", *self.command, *files],
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
                stdout=subprocess.PIPE,
                stderr=err,
            ) as popen,
        ):
            try:
                yield Process(popen, errors, self.decode)
            finally:
                popen.kill()
