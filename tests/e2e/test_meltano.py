"""`meltano run` into each target: a first load, then what changed, compared with the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.conftest import Workspace
    from tests.e2e.loaders import Loader

CHANGED, NEW = 60, 5


def test_first_load_and_changes(
    workspace: Workspace, loader: Loader, run: Callable[[], None]
) -> None:
    run()
    assert workspace.all_differences(loader) == {}

    workspace.order("touch", count=CHANGED)
    workspace.order("create", count=NEW, parts=3)
    workspace.order("touch", of="contacts", count=CHANGED, kind="company")
    workspace.order("touch", of="companies", count=CHANGED)
    before = workspace.requests()
    run()
    assert workspace.all_differences(loader) == {}
    made = workspace.requests() - before
    # Only what changed was asked for: each changed conversation once per stream that needs it.
    assert made["conversation"] <= 2 * (CHANGED + NEW), made
