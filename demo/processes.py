"""Other programs that the demo and the end-to-end tests run, none of which outlives them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
PATIENCE = 10
"""Seconds for a program to end when asked to."""

Process = subprocess.Popen[str]


@contextmanager
def running(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    stdin: IO[str] | int | None = subprocess.DEVNULL,
    stdout: IO[str] | int | None = None,
    stderr: IO[str] | int | None = None,
) -> Iterator[Process]:
    """Start a program in a process group of its own; end the whole group on the way out."""
    process = subprocess.Popen(  # noqa: S603  our own programs
        command,
        cwd=ROOT,
        env=env,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: Process) -> None:
    """End a program and whatever it has started: kindly, then not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            _wait_for_group(process.pid)
    process.wait()
    if process.stdout:
        process.stdout.close()


def _wait_for_group(group: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        os.killpg(group, 0)  # raises once the group is empty
        time.sleep(0.05)


@contextmanager
def sandbox(*options: str, log: Path) -> Iterator[str]:
    """Serve a simulated workspace on a free port; its address is the context's value."""
    command = [str(BIN / "python"), "-m", "sandbox", "--port", "0", *options]
    with (
        log.open("w", encoding="utf-8") as errors,
        running(command, env=os.environ, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise Failed("The sandbox did not start", log)
        yield url


def meltano(*arguments: str, env: Mapping[str, str], log: Path, timeout: float = 3600) -> None:
    """Run Meltano to its end, with all that it says in a log.

    Raises:
        Failed: It ended with another status than 0, or not in time.
    """
    command = [str(BIN / "meltano"), "--log-format=uncolored", *arguments]
    with (
        log.open("a", encoding="utf-8") as output,
        running(command, env=env, stdout=output, stderr=output) as process,
    ):
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"meltano {arguments[0]} took more than {timeout:.0f} s", log) from None
    if status:
        raise Failed(f"meltano {' '.join(arguments)} ended with status {status}", log)


def environment(settings: Mapping[str, str], *without: str) -> dict[str, str]:
    """Our own environment without what is Meltano's or begins so, and with some settings."""
    without = ("MELTANO_", *without)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(without)}
    return {**inherited, "NO_COLOR": "1", **settings}


class Failed(Exception):
    """A program did not do what it should; its log says why."""

    def __init__(self, what: str, log: Path) -> None:
        super().__init__(what)
        self.log = log

    def __str__(self) -> str:
        """What failed, and what the log says of it: its errors, or else its end."""
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        # Meltano's own lines: 2026-06-01T00:00:00.000000Z [error    ] who          what
        errors = [line.partition("]")[2] for line in lines if "Z [error " in line]
        return "\n".join([str(self.args[0]), *(errors or lines[-20:]), f"More in {self.log}"])


def unwind_on_signals() -> None:
    """Let a signal end us through our `finally` clauses, once: they are not to be disturbed."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in numbers:
        signal.signal(number, stop)
