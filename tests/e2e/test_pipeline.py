"""The tap piped into a target, either of them killed, and begun again from the stored state."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.conftest import catalog_of
from tests.e2e.loaders import DuckDB
from tests.e2e.pipeline import Json, pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Workspace

STREAMS = ("conversations", "conversation_parts")


@pytest.mark.parametrize("victim", ["tap", "target"])
def test_goes_on_after_a_kill(workspace: Workspace, victim: str, tmp_path: Path) -> None:
    # Of the three targets the one that says on the way how far it is.
    database = DuckDB(tmp_path)
    config = {**workspace.config(), "page_size": 20, "max_concurrency": 4}
    catalog = catalog_of(config, STREAMS)
    with pipeline(tmp_path, database, config, catalog, None) as broken:
        states = broken.states()
        state: Json = next(states)
        getattr(broken, victim).send_signal(signal.SIGKILL)
        state = [state, *states][-1]
        statuses = broken.wait()
    assert -signal.SIGKILL in statuses
    assert any(workspace.differences(database, stream) for stream in STREAMS), "killed too late"

    with pipeline(tmp_path, database, config, catalog, state) as whole:
        assert list(whole.states())
        assert whole.wait() == (0, 0)
    for stream in STREAMS:
        assert workspace.differences(database, stream) == []
