"""Dockerfile and metadata.yaml say what the code does. Nothing is built here."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from tap_intercom_conversations import __version__
from tap_intercom_conversations.airbyte.spec import DOCUMENTATION
from tap_intercom_conversations.settings.schema import REGIONS
from tap_intercom_conversations.streams.registry import STREAMS
from tap_intercom_conversations.tap import TapIntercomConversations
from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
METADATA = YAML(typ="safe").load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))["data"]


def instructions(name: str) -> list[str]:
    """What follows an instruction's name, for each of that name."""
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def test_the_entrypoint_is_a_command_of_the_package() -> None:
    [entrypoint] = instructions("ENTRYPOINT")
    [path] = json.loads(entrypoint)
    scripts = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[project.scripts]")[1]

    assert f"\n{path.rpartition('/')[2]} = " in scripts
    assert f'AIRBYTE_ENTRYPOINT="{path}"' in DOCKERFILE


def test_it_does_not_run_as_root() -> None:
    [user] = instructions("USER")

    assert int(user) > 0
    assert f"useradd --uid {user} " in DOCKERFILE


def test_what_it_is_built_from_is_let_through() -> None:
    """All files that the build reads: pyproject.toml names some of them."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}

    assert allowed >= {"tap_intercom_conversations", "pyproject.toml", "README.md", "LICENSE"}
    assert "constraints.txt" in allowed
    assert all((ROOT / name).exists() for name in allowed)


def test_labels_and_metadata_are_of_this_version() -> None:
    [label] = instructions("LABEL")

    assert label == (
        f'io.airbyte.name="{METADATA["dockerRepository"]}" io.airbyte.version="{__version__}"'
    )
    assert METADATA["dockerImageTag"] == __version__


def test_metadata_is_what_the_code_says() -> None:
    tap = TapIntercomConversations(config={"access_token": "x"})
    default = [name for name, stream in tap.streams.items() if stream.selected_by_default]

    assert METADATA["documentationUrl"] == DOCUMENTATION
    assert METADATA["allowedHosts"]["hosts"] == [urlsplit(url).hostname for url in REGIONS.values()]
    assert METADATA["suggestedStreams"]["streams"] == default
    assert {stream.name for stream in STREAMS} >= {*default}


@pytest.mark.parametrize("name", ["name", "definitionId", "license", "githubIssueLabel"])
def test_metadata_has_what_the_registry_requires(name: str) -> None:
    assert METADATA[name]
