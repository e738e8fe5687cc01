"""A display only where stderr is a terminal and stdout is none."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.progress.choice import watcher_for
from tap_intercom_conversations.progress.display import Display
from tap_intercom_conversations.progress.lines import LogLines

if TYPE_CHECKING:
    from tests.unit.progress.conftest import Scene


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.mark.parametrize(
    ("out", "err", "term", "may_display", "kind"),
    [
        (io.StringIO(), Terminal(), "xterm", True, Display),
        (None, Terminal(), "xterm", True, Display),
        (Terminal(), Terminal(), "xterm", True, LogLines),
        (io.StringIO(), io.StringIO(), "xterm", True, LogLines),
        (io.StringIO(), None, "xterm", True, LogLines),
        (io.StringIO(), Terminal(), "dumb", True, LogLines),
        (io.StringIO(), Terminal(), "xterm", False, LogLines),
    ],
)
def test_who_gets_a_display(  # noqa: PLR0917
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    out: io.StringIO | None,
    err: io.StringIO | None,
    term: str,
    may_display: bool,  # noqa: FBT001
    kind: type,
) -> None:
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("TERM", term)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)

    watcher = watcher_for(scene.tallies, scene.pace, may_display=may_display)

    assert type(watcher) is kind
