"""At a terminal the command shows how far it is; messages and exit status are as without one."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.errors import FAILED
from tests.conftest import ROOT, TOKEN, catalog_of, config_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Serve

Json = dict[str, Any]
ESCAPE = "\x1b"
CURSOR = f"{ESCAPE}[?25"
STREAMS = ("conversations", "conversation_parts", "tags")
WIDTH = 80


class Terminal:
    """A pseudo-terminal of 80 columns, and what was written to it."""

    def __init__(self) -> None:
        self._ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
        self._seen = bytearray()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):  # as a terminal's end is told
            while some := os.read(self._ours, 4_096):
                self._seen += some

    def shows(self, text: str) -> bool:
        """Tell whether a text was written so far."""
        return text.encode() in self._seen

    def close(self) -> str:
        """End it, once nobody else has it open; returns what was written, less its colours."""
        os.close(self.theirs)
        self._reader.join()
        os.close(self._ours)
        return re.sub(r"\x1b\[[0-9;]*m", "", self._seen.decode()).replace("\r\n", "\n")


@dataclass
class Command:
    """The command over a small workspace that takes its time."""

    folder: Path

    def start(self, *, out: Any, err: Any) -> subprocess.Popen[bytes]:
        """Run it."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "LOGLEVEL"}
            and not name.startswith(("TAP_", "SINGER_", "TTY_"))
        }
        return subprocess.Popen(  # noqa: S603  our own command
            [
                *(sys.executable, "-m", "tap_intercom_conversations"),
                *("--config", "config.json", "--catalog", "catalog.json"),
            ],
            cwd=self.folder,
            env={**environment, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )


@pytest.fixture
def command(serve: Serve, tmp_path: Path) -> Command:
    """The command, with all that it needs."""
    server = serve(40, token=TOKEN, latency=0.05)
    # So the syncs of two moments have the same STATE.
    bounds = {"end_date": "2026-05-30T00:00:00Z"}
    config = config_of(server, max_concurrency=2, page_size=20, **bounds)
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "catalog.json").write_text(json.dumps(catalog_of(config, STREAMS)))
    return Command(tmp_path)


def without_times(messages: bytes) -> bytes:
    """Messages, less when each was made."""
    return re.sub(rb'"time_extracted":"[^"]+"', b"", messages)


def rows_of(table: str) -> dict[str, str]:
    """What the table says of each stream."""
    head, *lines = (re.split(" {2,}", line) for line in table.splitlines())
    assert head == ["stream", "rows", "requests", "seconds", "outcome"]
    return {cells[0]: cells[-1] for cells in lines}


def test_messages_are_the_same_with_and_without_a_terminal(command: Command) -> None:
    terminal = Terminal()
    with command.start(out=subprocess.PIPE, err=terminal.theirs) as process:
        shown_out, _ = process.communicate(timeout=60)
    shown = terminal.close()
    with command.start(out=subprocess.PIPE, err=subprocess.PIPE) as piped:
        out, logged = piped.communicate(timeout=60)
    log = logged.decode()

    assert (process.returncode, piped.returncode) == (0, 0)
    assert b'"RECORD"' in out
    assert without_times(shown_out) == without_times(out)
    # At the terminal: the display, log lines that are no metrics, the table as it is.
    assert "2/3 conversation_parts" in shown
    assert CURSOR not in shown
    assert "METRIC" not in shown
    assert "Beginning sync" not in shown
    table = shown[shown.rindex("stream ") :]
    assert rows_of(table) == dict.fromkeys([*STREAMS, "3 streams"], "complete")
    written = [
        message["stream"]
        for message in map(json.loads, out.splitlines())
        if message["type"] == "RECORD"
    ]
    for stream in STREAMS:
        assert re.search(rf"^{stream} +{written.count(stream)} +[1-9]", table, re.MULTILINE)
    # In the pipe: what a log wants, and the same table.
    assert ESCAPE not in log
    assert log.count("METRIC") >= 3 * len(STREAMS)
    lines = log.splitlines()[-5:]
    assert all(" | INFO     | tap-intercom-conversations" in line for line in lines)
    as_logged = "\n".join(line.split(" | ", 3)[3] for line in lines)
    assert rows_of(as_logged) == rows_of(table)


def test_a_terminal_that_messages_are_written_to_gets_no_display(command: Command) -> None:
    terminal = Terminal()
    with command.start(out=terminal.theirs, err=terminal.theirs) as process:
        process.wait(timeout=60)
    shown = terminal.close()

    assert process.returncode == 0
    assert ESCAPE not in shown
    assert "METRIC" in shown
    assert '"RECORD"' in shown


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGPIPE])
def test_an_interrupted_sync_still_ends_with_the_table(command: Command, end: int) -> None:
    terminal = Terminal()
    with command.start(out=subprocess.PIPE, err=terminal.theirs) as process:
        assert process.stdout is not None
        while not terminal.shows("2/3 conversation_parts") and process.poll() is None:
            process.stdout.readline()
        if end == signal.SIGPIPE:
            process.stdout.close()  # as a target that ends does
        else:
            process.send_signal(end)
            process.stdout.read()
        process.wait(timeout=60)
    shown = terminal.close()
    said = "stdout cannot be written" if end == signal.SIGPIPE else "Stopped by"

    assert process.returncode == (FAILED if end == signal.SIGPIPE else 128 + end)
    assert CURSOR not in shown
    assert shown.count(said) == 1
    table, _, next_step = shown[shown.rindex("stream ") :].strip().rpartition("\n")
    assert rows_of(table) == {
        "conversations": "complete",
        "conversation_parts": "interrupted",
        "tags": "not begun",
        "3 streams": "2 not complete",
    }
    assert "The next run goes on from the last STATE." in next_step


@pytest.mark.parametrize("command", ["tap", "airbyte.source"])
def test_start_up_imports_no_rich(command: str) -> None:
    script = (
        f"import sys, tap_intercom_conversations.{command}\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'rich'])"
    )
    ended = subprocess.run(  # noqa: S603  our own code
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout == "[]\n"
