"""What is published works: a wheel that is built from the sdist, alone in an environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest

from tap_intercom_conversations.settings import CONFIG_SCHEMA, at_least
from tap_intercom_conversations.streams.registry import STREAMS
from tests.conftest import ROOT


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed; returns what it printed."""
    ended = subprocess.run(  # noqa: S603  our own commands
        command,
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def python(module: str, *arguments: str | Path, cwd: Path = ROOT) -> str:
    """Run a module that must succeed."""
    return run(sys.executable, "-m", module, *arguments, cwd=cwd)


@dataclass
class Built:
    """Wheels of the project, and the tap installed from the one that the sdist gives."""

    wheel_of_checkout: Path
    wheel_of_sdist: Path
    folder: Path

    def __call__(self, *arguments: str, command: str = "tap-intercom-conversations") -> str:
        """Run an installed command."""
        return run(self.folder / "environment/bin" / command, *arguments, cwd=self.folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build as publishing does, and install without the network."""
    folder = tmp_path_factory.mktemp("package")
    python("hatchling", "build", "-t", "sdist", "-d", folder)
    python("hatchling", "build", "-t", "wheel", "-d", folder / "direct")
    (sdist,) = folder.glob("*.tar.gz")
    # Isolated: `make` exports pip's own settings, and one of them forbids --no-build-isolation.
    offline = ("--isolated", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check")
    python("pip", "wheel", *offline, "--no-build-isolation", "-w", folder / "wheels", sdist)
    (wheel,) = (folder / "wheels").glob("*.whl")
    (direct,) = (folder / "direct").glob("*.whl")

    environment = folder / "environment"
    venv.create(environment, symlinks=True)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    # The dependencies are those of the tests: a folder that a .pth file names is on the path, but
    # its own .pth files, such as that of the checkout, are not read.
    dependencies = Path(msgspec.__file__).parent.parent
    (site_packages / "dependencies.pth").write_text(str(dependencies), encoding="utf-8")
    python("pip", "--python", environment / "bin/python", "install", *offline, wheel)
    return Built(direct, wheel, folder)


def test_both_wheels_hold_the_same(built: Built) -> None:
    of_checkout, of_sdist = (
        {name for name in ZipFile(path).namelist() if ".dist-info/" not in name}
        for path in (built.wheel_of_checkout, built.wheel_of_sdist)
    )

    assert of_sdist == of_checkout
    assert {f"tap_intercom_conversations/schemas/{kind.name}.json" for kind in STREAMS} <= of_sdist
    assert not [name for name in of_sdist if not name.startswith("tap_intercom_conversations/")]


def test_the_wheel_of_the_sdist_describes_the_tap(built: Built) -> None:
    about = json.loads(built("--about", "--format=json"))

    assert about["name"] == "tap-intercom-conversations"
    assert "access_token" in about["settings"]["properties"]


def test_the_wheel_of_the_sdist_speaks_the_airbyte_protocol(built: Built) -> None:
    assert json.loads(built("spec", command="source-intercom-conversations"))["type"] == "SPEC"


def test_the_wheel_of_the_sdist_discovers_every_stream(built: Built) -> None:
    catalog = json.loads(built("--discover"))

    version = CONFIG_SCHEMA["properties"]["api_version"]["default"]
    offered = {kind.name for kind in STREAMS if at_least(version, kind.since)}
    assert {entry["stream"] for entry in catalog["streams"]} == offered
