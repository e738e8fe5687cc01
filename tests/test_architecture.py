"""The arrows between the rooms: that the linter sees a wrong one, and that the map shows them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import grimp
import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "tap_intercom_conversations"
WRONG = {
    "a stream imports the tap": (
        "streams/reference.py",
        "import tap_intercom_conversations.tap",
    ),
    "a stream imports the tap for types only": (
        "streams/reference.py",
        "if t.TYPE_CHECKING:\n    import tap_intercom_conversations.tap",
    ),
    "the API imports a setting's user": (
        "api/workers.py",
        "from tap_intercom_conversations.session import Session",
    ),
    "Singer's side knows of HTTP": (
        "singer/state.py",
        "from tap_intercom_conversations.api.client import Client",
    ),
    "a new room has no place": ("another.py", ""),
}


def lint_imports(folder: Path) -> str:
    """What the linter says of the tap's layers in a folder."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    ended = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-c", command, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.stdout + ended.stderr


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the code, to spoil."""
    for package in (PACKAGE, "sandbox"):
        shutil.copytree(ROOT / package, tmp_path / package)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_code_has_only_arrows_that_point_down(copied: Path) -> None:
    assert "Arrows point down KEPT" in lint_imports(copied)


@pytest.mark.parametrize("what", WRONG)
def test_the_linter_sees_a_wrong_arrow(copied: Path, what: str) -> None:
    file, line = WRONG[what]
    path = copied / PACKAGE / file
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")

    assert "Arrows point down BROKEN" in lint_imports(copied)


def drawn() -> set[tuple[str, str]]:
    """The arrows of the map in CONTRIBUTING.md."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    diagram = text.split("```mermaid\n", 1)[1].split("```", 1)[0]
    return {
        (source, target)
        for source, targets in re.findall(r"^ *(\w+) --> ([\w& ]+)$", diagram, re.MULTILINE)
        for target in targets.split(" & ")
    }


def imported() -> set[tuple[str, str]]:
    """The arrows of the code: which room imports which, type checkers' imports included."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    arrows = set()
    for module in graph.modules - {PACKAGE}:
        source = module.split(".")[1]
        for other in graph.find_modules_directly_imported_by(module) - {PACKAGE}:
            target = other.split(".")[1]
            if source != target:
                arrows.add((source, target))
    return arrows


def test_the_map_shows_every_import() -> None:
    """`errors`, `times` and the start of it all would only be lines across the picture."""
    quiet = {"errors", "times", "__main__"}
    shown = {arrow for arrow in imported() if not quiet & set(arrow)}

    assert drawn() == shown


def test_what_dagsters_environment_borrows_of_the_tests_needs_no_tap() -> None:
    """`make orchestration` is no part of `make test`: it would be seen too late."""
    borrowed = "import tests.e2e.conftest, tests.e2e.models.warehouse"
    unwanted = "{'singer_sdk', 'hypothesis'} & sys.modules.keys()"
    command = [sys.executable, "-c", f"import sys; {borrowed}; sys.exit({unwanted} or 0)"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  ours

    assert (ended.returncode, ended.stderr) == (0, "")
