"""What the runs share in PostgreSQL: prepared tables, and a clock; and where the months begin."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from intercom_orchestration import database
from intercom_orchestration.database import VERSIONS, Database

from tests.e2e import conftest as e2e

HERE = Path(__file__).parents[1]
postgres_server = e2e.postgres_server


@pytest.fixture
def prepared(postgres_server: str) -> Database:
    """A schema with tables and triggers."""
    with psycopg.connect(postgres_server) as connection:
        connection.execute("drop schema if exists prepared cascade")
        connection.execute("create schema prepared")
        for table, column in VERSIONS.items():
            connection.execute(f"create table prepared.{table} ({column} timestamp)")
    found = Database(postgres_server, "prepared")
    assert not found.is_prepared()
    found.prepare()
    return found


def test_a_table_that_was_dropped_is_not_prepared(prepared: Database) -> None:
    assert prepared.is_prepared()
    with psycopg.connect(prepared.url) as connection:
        connection.execute("drop table prepared.conversations")
        connection.execute("create table prepared.conversations (updated_at timestamp)")
    assert not prepared.is_prepared()
    prepared.prepare()
    assert prepared.is_prepared()


@pytest.mark.parametrize("ahead", [timedelta(days=1), -timedelta(days=1)])
def test_the_clock_that_is_behind_says_when_a_load_began(
    prepared: Database, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    here = datetime.now(timezone.utc) + ahead

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # noqa: ARG003
            return here

    monkeypatch.setattr(database, "datetime", Clock)
    prepared.note_begin("history 2026-03-01")

    began_at = prepared.first_begin("history")
    assert began_at is not None
    assert began_at <= min(here, datetime.now(timezone.utc))


def test_a_month_that_is_begun_in_its_midst_is_loaded_whole() -> None:
    """Dagster would make no partition of it, without a word."""
    asked = (
        "from intercom_orchestration.definitions import months\n"
        "print(months.get_first_partition_key())"
    )
    loading = [sys.executable, "-c", asked]
    env = {**os.environ, "PYTHONPATH": str(HERE), "INTERCOM_FIRST_MONTH": "2023-01-15"}
    assert subprocess.check_output(loading, env=env, text=True).split() == ["2023-01-01"]  # noqa: S603  ours
