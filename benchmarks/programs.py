"""The programs that are measured: our tap, a bare loop, and the tap that people use today."""

from __future__ import annotations

import json
import sys
import typing as t

from benchmarks.running import OUTPUT, run
from demo.processes import BIN, ROOT

if t.TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from benchmarks.results import Run
    from benchmarks.running import Workspace

PYTHON = str(BIN / "python")
TOKEN = "sandbox-token"  # noqa: S105  the sandbox's own, known to all
EARLY = "2010-01-01T00:00:00Z"

Json = dict[str, t.Any]


class Tap:
    """Our tap."""

    name = "tap-intercom-conversations"

    def __init__(self, workspace: Workspace, **settings: t.Any) -> None:
        self._workspace = workspace
        self._settings = {"access_token": TOKEN, "api_url": workspace.url, **settings}
        path = OUTPUT / "tap-catalog.json"
        run((*self._command(self._settings), "--discover"), stdout=path)
        self._catalog: Json = json.loads(path.read_text("utf-8"))

    @staticmethod
    def _command(settings: Json) -> tuple[str, ...]:
        config = _write("tap-config.json", settings)
        return (PYTHON, "-m", "tap_intercom_conversations", "--config", config)

    def sync(
        self,
        *streams: str,
        stdout: Path | None = None,
        use: Callable[[t.IO[str]], None] | None = None,
        state: bytes | None = None,
        **settings: t.Any,
    ) -> Run:
        """Sync only these streams.

        Args:
            streams: Their names.
            stdout: Where the messages go.
            use: What reads them, in place of that.
            state: Where to go on, as JSON.
            settings: Besides those it was made with.
        """
        catalog = _write("tap-catalog.json", _selected(self._catalog, streams))
        command = [*self._command({**self._settings, **settings}), "--catalog", catalog]
        if state is not None:
            command += ["--state", _write("tap-state.json", json.loads(state))]
        return run(command, against=self._workspace, stdout=stdout, use=use)

    @staticmethod
    def version() -> Run:
        """Do nothing but start."""
        return run((PYTHON, "-m", "tap_intercom_conversations", "--version"))


class Source:
    """Our tap over the Airbyte protocol, conversations only."""

    MODULE = (PYTHON, "-m", "tap_intercom_conversations.airbyte")

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        settings = {"access_token": TOKEN, "api_url": workspace.url}
        self._config = _write("source-config.json", settings)
        path = OUTPUT / "source-catalog.json"
        run((*self.MODULE, "discover", "--config", self._config), stdout=path)
        streams = json.loads(path.read_text("utf-8"))["catalog"]["streams"]
        chosen = [stream for stream in streams if stream["name"] == "conversations"]
        modes = {"sync_mode": "incremental", "destination_sync_mode": "append"}
        catalog = {"streams": [{"stream": stream, **modes} for stream in chosen]}
        self._catalog = _write("source-catalog.json", catalog)

    def read(self, stdout: Path) -> Run:
        """Read all conversations."""
        options = ("--config", self._config, "--catalog", self._catalog)
        return run((*self.MODULE, "read", *options), against=self._workspace, stdout=stdout)

    @classmethod
    def spec(cls) -> Run:
        """Do nothing but tell of the settings."""
        return run((*cls.MODULE, "spec"))


def bare_loop(workspace: Workspace, version: str, stdout: Path) -> Run:
    """Run the bare loop."""
    command = (PYTHON, "-m", "benchmarks.bare_loop", workspace.url, version)
    return run(command, against=workspace, stdout=stdout)


class TapIntercom:
    """`tap-intercom` from PyPI, in an environment of its own; see `run_tap_intercom.py`."""

    RELEASE = "2.2.5"
    API_VERSION = "2.12"
    FOLDER = ROOT / ".venv" / "tap-intercom"

    name = f"tap-intercom {RELEASE}"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._install()
        config = {
            "access_token": TOKEN,
            "start_date": EARLY,
            "user_agent": "benchmark",
        }
        self._config = _write("tap-intercom-config.json", config)
        path = OUTPUT / "tap-intercom-catalog.json"
        run((*self._command(), "--discover"), stdout=path)
        catalog = json.loads(path.read_text("utf-8"))
        self._catalog = _write("tap-intercom-catalog.json", _selected(catalog, ["conversations"]))

    def _install(self) -> None:
        if not (self.FOLDER / "bin" / "tap-intercom").exists():
            run((sys.executable, "-m", "venv", str(self.FOLDER)))
            pip = (str(self.FOLDER / "bin" / "python"), "-m", "pip")
            run((*pip, "install", "-qq", f"tap-intercom=={self.RELEASE}"))

    def _command(self) -> tuple[str, ...]:
        wrapper = str(ROOT / "benchmarks" / "run_tap_intercom.py")
        python = str(self.FOLDER / "bin" / "python")
        return (python, wrapper, self._workspace.url, "--config", self._config)

    def sync(self, stdout: Path) -> Run:
        """Sync conversations."""
        command = (*self._command(), "--catalog", self._catalog)
        return run(command, against=self._workspace, stdout=stdout)


def _selected(catalog: Json, streams: Collection[str]) -> Json:
    """Select only these streams of a catalog."""
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in streams
    return catalog


def _write(name: str, content: Json) -> str:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / name
    path.write_text(json.dumps(content), "utf-8")
    return str(path)
