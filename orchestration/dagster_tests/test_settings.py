"""What is told to the target and to Dagster; nothing is loaded here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from intercom_orchestration.database import Database, UnusableUrl, dbt_variables
from intercom_orchestration.pipeline import Pipeline

HERE = Path(__file__).parents[1]
REST = "me:secret%21@127.0.0.1:5432/intercom"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_all_see_one_database_by_whichever_url(scheme: str, tmp_path: Path) -> None:
    """libpq's, its short form, and the one that target-postgres has elsewhere."""
    url, seen, target = f"{scheme}://{REST}", tmp_path / "seen", tmp_path / "target"
    target.write_text(
        f'#!/bin/sh\ncat > /dev/null\necho "$PGTZ $TARGET_POSTGRES_SQLALCHEMY_URL" > {seen}\n',
        encoding="utf-8",
    )
    target.chmod(0o755)
    Pipeline(tap="true", target=str(target), database_url=url).make_tables([])

    # Its times are UTC, whoever has started it.
    assert seen.read_text("utf-8") == f"UTC postgresql+psycopg://{REST}\n"
    assert Database(url, "intercom").url == f"postgresql://{REST}"
    assert dbt_variables(url)["TARGET_POSTGRES_PASSWORD"] == "secret!"  # noqa: S105  no real one


@pytest.mark.parametrize("url", [f"mysql://{REST}", "host=h password=secret", "postgres://secret%"])
def test_a_url_that_cannot_be_used_is_not_repeated(url: str) -> None:
    """Dagster keeps the errors of a run, and what they came from."""
    with pytest.raises(UnusableUrl, match="INTERCOM_DATABASE_URL") as caught:
        Database(url, "intercom")
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_it_loads_where_the_environment_is_not_activated() -> None:
    """As docs/orchestration.md starts it, and a service would: dbt is found all the same."""
    loading = [sys.executable, "-c", "import intercom_orchestration.definitions"]
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HERE)}
    ended = subprocess.run(loading, env=env, capture_output=True, text=True, check=False)  # noqa: S603  ours

    assert ended.returncode == 0, ended.stderr


def test_changes_pass_the_months_of_a_backfill_in_the_queue() -> None:
    from intercom_orchestration.definitions import defs  # noqa: PLC0415  it reads the environment

    assert int(defs.resolve_job_def("load_changes").tags["dagster/priority"]) > 0
