"""What the workflows and the changelog say is what the project is."""

from __future__ import annotations

import re
from datetime import date

from ruamel.yaml import YAML

from tap_intercom_conversations import __version__
from tests.conftest import ROOT

WORKFLOWS = {path.stem: path for path in (ROOT / ".github" / "workflows").glob("*.yml")}


def test_the_changelog_has_this_version_and_its_day() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[([\d.]+)\] - (\S+)$", text, re.MULTILINE)

    assert released[0][0] == __version__
    days = [date.fromisoformat(day) for _, day in released]
    assert days == sorted(days, reverse=True)
    assert len(released) == len(re.findall(r"^## \[\d", text, re.MULTILINE))


def test_the_workflow_tests_every_python_that_is_supported() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    supported = re.findall(r"Python :: (3\.\d+)", project)
    workflow = YAML(typ="safe").load(WORKFLOWS["test"])

    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == supported


def test_the_workflows_run_what_there_is() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for path in WORKFLOWS.values():
        for target in re.findall(r"run: make (\w+)", path.read_text(encoding="utf-8")):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
