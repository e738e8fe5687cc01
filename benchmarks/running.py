"""Runs a program to its end, against a simulated workspace, and tells what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import typing as t
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import requests

from benchmarks.results import MIB, Run
from demo.processes import ROOT, Failed, environment, running, sandbox

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

OUTPUT = ROOT / "output" / "benchmarks"
TIMEOUT = 30
UNIT = 1 if sys.platform == "darwin" else 1024
"""Of ru_maxrss, in bytes."""

Stats = dict[str, t.Any]


class Workspace:
    """A simulated workspace in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def stats(self) -> Stats:
        """What was asked for since the last `reset`.

        Raises:
            Failed: The sandbox itself has a bug.
        """
        stats: Stats = requests.get(f"{self.url}/_sandbox/stats", timeout=TIMEOUT).json()
        if stats["internal_errors"]:
            raise Failed("The sandbox failed", OUTPUT / "sandbox.log")
        return stats

    @property
    def now(self) -> str:
        """The second after its present, as RFC 3339: its clock stands still."""
        return datetime.fromtimestamp(self.stats()["now"] + 1, timezone.utc).isoformat()

    def reset(self) -> None:
        """Count anew."""
        self._post("stats/reset")

    def switch(self, **switches: t.Any) -> None:
        """Change how the sandbox behaves."""
        self._post("switches", switches)

    def _post(self, path: str, body: t.Any = None) -> None:
        url = f"{self.url}/_sandbox/{path}"
        requests.post(url, json=body, timeout=TIMEOUT).raise_for_status()


@contextmanager
def workspace(conversations: int, *options: str) -> Iterator[Workspace]:
    """Serve a workspace.

    It is to cost as little as possible: its conversations share 300 stories, which are rendered
    once; answers are not compressed; and without an own option no budget is in the way.
    """
    OUTPUT.mkdir(parents=True, exist_ok=True)
    fast = (
        f"--conversations={conversations}",
        "--templates=300",
        "--switch=gzip=false",
        "--rate-limit=6000000",
    )
    with sandbox(*fast, *options, log=OUTPUT / "sandbox.log") as url:
        yield Workspace(url)


def expect(true: bool, otherwise: str) -> None:  # noqa: FBT001  the condition itself
    """Fail unless something is true.

    Raises:
        Failed: It is not.
    """
    if not true:
        raise Failed(f"The figures would mean nothing: {otherwise}", OUTPUT / "run.log")


def run(
    command: Sequence[str],
    *,
    against: Workspace | None = None,
    stdout: Path | None = None,
    use: Callable[[t.IO[str]], None] | None = None,
    log: Path = OUTPUT / "run.log",
) -> Run:
    """Run a program, and measure it.

    The peak includes what this process held when it started the program, as Linux counts it: it
    is kept well below what any of the programs takes, by reading files line by line.

    Args:
        command: The program and its arguments.
        against: Whose requests to count.
        stdout: Where its output goes; nowhere if None.
        use: What reads its output, in place of that.
        log: Where its stderr goes.

    Raises:
        Failed: It ended with another status than 0.
    """
    OUTPUT.mkdir(parents=True, exist_ok=True)
    if against is not None:
        against.reset()
    # Python as it comes: one that must not keep what it compiled, or not buffer, is slower.
    env = environment({}, "TAP_INTERCOM_", "PYTHON")
    with log.open("w") as errors, (stdout or Path(os.devnull)).open("w") as out:
        start = time.monotonic()
        into = out if use is None else subprocess.PIPE
        with running(command, env=env, stdout=into, stderr=errors) as process:
            if use is not None and process.stdout is not None:
                use(process.stdout)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{' '.join(command)} ended with {process.returncode}", log)
    return Run(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=wall,
        peak=usage.ru_maxrss * UNIT / MIB,
        requests=0 if against is None else against.stats()["requests"],
    )
