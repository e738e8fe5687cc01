"""The demo, on a small workspace, and its parts."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb
import pytest

from demo import __main__ as demo
from demo.look import look
from demo.processes import Failed, meltano, running, sandbox
from demo.repair import repair

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the demo write elsewhere, and load less."""
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "CONVERSATIONS", 200)
    for name in ("DATABASE", "STATE", "LOG", "SANDBOX_LOG", "REPORT"):
        monkeypatch.setattr(demo, name, tmp_path / getattr(demo, name).name)
    # What a user has set for a workspace of their own is not for the simulated one.
    monkeypatch.setenv("TAP_INTERCOM_CONVERSATIONS_START_DATE", "2099-01-01T00:00:00Z")
    return tmp_path


def test_simulated_workspace(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo.simulated_workspace()
    said = capsys.readouterr().out
    assert "200 conversations" in said
    assert "Conversations by state" in said
    assert "Median time to the first reply" in said
    assert "No: Intercom counts 200 conversations in" in said
    assert "The database is demo.duckdb" in said
    assert "The report, for a browser: report.html" in said
    assert "First response" in (output / "report.html").read_text("utf-8")
    with duckdb.connect(str(output / "demo.duckdb"), read_only=True) as database:
        assert database.sql("SELECT count(*) FROM conversations").fetchall() == [(200,)]


def test_real_workspace(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The simulated one again, found as a real one would be: through the environment.
    with sandbox("--conversations=50", "--rate-limit=100000", log=output / "s.log") as url:
        monkeypatch.setenv("TAP_INTERCOM_CONVERSATIONS_API_URL", url)
        monkeypatch.setenv("TAP_INTERCOM_CONVERSATIONS_ACCESS_TOKEN", "sandbox-token")
        monkeypatch.setattr(demo, "DAYS", 10_000)  # each week is a request
        demo.real_workspace()
    with duckdb.connect(str(output / "demo.duckdb"), read_only=True) as database:
        assert database.sql("SELECT count(*) FROM conversations").fetchall() == [(50,)]


def test_says_what_failed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(Failed, match=r"ended with status \d+"):
        meltano("run", "no-such-plugin", env=os.environ, log=log)
    with pytest.raises(Failed, match="The sandbox did not start"), sandbox("--no-such", log=log):
        pass


def test_looks_at_an_empty_workspace(tmp_path: Path) -> None:
    path = str(tmp_path / "empty.duckdb")
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE conversations (id VARCHAR)")
    assert [line.split() for line in look(path)] == [
        ["Rows", "per", "table"],
        ["conversations", "0"],
    ]


def test_leaves_no_process_behind() -> None:
    child = "import time; print('up', flush=True); time.sleep(600)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with (
        suppress(KeyboardInterrupt),
        running([sys.executable, "-c", parent], env=os.environ, stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        raise KeyboardInterrupt
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_repairs_target_duckdb(tmp_path: Path) -> None:
    module = tmp_path / "db_sync.py"
    module.write_text("COPY {} FROM '{}' WITH (new_line '\\\\r\\\\n')", "utf-8")
    for _ in range(2):
        repair(module)
        assert (
            module.read_text("utf-8") == "COPY {} FROM '{}' WITH (HEADER 0, new_line '\\\\r\\\\n')"
        )
    module.write_text("COPY {} FROM '{}'", "utf-8")
    with pytest.raises(SystemExit):
        repair(module)
