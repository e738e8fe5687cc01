"""A stdout that takes nothing ends the command in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.errors import FAILED
from tests.conftest import ROOT, config_of
from tests.support import airbyte

if TYPE_CHECKING:
    from io import BufferedWriter

    from tests.conftest import Serve

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")


WRITER = (
    "import logging\n"
    "from singer_sdk.singerlib import RecordMessage, StateMessage\n"
    "from tap_intercom_conversations.singer.writer import Writer\n"
    "logging.basicConfig()\n"
    "writer = Writer()\n"
)


def written_into(out: BufferedWriter, script: str) -> list[str]:
    """What a process tells whose writer cannot write; it must fail."""
    ended = subprocess.run(  # noqa: S603  our own code
        [sys.executable, "-c", WRITER + script],
        stdout=out,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == FAILED
    return ended.stderr.splitlines()


def test_a_closed_pipe_ends_the_process_in_one_line() -> None:
    script = "while True: writer.write_message(StateMessage({'a': 'x' * 9_999}))\n"
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        lines = written_into(out, script)

    assert lines == [
        (
            "ERROR:tap-intercom-conversations.writer:stdout cannot be written: "
            "the target has ended before the tap; it may have said why"
        )
    ]


@pytest.fixture
def files(serve: Serve, tmp_path: Path) -> Path:
    """A folder with the configuration of a small workspace, and a catalog for Airbyte's side."""
    (tmp_path / "config.json").write_text(json.dumps(config_of(serve(30))))
    (tmp_path / "catalog.json").write_text(json.dumps(airbyte.catalog_of({}, ["tags"])))
    return tmp_path


@needs_dev_full
@pytest.mark.parametrize(
    "command",
    [
        "tap_intercom_conversations --config config.json",
        "tap_intercom_conversations --config config.json --discover",
        "tap_intercom_conversations.airbyte read --config config.json --catalog catalog.json",
    ],
)
@pytest.mark.parametrize(
    ("redirection", "why"),
    [(">/dev/full", "No space left on device"), (">&-", "it is closed")],
)
@pytest.mark.parametrize("python", ["python", "python -u"])
def test_stdout_that_takes_nothing_is_told_in_one_line(
    files: Path, python: str, command: str, redirection: str, why: str
) -> None:
    ended = subprocess.run(  # noqa: S602  our own command
        f"{python} -m {command} {redirection}",
        shell=True,
        cwd=files,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": PATH},
        text=True,
        timeout=30,
        check=False,
    )
    unusual = [line for line in ended.stderr.splitlines() if "INFO" not in line]

    assert ended.returncode == FAILED
    assert len(unusual) == 1, ended.stderr
    assert "ERROR" in unusual[0]
    assert unusual[0].endswith(f"stdout cannot be written: {why}")


@needs_dev_full
def test_a_disk_that_fills_up_among_the_records_is_told_once() -> None:
    """Records are written while the stream is read, which flushes again as it ends."""
    script = (
        "def records():\n"
        "    try:\n"
        "        while True: yield RecordMessage(stream='tags', record={'a': 'x' * 9_999})\n"
        "    finally:\n"
        "        writer.flush()\n"
        "for record in records(): writer.write_message(record)\n"
    )
    with Path("/dev/full").open("wb") as out:
        lines = written_into(out, script)

    assert lines == [
        "ERROR:tap-intercom-conversations.writer:stdout cannot be written: No space left on device"
    ]
