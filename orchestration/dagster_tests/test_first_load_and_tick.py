"""Three months load side by side while rows change, then a tick of the schedule."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import psycopg
import pytest

from demo import processes
from tests.e2e import conftest as e2e
from tests.e2e.compare import by_key, current, differences
from tests.e2e.loaders import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
BIN = ROOT / ".venv" / "bin"
"""The tap's own environment: Dagster has another."""
FIRST = "2026-03-01"
MONTHS = (FIRST, "2026-04-01", "2026-05-01")
LANES = 3
CONVERSATIONS = 1_500
PAGE_SIZE = 20
TABLES = (
    "conversations",
    "conversation_parts",
    "conversation_tags",
    "conversation_contacts",
    "conversation_teammates",
    "admins",
    "teams",
    "tags",
)
postgres_server = e2e.postgres_server


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[e2e.Workspace]:
    """A workspace of a year, whose present is now: a change is of the moment it is made."""
    options = (f"--conversations={CONVERSATIONS}", "--rate-limit=1000000", "--latency=0.05")
    monkeypatch.setattr(processes, "BIN", BIN)
    with processes.sandbox(*options, log=tmp_path / "sandbox.log") as url:
        found = e2e.Workspace(url)
        present = found.order("tick", seconds=0)["now"]
        found.order("tick", seconds=int(time.time()) - 300 - present)
        yield found


@pytest.fixture
def project(
    workspace: e2e.Workspace,
    postgres_server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Postgres:
    """The project as it is run: its settings stand in the environment."""
    shutil.copy(HERE / "dagster.yaml", tmp_path)
    target = ROOT / ".meltano/loaders/target-postgres/venv/bin/target-postgres"
    for name, value in {
        "DAGSTER_HOME": str(tmp_path),
        "PYTHONPATH": str(HERE),
        "INTERCOM_TAP": str(BIN / "tap-intercom-conversations"),
        "INTERCOM_TARGET": str(target),
        "INTERCOM_DATABASE_URL": postgres_server,
        "INTERCOM_LANES": str(LANES),
        "INTERCOM_FIRST_MONTH": FIRST,
        "TAP_INTERCOM_CONVERSATIONS_ACCESS_TOKEN": "sandbox-token",
        "TAP_INTERCOM_CONVERSATIONS_API_URL": workspace.url,
        "TAP_INTERCOM_CONVERSATIONS_API_VERSION": "Preview",
        "TAP_INTERCOM_CONVERSATIONS_INCLUDE_QA": "true",
        "TAP_INTERCOM_CONVERSATIONS_PAGE_SIZE": str(PAGE_SIZE),
    }.items():
        monkeypatch.setenv(name, value)
    loader = Postgres(postgres_server)
    loader.clear()
    return loader


def start(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Materialise something in a process of its own, as a worker does."""
    command = [sys.executable, "-m", "dagster", "asset", "materialize"]
    module = ("-m", "intercom_orchestration.definitions")
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603  our own command
            [*command, *module, *arguments], stdout=output, stderr=output
        )


def tick() -> dg.ExecuteInProcessResult:
    """Have the schedule ask for its run, and run it, with its checks."""
    from intercom_orchestration.definitions import defs  # noqa: PLC0415  it reads the environment

    with dg.DagsterInstance.get() as instance:
        schedule = defs.resolve_schedule_def("every_quarter_of_an_hour")
        moment = datetime.now(timezone.utc)
        context = dg.build_schedule_context(instance=instance, scheduled_execution_time=moment)
        assert len(schedule.evaluate_tick(context).run_requests) == 1
        return defs.resolve_job_def("load_changes").execute_in_process(instance=instance)


def of_these_months(row: e2e.Row) -> bool:
    """Whether a row's conversation was updated since the first month; other rows always count."""
    updated_at = row.get("conversation_updated_at", row.get("updated_at"))
    first = datetime.fromisoformat(f"{FIRST}T00:00:00+00:00").timestamp()
    return updated_at is None or updated_at >= first


def wrong(workspace: e2e.Workspace, loader: Postgres, table: str) -> list[str]:
    """Where a table differs from the truth."""
    truth = by_key(table, filter(of_these_months, workspace.truth(table)))
    loaded = by_key(table, loader.rows(table))
    if table in e2e.LINKS:
        loaded = current(loaded, loader.rows("conversations"))
    return differences(truth, loaded)


def test_rows_change_while_three_months_load(
    workspace: e2e.Workspace, project: Postgres, tmp_path: Path
) -> None:
    log = tmp_path / "dagster.log"
    assert start(log, "--select", "history", "--partition", FIRST).wait(120) != 0
    assert "materialise the asset 'tables' first" in log.read_text("utf-8")
    assert start(log, "--select", "tables").wait(120) == 0, log.read_text("utf-8")[-3000:]

    workers = [start(log, "--select", "history", "--partition", month) for month in MONTHS]
    touched = 0
    while any(worker.poll() is None for worker in workers):
        if workspace.requests()["search"] > 0 and touched < 200:
            workspace.order("touch", count=2)
            touched += 2
        time.sleep(0.1)
    assert [worker.returncode for worker in workers] == [0] * LANES, log.read_text("utf-8")[-3000:]
    assert touched > 20
    assert any(wrong(workspace, project, table) for table in TABLES[:2]), "nothing changed in time"

    result = tick()

    assert result.success
    assert {check.check_name: check.passed for check in result.get_asset_check_evaluations()} == {
        "parts_have_their_conversation": True,
        "there_are_rows": True,
        "is_fresh": True,
    }
    assert {table: wrong(workspace, project, table)[:5] for table in TABLES} == {
        table: [] for table in TABLES
    }

    # A month that is loaded once more takes nothing back, and the next tick goes on from STATE.
    before = workspace.requests()
    assert tick().success
    # All that changed lies within lookback_window, and is read again: not the whole workspace.
    assert (workspace.requests() - before)["search"] < CONVERSATIONS // PAGE_SIZE // 3
    assert start(log, "--select", "history", "--partition", MONTHS[-1]).wait(120) == 0
    assert not wrong(workspace, project, "conversations")


def test_an_older_version_does_not_win(project: Postgres, tmp_path: Path) -> None:
    log = tmp_path / "dagster.log"
    assert start(log, "--select", "tables").wait(120) == 0, log.read_text("utf-8")[-3000:]
    with psycopg.connect(project.server, options="-c search_path=intercom") as connection:
        for version in ("2026-05-02", "2026-05-03", "2026-05-01"):
            connection.execute(
                "insert into conversations (id, title, updated_at) values ('1', %s, %s) "
                "on conflict (id) do update set (title, updated_at) = (excluded.title, "
                "excluded.updated_at)",
                (version, version),
            )
        [(title,)] = connection.execute("select title from conversations").fetchall()
    assert title == "2026-05-03"
