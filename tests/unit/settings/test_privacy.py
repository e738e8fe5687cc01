"""What the privacy settings do, and that none of them fails quietly."""

from __future__ import annotations

from typing import Any

import pytest

from tap_intercom_conversations.settings import Settings
from tap_intercom_conversations.settings.privacy import (
    ACTIONS,
    KINDS,
    LEAST_KEY_CHARACTERS,
    PRESETS,
)
from tests.unit.settings.parsing import complaints, parse

KEY = "0123456789abcdef0123456789abcdef"


def test_rules_stand_on_top_of_a_preset() -> None:
    rules = {"name": "drop", "body": "keep", "location": "hash"}
    parsed = parse(privacy="Analytics", privacy_rules=rules, privacy_key=KEY).privacy_rules

    assert parsed == {
        **dict.fromkeys(("email", "phone", "network", "location"), "hash"),
        **dict.fromkeys(("name", "subject", "file", "free"), "drop"),
    }


@pytest.mark.parametrize(
    "config",
    [{"privacy": "analytics"}, {"privacy": "strict"}, {"privacy_rules": {"email": "hash"}}],
)
def test_a_hash_needs_a_key(config: dict[str, Any]) -> None:
    (line,) = complaints(**config)

    assert line.startswith("privacy_key: is required, as privacy and privacy_rules have ")
    assert "email" in line
    assert Settings.parse(config, needs_token=False).privacy_key is None, "discovery needs none"


@pytest.mark.parametrize(
    "config",
    [{"privacy": "none"}, {"privacy_rules": {"email": "drop"}}, {"privacy_rules": {}}],
)
def test_nothing_else_needs_a_key(config: dict[str, Any]) -> None:
    assert parse(**config).privacy_key is None


@pytest.mark.parametrize("config", [{"privacy_key": KEY}, {"privacy_rules": {"email": "keep"}}])
@pytest.mark.parametrize("preset", [{}, {"privacy": "none"}])
def test_who_sets_how_but_not_what_has_forgotten_something(
    config: dict[str, Any], preset: dict[str, Any]
) -> None:
    (name,) = config
    (line,) = complaints(**config, **preset)

    assert line.startswith(f"{name}: is set, and yet nothing is dropped or hashed; set privacy")


def test_a_key_that_no_rule_needs_does_no_harm() -> None:
    rules = {"email": "drop", "identifier": "drop"}

    assert "hash" not in parse(privacy="strict", privacy_rules=rules, privacy_key=KEY).privacy_rules


@pytest.mark.parametrize("written", [KEY, f"{KEY}\n", f" {KEY}\r\n"])
def test_a_key_is_the_same_with_the_line_break_of_its_file(written: str) -> None:
    assert parse(privacy="strict", privacy_key=written).privacy_key == KEY
    assert len(KEY) == LEAST_KEY_CHARACTERS


@pytest.mark.parametrize("key", [["secret"], "secret", f"secret\x00{KEY}"])
def test_the_key_is_never_repeated(key: Any) -> None:
    assert "secret" not in "".join(complaints(privacy_key=key, privacy="some"))


def test_every_preset_rules_on_known_kinds() -> None:
    assert set(PRESETS) == {"none", "analytics", "strict"}
    assert all(set(rules) <= set(KINDS) for rules in PRESETS.values())
    assert all(set(rules.values()) <= set(ACTIONS) for rules in PRESETS.values())
