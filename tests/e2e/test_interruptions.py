"""Runs that are interrupted as docs/interruptions.md shows: what was loaded is kept."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from demo.processes import BIN, ROOT, running
from tests.conftest import catalog_of
from tests.e2e.loaders import Jsonl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.conftest import Run, Workspace
    from tests.e2e.loaders import Loader

PAGE_SIZE = 5
PAGES = 400 // PAGE_SIZE
ENOUGH = PAGES // 2
SLOWLY = {"page_size": PAGE_SIZE, "max_concurrency": 4}


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The scripts that README and docs/interruptions.md show, in a folder."""
    pages = [ROOT / "README.md", ROOT / "docs" / "interruptions.md"]
    text = "".join(page.read_text("utf-8") for page in pages)
    for script in re.findall(r"```bash\n(.*?)```", text, re.DOTALL):
        path = tmp_path / re.findall(r"^# ([\w.]+)", script, re.MULTILINE)[0]
        path.write_text(script, "utf-8")
        path.chmod(0o755)
    return tmp_path


@contextmanager
def half_way(
    workspace: Workspace, *command: str, env: dict[str, str], log: Path, pages: int = ENOUGH
) -> Iterator[int]:
    """Run a script until so many pages are read; the process's id is the context's value.

    What is done in the block has to end it within a minute, with a status that is not 0.
    """
    workspace.order("switches", latency=0.05)
    pages += workspace.requests()["search"]
    with (
        log.open("a", encoding="utf-8") as output,
        running(command, env=env, stdout=output, stderr=output) as process,
    ):
        while workspace.requests()["search"] < pages:
            assert process.poll() is None
            time.sleep(0.05)
        yield process.pid
        assert process.wait(60) not in (0, -signal.SIGKILL)
    workspace.order("switches", latency=0)


@pytest.mark.parametrize(
    ("loader", "strike"),
    [
        ("target-postgres", lambda pid: os.killpg(pid, signal.SIGINT)),
        ("target-duckdb", lambda pid: os.kill(pid, signal.SIGTERM)),
        ("target-jsonl", lambda pid: os.killpg(pid, signal.SIGTERM)),
    ],
    indirect=["loader"],
)
def test_meltano_keeps_all(
    workspace: Workspace,
    loader: Loader,
    run: Run,
    scripts: Path,
    strike: Callable[[int], None],
) -> None:
    run.env["TAP_INTERCOM_CONVERSATIONS__SELECT"] = '["conversations.*"]'
    run.env |= {f"TAP_INTERCOM_CONVERSATIONS_{k.upper()}": str(v) for k, v in SLOWLY.items()}
    command = (str(scripts / "run.sh"), str(BIN / "meltano"), *run.arguments)
    with half_way(workspace, *command, env=run.env, log=run.log) as pid:
        strike(pid)
    kept = len(loader.rows("conversations"))
    before = workspace.requests()["search"]
    # Some pages were of what comes later, read ahead.
    assert kept >= ENOUGH * PAGE_SIZE // 2

    run()

    assert workspace.differences(loader, "conversations") == []
    # Fewer than all pages: it went on from there.
    assert workspace.requests()["search"] - before < PAGES


def test_a_pipe_goes_on(workspace: Workspace, scripts: Path) -> None:
    """Ctrl-C in the pipe, SIGTERM for it when it is run by the other script; then to its end."""
    loader = Jsonl(scripts / "loaded")
    commands = scripts / "bin"
    commands.mkdir()
    binaries = (BIN, ROOT / ".meltano/loaders/target-jsonl/venv/bin")
    for name, folder in zip(("tap-intercom-conversations", "target-jsonl"), binaries, strict=True):
        (commands / name).symlink_to(folder / name)
    # The pipe of the page, with a catalog, and a target that is told where to write.
    config = {**workspace.config(), **SLOWLY}
    for name, content in (
        ("config", config),
        ("catalog", catalog_of(config, ("conversations",))),
        ("target", loader.settings()),
    ):
        (scripts / f"{name}.json").write_text(json.dumps(content), "utf-8")
    pipe = (scripts / "pipe.sh").read_text("utf-8")
    pipe = pipe.replace("--state ", "--catalog catalog.json --state ")
    pipe = pipe.replace("target-jsonl >", "target-jsonl --config target.json >")
    (scripts / "pipe.sh").write_text(f'cd "{scripts}"\n{pipe}', "utf-8")
    env = {**os.environ, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}
    log = scripts / "pipe.log"

    with half_way(workspace, "bash", str(scripts / "pipe.sh"), env=env, log=log) as pid:
        os.killpg(pid, signal.SIGINT)
    first = len(loader.rows("conversations"))
    assert json.loads((scripts / "state.json").read_text("utf-8"))["bookmarks"]

    command = (str(scripts / "run.sh"), "bash", str(scripts / "pipe.sh"))
    with half_way(workspace, *command, env=env, log=log, pages=10) as pid:
        os.kill(pid, signal.SIGTERM)
    with running(["bash", str(scripts / "pipe.sh")], env=env) as process:
        assert process.wait(60) == 0

    assert workspace.differences(loader, "conversations") == []
    rows = [row["id"] for row in loader.rows("conversations")]
    assert first >= ENOUGH * PAGE_SIZE // 2
    assert len(rows) <= len(set(rows)) + 2 * PAGE_SIZE
