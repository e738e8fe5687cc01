"""With ACTIVATE_VERSION messages, a target drops what a full load no longer has, and only that."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import catalog_of, config_of
from tests.e2e.loaders import Postgres
from tests.e2e.pipeline import pipeline
from tests.support.serving import Said, Server

if TYPE_CHECKING:
    from pathlib import Path

ALL = ("1", "2", "3")
LEFT = ("1", "3")


class HardPostgres(Postgres):
    """The target, which deletes in place of marking."""

    def settings(self) -> dict[str, Any]:
        """The target's settings."""
        return {**super().settings(), "hard_delete": True}


@pytest.fixture(params=[Postgres, HardPostgres], ids=["mark", "delete"])
def database(request: pytest.FixtureRequest, postgres_server: str) -> Postgres:
    """PostgreSQL, marking or deleting."""
    loader: Postgres = request.param(postgres_server)
    loader.clear()
    return loader


def load(folder: Path, database: Postgres, *, tags: tuple[str, ...], status: int = 200) -> int:
    """Load a workspace that has these tags; returns the tap's exit status."""
    said = Said({"type": "list", "data": [{"id": tag, "name": tag} for tag in tags]}, status)
    with Server([said]) as api:
        config = config_of(api, emit_activate_version_messages=True, max_retries=0)
        catalog = catalog_of(config, ("tags",))
        with pipeline(folder, database, config, catalog, None) as run:
            tap, target = run.wait()
    assert target == 0
    ended = int(time.time())
    while int(time.time()) == ended:  # a version is the second in which a sync starts
        time.sleep(0.05)
    return tap


def living(database: Postgres) -> set[str]:
    return {row["id"] for row in database.rows("tags") if row["_sdc_deleted_at"] is None}


def test_what_is_gone_is_marked_or_deleted(database: Postgres, tmp_path: Path) -> None:
    assert load(tmp_path, database, tags=ALL) == 0
    assert living(database) == set(ALL)

    assert load(tmp_path, database, tags=LEFT) == 0
    assert living(database) == set(LEFT)
    deletes = isinstance(database, HardPostgres)
    assert {row["id"] for row in database.rows("tags")} == set(LEFT if deletes else ALL)

    # One that comes back lives again.
    assert load(tmp_path, database, tags=ALL) == 0
    assert living(database) == set(ALL)


def test_a_load_that_fails_drops_nothing(database: Postgres, tmp_path: Path) -> None:
    assert load(tmp_path, database, tags=ALL) == 0
    assert load(tmp_path, database, tags=(), status=500) == 1

    assert living(database) == set(ALL)
