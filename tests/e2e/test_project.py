"""meltano.yml states the tap's settings as the tap does, and Meltano can pass each of them on."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from demo.processes import BIN, ROOT, environment
from tap_intercom_conversations.settings import CONFIG_SCHEMA, Settings
from tap_intercom_conversations.streams.registry import STREAMS

if TYPE_CHECKING:
    from pathlib import Path

NAME = "tap-intercom-conversations"
FROM_THE_TAP = ("user_agent",)
"""Defaults that carry the tap's version, and so are not repeated."""
EVERY = {
    "access_token": "some token",
    "region": "eu",
    "api_url": "http://127.0.0.1:1",
    "api_version": "Preview",
    "start_date": "2026-01-01T00:00:00Z",
    "end_date": "2026-02-01",
    "conversations_endpoint": "search",
    "search_filters": '[{"field": "state", "operator": "=", "value": "open"}]',
    "page_size": "20",
    "lookback_window": "60",
    "max_concurrency": "5",
    "rate_limit_share": "0.25",
    "request_timeout": "30",
    "max_retries": "3",
    "body_format": "plaintext",
    "include_qa": "true",
    "include_translations": "true",
    "accepted_failures": '["215468000000013"]',
    "privacy": "analytics",
    "privacy_rules": '{"body": "keep"}',
    "privacy_key": "a key for tests, and for nothing else",
    "user_agent": "somebody",
}


@pytest.fixture(scope="module")
def extractor() -> Any:
    """The tap in meltano.yml."""
    (extractor,) = YAML(typ="safe").load(ROOT / "meltano.yml")["plugins"]["extractors"]
    return extractor


@pytest.fixture(scope="module")
def declared(extractor: Any) -> dict[str, Any]:
    """The settings that meltano.yml declares, by name."""
    return {setting["name"]: setting for setting in extractor["settings"]}


def test_selects_what_the_tap_selects_by_default(extractor: Any) -> None:
    wanted = [f"{stream.name}.*" for stream in STREAMS if stream.selected_by_default]
    assert extractor["select"] == wanted


def test_has_every_setting(declared: dict[str, Any]) -> None:
    assert list(CONFIG_SCHEMA["properties"])[: len(EVERY)] == list(EVERY)
    assert list(declared)[: len(EVERY)] == list(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_states_it_as_the_tap_does(declared: dict[str, Any], name: str) -> None:
    ours, theirs = CONFIG_SCHEMA["properties"][name], declared[name]
    default = None if name in FROM_THE_TAP else ours.get("default")
    assert str(theirs.get("value")) == str(default)
    assert theirs.get("sensitive", False) == ours.get("secret", False)
    if theirs["kind"] == "options":
        assert [option["value"] for option in theirs["options"]] == ours["enum"]


def test_passes_every_setting_on(tmp_path: Path) -> None:
    prefix = "TAP_INTERCOM_CONVERSATIONS_"
    env = environment(
        {
            "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
            **{f"{prefix}{name.upper()}": value for name, value in EVERY.items()},
        },
        prefix,
    )
    ended = subprocess.run(  # noqa: S603  our own command
        [BIN / "meltano", "invoke", "--dump=config", NAME],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    settings = Settings.parse(json.loads(ended.stdout))
    assert settings.rate_limit_share == 0.25
    assert settings.page_size == 20
    assert settings.include_qa
    assert [each.value for each in settings.search_filters] == ["open"]
    assert settings.accepted_failures == {"215468000000013"}
    assert settings.privacy_key == "a key for tests, and for nothing else"
    assert settings.privacy_rules["email"] == "hash"
    assert "body" not in settings.privacy_rules
