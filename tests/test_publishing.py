"""What the workflows, the changelog and docs/publishing.md say is what the project is."""

from __future__ import annotations

import re
from datetime import date
from importlib.metadata import distributions
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from ruamel.yaml import YAML

from tap_intercom_conversations import __version__
from tests.conftest import ROOT

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yml")}
JOBS: dict[str, dict[str, Any]] = {
    name: YAML(typ="safe").load(text)["jobs"] for name, text in WORKFLOWS.items()
}
STEPS = [step for jobs in JOBS.values() for job in jobs.values() for step in job["steps"]]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
SUPPORTED = re.findall(r"Python :: (3\.\d+)", PROJECT)
PAGE = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")


def test_the_changelog_has_this_version_and_its_day() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[([\d.]+)\] - (\S+)$", text, re.MULTILINE)

    assert released[0][0] == __version__
    days = [date.fromisoformat(day) for _, day in released]
    assert days == sorted(days, reverse=True)
    assert len(released) == len(re.findall(r"^## \[\d", text, re.MULTILINE))


def test_the_workflow_tests_every_python_that_is_supported() -> None:
    assert JOBS["test"]["test"]["strategy"]["matrix"]["python"] == SUPPORTED


def test_each_pin_is_of_a_version_for_every_python_that_is_supported() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [Requirement(line) for line in lines if not line.startswith("#")]
    everywhere = {pin.name for pin in pinned if not pin.marker}
    too_new = {
        each.name: wanted
        for each in distributions()
        if each.name.lower() in everywhere
        and (wanted := str(each.metadata.json.get("requires_python", "")))
        if not all(SpecifierSet(wanted).contains(f"{version}.0") for version in SUPPORTED)
    }

    assert too_new == {}


def test_the_workflows_run_what_there_is() -> None:
    """Each step is an action of a fixed commit, or a command whose target or file exists."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for step in STEPS:
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", step["uses"])
            version = str(step.get("with", {}).get("python-version", SUPPORTED[0]))
            assert version in (*SUPPORTED, "${{ matrix.python }}")
            continue
        command, argument, *_ = step["run"].split()
        assert command in ("make", "docker", "ls")
        if command == "make":
            assert argument in targets
    assert (ROOT / "Dockerfile").is_file()


def test_jobs_and_artifacts_that_are_named_exist() -> None:
    for name, jobs in JOBS.items():
        assert {needed for job in jobs.values() for needed in job.get("needs", "").split()} <= {
            *jobs
        }
        kept, taken = (
            {
                step["with"]["name"]
                for job in jobs.values()
                for step in job["steps"]
                if f"actions/{what}-artifact@" in step.get("uses", "")
            }
            for what in ("upload", "download")
        )
        assert taken <= kept, name


def test_the_workflows_need_no_secret_and_one_environment() -> None:
    """What else they would need, the owner would have to be told."""
    text = "".join(WORKFLOWS.values())

    assert not re.findall(r"\b(?:secrets|vars)\.", text)
    [environment] = re.findall(r"^ +environment: (\w+)$", text, re.MULTILINE)
    assert f"the environment `{environment}`" in PAGE


def test_what_the_owner_fills_in_is_filled_in_everywhere_or_nowhere() -> None:
    """The repository's address, which is not known here."""
    files = re.findall(r"^\| `([\w./-]+)` \|", PAGE, re.MULTILINE)
    assert files == ["pyproject.toml", "docs/meltano-hub.yml"]
    definition = YAML(typ="safe").load(ROOT / "docs" / "meltano-hub.yml")

    assert ("[project.urls]" in PROJECT) is ("repo" in definition)
