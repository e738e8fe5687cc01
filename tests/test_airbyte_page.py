"""docs/airbyte.md says what the command does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.airbyte.command import run
from tap_intercom_conversations.airbyte.messages import (
    CONFIG_ERROR,
    SYSTEM_ERROR,
    TRANSIENT_ERROR,
    failure_type,
)
from tap_intercom_conversations.airbyte.spec import FOR_SINGER
from tap_intercom_conversations.errors import (
    InvalidSettings,
    MissingStream,
    PermissionDenied,
    RateLimited,
    TapError,
    Unauthorized,
)
from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.conftest import Json

PAGE = (ROOT / "docs" / "airbyte.md").read_text(encoding="utf-8")
ROWS: Json = {
    cells[0].strip(" `"): cells[1:]
    for cells in (line.strip("|").split("|") for line in PAGE.splitlines() if line[:3] == "| `")
}


@pytest.mark.parametrize("command", ["spec", "check", "discover", "read"])
def test_the_commands_have_the_options_that_are_named(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run([command, "--help"])
    options = set(re.findall(r"--\w+", capsys.readouterr().out)) - {"--help"}

    assert options == set(re.findall(r"--\w+", ROWS[command][0]))


def test_the_settings_that_are_refused_are_named() -> None:
    refused = PAGE.split("are refused by name:", 1)[1].split("There are no", 1)[0]

    assert set(re.findall(r"`(\w+)`", refused)) == FOR_SINGER


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidSettings(["x"]), CONFIG_ERROR),
        (MissingStream("x"), CONFIG_ERROR),
        (Unauthorized("x"), CONFIG_ERROR),
        (PermissionDenied("x"), CONFIG_ERROR),
        (RateLimited("x"), TRANSIENT_ERROR),
        (TapError("x"), SYSTEM_ERROR),
        (ValueError("x"), SYSTEM_ERROR),
    ],
)
def test_the_kinds_of_failures(error: Exception, kind: str) -> None:
    assert failure_type(error) == kind
    assert kind in ROWS


def test_the_release_of_pyairbyte_is_that_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [release] = re.findall(r"airbyte==([\d.]+)", makefile)

    assert f"PyAirbyte {release}:" in PAGE
