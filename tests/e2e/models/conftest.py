"""A loaded warehouse of each kind, and dbt through Meltano."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from demo.processes import environment, meltano
from tests.e2e.models.warehouse import DuckDB, Postgres

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Workspace
    from tests.e2e.models.warehouse import Warehouse

TIMEOUT = 240


@dataclass
class Project:
    """The Meltano project, set to load one workspace into one warehouse."""

    workspace: Workspace
    warehouse: Warehouse
    folder: Path

    def meltano(self, *arguments: str) -> None:
        """Run Meltano to its end; a failure is told with what it said."""
        settings = {
            "MELTANO_DATABASE_URI": f"sqlite:///{self.folder}/meltano.db",
            "TAP_INTERCOM_CONVERSATIONS__SELECT": '["*.*"]',
            "DBT_TARGET_PATH": str(self.folder / "dbt"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            # All times are UTC, wherever the machine and the database's session are.
            "TZ": "America/Los_Angeles",
            "PGTZ": "America/Los_Angeles",
            **{
                f"TAP_INTERCOM_CONVERSATIONS_{name.upper()}": str(value)
                for name, value in self.workspace.config().items()
            },
            **self.warehouse.settings(),
        }
        env = environment(settings, "TAP_", "TARGET_", "DBT_")
        log = self.folder / "meltano.log"
        meltano("--environment=sandbox", *arguments, env=env, log=log, timeout=TIMEOUT)

    def build(self, **variables: object) -> None:
        """Build and test all models."""
        self.meltano("invoke", self.warehouse.dbt, "build", "--vars", json.dumps(variables))


@pytest.fixture(params=["duckdb", "postgres"])
def project(request: pytest.FixtureRequest, workspace: Workspace, tmp_path: Path) -> Project:
    """Each warehouse in turn, empty."""
    if request.param == "duckdb":
        return Project(workspace, DuckDB(tmp_path / "loaded.duckdb"), tmp_path)
    server = request.getfixturevalue("postgres_server")
    return Project(workspace, Postgres(server), tmp_path)
