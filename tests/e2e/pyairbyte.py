"""PyAirbyte reads a simulated workspace into its DuckDB cache: `make airbyte`.

PyAirbyte weighs some hundred packages, so it has an environment of its own, and `make test` goes
without it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.processes import running
from tests.conftest import ROOT
from tests.e2e.conftest import Workspace
from tests.e2e.loaders import DuckDB
from tests.resilience.harness import at_each_request

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Serve

PYTHON = ROOT / ".venv" / "airbyte" / "bin" / "python"
COMMAND = Path(sys.executable).parent / "source-intercom-conversations"
CONVERSATIONS, CHANGED, NEW = 300, 40, 5
PATIENCE = 300
"""Seconds for a read: PyAirbyte alone takes a quarter of a minute."""
VICTIMS = ("the source", "PyAirbyte and the source")


class Cache(DuckDB):
    """PyAirbyte's cache; it keeps empty texts."""

    def kept(self, row: dict[str, object]) -> dict[str, object]:
        """All of it."""
        return row


@dataclass
class PyAirbyte:
    """PyAirbyte with a simulated workspace, and a folder for what it writes."""

    server: Sandbox
    folder: Path

    def __post_init__(self) -> None:
        self.workspace = Workspace(self.server.url)
        self.cache = Cache(self.folder)
        self._pid_file = self.folder / "pid"
        self._config = self.folder / "config.json"
        self._config.write_text(json.dumps(self.workspace.config()), encoding="utf-8")
        self._executable = self.folder / "source-intercom-conversations"
        # So that the source can be found among the processes.
        self._executable.write_text(
            f'#!/bin/sh\necho $$ > "{self._pid_file}"\nexec "{COMMAND}" "$@"\n', encoding="utf-8"
        )
        self._executable.chmod(0o755)

    def read(self, *, kill: str = "", at: int = 0) -> int:
        """Read all streams.

        Args:
            kill: One of `VICTIMS`, if one is to be killed.
            at: The number of the request at which it is.

        Returns:
            The exit status.
        """
        client = [PYTHON, ROOT / "tests" / "e2e" / "pyairbyte_client.py"]
        command = [*client, self._executable, self._config, self.cache.file]
        environment = {
            **os.environ,
            "AIRBYTE_OFFLINE_MODE": "1",
            "AIRBYTE_PROJECT_DIR": str(self.folder),
            "DO_NOT_TRACK": "1",
        }
        with (
            (self.folder / "log.txt").open("a", encoding="utf-8") as log,
            running([*map(str, command)], env=environment, stdout=log, stderr=log) as process,
        ):

            def strike(request: int) -> None:
                if request == at and kill == VICTIMS[0]:
                    os.kill(int(self._pid_file.read_text()), signal.SIGKILL)
                elif request == at:
                    os.killpg(process.pid, signal.SIGKILL)

            with at_each_request(self.server, strike):
                return process.wait(PATIENCE)


@pytest.fixture
def pyairbyte(serve: Serve, tmp_path: Path) -> PyAirbyte:
    """PyAirbyte, and a workspace."""
    if not PYTHON.exists():
        pytest.fail("PyAirbyte is not installed: run make airbyte")
    return PyAirbyte(serve(CONVERSATIONS), tmp_path)


def test_reads_all_streams_and_then_what_changed(pyairbyte: PyAirbyte) -> None:
    workspace = pyairbyte.workspace
    assert pyairbyte.read() == 0
    assert workspace.all_differences(pyairbyte.cache) == {}

    workspace.order("touch", count=CHANGED)
    workspace.order("create", count=NEW, parts=3)
    before = workspace.requests()
    assert pyairbyte.read() == 0
    assert workspace.all_differences(pyairbyte.cache) == {}
    made = workspace.requests() - before
    # Only what changed was asked for.
    assert made["conversation"] <= 2 * (CHANGED + NEW), made


@pytest.mark.parametrize("victim", VICTIMS)
def test_goes_on_after_a_kill(pyairbyte: PyAirbyte, victim: str) -> None:
    assert pyairbyte.read(kill=victim, at=CONVERSATIONS) != 0
    assert pyairbyte.workspace.all_differences(pyairbyte.cache), "killed too late"

    assert pyairbyte.read() == 0
    assert pyairbyte.workspace.all_differences(pyairbyte.cache) == {}
