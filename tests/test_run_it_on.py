"""The recipes of docs/run-it-on.md start Meltano where a scheduler starts them."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "run-it-on.md").read_text("utf-8")
INTERRUPTIONS = (ROOT / "docs" / "interruptions.md").read_text("utf-8")
RUN = "run tap-intercom-conversations target-postgres"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder as the page wants it, with a Meltano that tells how it was called."""
    [script] = re.findall(r"```bash\n(.*?)```", INTERRUPTIONS, re.DOTALL)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name, text in (("run.sh", script), (".venv/bin/meltano", '#!/bin/sh\necho "$@"\n')):
        (tmp_path / name).write_text(text, "utf-8")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def commands() -> dict[str, str]:
    """The shell's line of each recipe that has one."""
    [crontab] = blocks("crontab")
    service, _ = blocks("ini")
    [airflow, prefect] = blocks("python")
    return {
        "cron": crontab.split(maxsplit=5)[5].replace(">> intercom.log", ""),
        "systemd": re.findall(r"^ExecStart=(.*)$", service, re.MULTILINE)[0],
        "Airflow": re.findall(r'bash_command="(.*)"', airflow)[0],
        "Prefect": re.findall(r'command = "(.*)"', prefect)[0],
    }


@pytest.mark.parametrize("name", commands())
def test_it_finds_meltano_with_the_path_of_a_service(name: str, project: Path) -> None:
    command = commands()[name].replace("/srv/intercom", str(project))
    ended = subprocess.run(  # noqa: S603  the page's own
        ["/bin/sh", "-c", command],
        cwd=project,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, RUN), ended.stderr


def test_what_is_no_shell_is_read() -> None:
    for block in blocks("python"):
        compile(block, "run-it-on.md", "exec")
    [workflow] = (YAML(typ="safe").load(block) for block in blocks("yaml"))
    steps = workflow["jobs"]["sync"]["steps"]
    assert f"meltano {RUN}" in [step.get("run") for step in steps]
