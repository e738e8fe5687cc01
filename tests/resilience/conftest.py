"""Short backoffs where waiting is not the point, and a list of what was survived at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.api import retries
from tests.resilience.harness import survived

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.terminal import TerminalReporter


@pytest.fixture
def impatient() -> Iterator[None]:
    """Try again soon, so that the tests take seconds."""
    with retries.fixed_pauses(0.02):
        yield


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Write the list."""
    if survived:
        terminalreporter.section("tried and survived")
        for line in survived:
            terminalreporter.write_line(line)
