"""Parses settings for tests, and tells what is said of wrong ones."""

from __future__ import annotations

from typing import Any

import pytest

from tap_intercom_conversations.errors import InvalidSettings
from tap_intercom_conversations.settings import Settings

TOKEN = "dG9rOmE1NDMyMTBfc2VjcmV0"  # noqa: S105  nobody's


def parse(**config: Any) -> Settings:
    """The settings of a configuration that has a token."""
    return Settings.parse({"access_token": TOKEN, **config})


def complaints(**config: Any) -> list[str]:
    """What is said of a configuration that is wrong: a line for each setting."""
    with pytest.raises(InvalidSettings) as caught:
        parse(**config)
    assert str(caught.value) == "; ".join(caught.value.lines)
    return caught.value.lines


def batch(**changed: Any) -> dict[str, Any]:
    """A batch_config, but for what is changed in it."""
    return {"encoding": {"format": "jsonl"}, "storage": {"root": "file:///tmp"}, **changed}
