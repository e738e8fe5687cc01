"""Three months load side by side while rows change; then schedules tick, and build the models."""

from __future__ import annotations

import os
import shutil
import signal
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
from tests.e2e.models import warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
BIN = ROOT / ".venv" / "bin"
"""The tap's own environment: Dagster has another."""
FIRST = "2026-03-01"
MONTHS = (FIRST, "2026-04-01", "2026-05-01")
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
PATIENCE = 900
"""Seconds; a build of the models takes a minute where nothing else runs."""
STARTED: list[subprocess.Popen[bytes]] = []
TICK, NIGHT = "every_quarter_of_an_hour", "every_night"
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
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "INTERCOM_TAP": str(BIN / "tap-intercom-conversations"),
        "INTERCOM_TARGET": str(target),
        "INTERCOM_DATABASE_URL": postgres_server,
        "INTERCOM_LANES": str(len(MONTHS)),
        "INTERCOM_FIRST_MONTH": "2026-03-15",  # in the midst of it: the month is loaded whole
        # All times are UTC, wherever the machine and the database's session are.
        "PGTZ": "America/Los_Angeles",
        "TAP_INTERCOM_CONVERSATIONS_ACCESS_TOKEN": "sandbox-token",
        "TAP_INTERCOM_CONVERSATIONS_API_URL": workspace.url,
        "TAP_INTERCOM_CONVERSATIONS_API_VERSION": "Preview",
        "TAP_INTERCOM_CONVERSATIONS_INCLUDE_QA": "true",
        "TAP_INTERCOM_CONVERSATIONS_PAGE_SIZE": str(PAGE_SIZE),
    }.items():
        monkeypatch.setenv(name, value)
    warehouse.Postgres(postgres_server)  # drops what another test has loaded and built
    return Postgres(postgres_server)


@pytest.fixture(autouse=True)
def nothing_outlives_a_test() -> Iterator[None]:
    """What a test has started ends with it."""
    yield
    while STARTED:
        processes.end(STARTED.pop())


def start(log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Run something of the project in a process group of its own, as a worker does."""
    command = [sys.executable, "-m", "dagster", *arguments[:2]]
    module = ("-m", "intercom_orchestration.definitions")
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  our own command
            [*command, *module, *arguments[2:]],
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    STARTED.append(process)
    return process


def load(log: Path, asset: str, *more: str) -> subprocess.Popen[bytes]:
    """Materialise an asset."""
    return start(log, "asset", "materialize", "--select", asset, *more)


def ended_well(log: Path, *workers: subprocess.Popen[bytes]) -> None:
    """Wait for processes, all of which must succeed."""
    statuses = [worker.wait(PATIENCE) for worker in workers]
    assert statuses == [0] * len(workers), log.read_text("utf-8")[-3000:]


def tick(schedule_name: str) -> dg.ExecuteInProcessResult:
    """Have a schedule ask for its run, and run it, with its checks."""
    from intercom_orchestration.definitions import defs  # noqa: PLC0415  it reads the environment

    with dg.DagsterInstance.get() as instance:
        schedule = defs.resolve_schedule_def(schedule_name)
        moment = datetime.now(timezone.utc)
        context = dg.build_schedule_context(instance=instance, scheduled_execution_time=moment)
        [request] = schedule.evaluate_tick(context).run_requests or ()
        return defs.resolve_job_def("load_changes").execute_in_process(
            instance=instance, run_config=request.run_config, raise_on_error=False
        )


def failed_checks(result: dg.ExecuteInProcessResult) -> set[str]:
    """The assets with a check that did not pass."""
    checks = result.get_asset_check_evaluations()
    assert len(checks) > 1
    return {check.asset_key.path[-1] for check in checks if not check.passed}


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


def all_wrong(workspace: e2e.Workspace, loader: Postgres) -> dict[str, list[str]]:
    """The tables that differ from the truth, with where."""
    found = {table: wrong(workspace, loader, table)[:5] for table in TABLES}
    return {table: lines for table, lines in found.items() if lines}


def test_rows_change_while_three_months_load(
    workspace: e2e.Workspace, project: Postgres, tmp_path: Path
) -> None:
    log = tmp_path / "dagster.log"
    assert load(log, "history", "--partition", FIRST).wait(PATIENCE) != 0
    assert "materialise the asset 'tables' first" in log.read_text("utf-8")
    ended_well(log, load(log, "tables"))

    workers = [load(log, "history", "--partition", month) for month in MONTHS]
    touched = 0
    while any(worker.poll() is None for worker in workers):
        if workspace.requests()["search"] > 0 and touched < 200:
            workspace.order("touch", count=2)
            touched += 2
        time.sleep(0.1)
    ended_well(log, *workers)
    assert touched > 20
    assert any(wrong(workspace, project, table) for table in TABLES[:2]), "nothing changed in time"

    result = tick(NIGHT)

    assert failed_checks(result) == set()
    assert result.success
    assert all_wrong(workspace, project) == {}
    with psycopg.connect(project.server) as connection:
        weeks = connection.execute("select week from analytics.completeness_weeks").fetchall()
        models = connection.execute(
            "select conversation_id from analytics.conversations"
        ).fetchall()
    assert len(weeks) > len(MONTHS) * 4
    truth = filter(of_these_months, workspace.truth("conversations"))
    assert sorted(models) == sorted((row["id"],) for row in truth)

    # A month that is loaded once more takes nothing back, and the next tick goes on from STATE.
    before = workspace.requests()
    assert tick(TICK).success
    # All that changed lies within lookback_window, and is read again: not the whole workspace.
    assert (workspace.requests() - before)["search"] < CONVERSATIONS // PAGE_SIZE // 3
    ended_well(log, load(log, "history", "--partition", MONTHS[-1]))
    assert all_wrong(workspace, project) == {}

    # Two ticks at once, while rows change: one waits for the other.
    workspace.order("touch", count=100)
    ticks = [start(log, "job", "execute", "-j", "load_changes") for _ in range(2)]
    ended_well(log, *ticks)
    assert all_wrong(workspace, project) == {}


def test_months_that_are_killed_are_missed_and_go_on(
    workspace: e2e.Workspace, project: Postgres, tmp_path: Path
) -> None:
    log = tmp_path / "dagster.log"
    ended_well(log, load(log, "tables"))
    before = workspace.requests()["conversation"]
    workers = [load(log, "history", "--partition", month) for month in MONTHS]
    # Each month has some hundred conversations, and each of them costs a request.
    while workspace.requests()["conversation"] < before + 100:
        assert all(worker.poll() is None for worker in workers)
        time.sleep(0.05)
    os.killpg(workers[1].pid, signal.SIGKILL)
    workers[2].send_signal(signal.SIGINT)
    ended_well(log, workers[0])
    assert workers[1].wait(PATIENCE) < 0
    assert workers[2].wait(PATIENCE) != 0

    result = tick(NIGHT)

    assert not result.success
    assert failed_checks(result) == {"completeness_weeks"}
    assert 0 < len(project.rows("conversations")) < CONVERSATIONS
    ended_well(log, *(load(log, "history", "--partition", month) for month in MONTHS[1:]))
    assert failed_checks(tick(TICK)) == set()
    assert all_wrong(workspace, project) == {}


def test_an_older_version_does_not_win(project: Postgres, tmp_path: Path) -> None:
    log = tmp_path / "dagster.log"
    ended_well(log, load(log, "tables"))
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
