"""Killed with -9 on the way into real databases, again and again: the tables equal the truth."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox, Workspace
from tests.conftest import PLENTY, catalog_of, config_of
from tests.resilience.harness import BOTH, at_each_request, say
from tests.support.truth import WHOLE

pytest.importorskip("duckdb", reason="the end-to-end tests' packages are not installed")

from tests.e2e import conftest as e2e
from tests.e2e.loaders import DuckDB, Postgres
from tests.e2e.pipeline import pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Json
    from tests.e2e.loaders import Loader

KILLS = 3
TIES = 250
postgres_server = e2e.postgres_server


@pytest.fixture(params=["target-duckdb", "target-postgres"])
def loader(request: pytest.FixtureRequest, tmp_path: Path) -> Loader:
    """Each of the two databases, with an empty place to load into."""
    if request.param == "target-duckdb":
        return DuckDB(tmp_path)
    return Postgres(request.getfixturevalue("postgres_server"))


def test_killed_again_and_again(loader: Loader, tmp_path: Path) -> None:
    workspace = Workspace(300, seed=7, exact_parts={})
    workspace.bulk_touch(workspace.ids()[:TIES], workspace.now)
    rng = random.Random(7)  # noqa: S311  chooses moments
    with Sandbox(workspace, rate_limit=PLENTY) as server:
        config = config_of(server, page_size=20, max_concurrency=4, **WHOLE)
        catalog = catalog_of(config, BOTH)
        state: Json | None = None
        for kill in range(KILLS + 1):
            moment = rng.randint(50, 150) if kill < KILLS else 0
            with pipeline(tmp_path, loader, config, catalog, state) as under_way:

                def strike(number: int, moment: int = moment) -> None:
                    if number == moment:
                        under_way.tap.send_signal(signal.SIGKILL)

                with at_each_request(server, strike):
                    # What the target emits is what Meltano would store.
                    state = [state, *under_way.states()][-1]
                    status, _ = under_way.wait()
            assert status == (-signal.SIGKILL if kill < KILLS else 0)
        truth = e2e.Workspace(server.url)
        for stream in BOTH:
            assert truth.differences(loader, stream) == []
    say(f"{KILLS} kills on the way into {loader.name}, {TIES} ties: the tables equal the truth")
