"""Short backoffs where waiting is not the point, and a list of what was survived at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.api import client
from tests.resilience.harness import survived

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon, so that the tests take seconds."""
    monkeypatch.setattr(client, "LONGEST_BACKOFF", 0.02)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Write the list."""
    if survived:
        terminalreporter.section("tried and survived")
        for line in survived:
            terminalreporter.write_line(line)
