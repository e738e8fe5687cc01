"""The tap piped straight into a target, without Meltano, so that either can be killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.processes import ROOT, Process, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.loaders import Loader

Json = dict[str, Any]


@dataclass
class Pipeline:
    """A tap and a target under way."""

    tap: Process
    target: Process

    def states(self) -> Iterator[Json]:
        """The states that the target emits, as it does; ends when the target has."""
        assert self.target.stdout is not None
        for line in self.target.stdout:
            yield json.loads(line)

    def wait(self) -> tuple[int, int]:
        """Wait for both; returns their exit statuses."""
        return self.tap.wait(60), self.target.wait(60)


@contextmanager
def pipeline(
    folder: Path, loader: Loader, config: Json, catalog: Json, state: Json | None
) -> Iterator[Pipeline]:
    """Run `tap | target`; whatever still runs at the end of the block is ended.

    Args:
        folder: Where the configurations and logs are written.
        loader: The target.
        config: The tap's settings.
        catalog: What is selected.
        state: Where the tap begins.
    """
    tap = [sys.executable, "-m", "tap_intercom_conversations"]
    for name, content in (("config", config), ("catalog", catalog), ("state", state)):
        if content is not None:
            tap += [f"--{name}", _write(folder / f"{name}.json", content)]
    binaries = ROOT / ".meltano" / "loaders" / loader.name / "venv" / "bin"
    settings = _write(folder / "target.json", {**loader.settings(), "batch_size_rows": 200})
    target = [str(binaries / loader.name), "--config", settings]
    with (
        (folder / "tap.log").open("a", encoding="utf-8") as tap_log,
        (folder / "target.log").open("a", encoding="utf-8") as target_log,
        running(tap, env=os.environ, stdout=subprocess.PIPE, stderr=tap_log) as source,
        running(
            target,
            env=os.environ,
            stdin=source.stdout,
            stdout=subprocess.PIPE,
            stderr=target_log,
        ) as sink,
    ):
        # Ours is not the end that is read: without this the tap would not see the target die.
        assert source.stdout is not None
        source.stdout.close()
        yield Pipeline(source, sink)


def _write(path: Path, content: Json) -> str:
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)
