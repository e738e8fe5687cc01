"""What the tap overrides of the SDK is what the SDK calls: an update may rename or reshape it."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from importlib.metadata import version
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import tap_intercom_conversations
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

MADE_OUR_WAY = {"__init__"}
"""Streams are made from a session, and a tap takes whatever the SDK's takes."""
REQUIRED = {"TapIntercomConversations.invoke": ("config",)}
"""Parameters that the SDK's command always gives, and that have no default here."""
OVERRIDDEN = {
    "RowCounter._pop",
    "SingerStream._generate_record_messages",
    "SingerStream._increment_stream_state",
    "SingerStream._process_record",
    "SingerStream._sync_records",
    "SingerStream._write_activate_version_message",
    "SingerTap._handle_termination",
    "SingerTap._validate_config",
}


class Override(NamedTuple):
    """A method or property that stands in place of the SDK's."""

    module: str
    name: str
    ours: Any
    theirs: Any


def overrides() -> Iterator[Override]:
    """All of them, in the whole package."""
    package = tap_intercom_conversations
    for found in walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith(".__main__"):
            continue
        for kind in vars(import_module(found.name)).values():
            if inspect.isclass(kind) and kind.__module__ == found.name:
                yield from overrides_of(kind)


def overrides_of(kind: type) -> Iterator[Override]:
    """Those of a class."""
    for name, ours in vars(kind).items():
        for base in kind.__mro__[1:]:
            if base.__module__.startswith("singer_sdk") and callable_of(vars(base).get(name)):
                qualified = f"{kind.__name__}.{name}"
                yield Override(kind.__module__, qualified, ours, vars(base)[name])
                break


def callable_of(attribute: Any) -> Any:
    """The function behind a method or property; None if it is neither."""
    attribute = getattr(attribute, "__func__", None) or getattr(attribute, "fget", attribute)
    return attribute if inspect.isfunction(attribute) else None


def parameters(attribute: Any) -> dict[str, tuple[Any, Any]]:
    """How the function can be called: its parameters' kinds and defaults."""
    found = inspect.signature(callable_of(attribute)).parameters.values()
    return {each.name: (each.kind, each.default) for each in found}


ALL = {each.name: each for each in overrides() if callable_of(each.ours)}


def test_private_methods_stand_in_one_place() -> None:
    private = {name: each for name, each in ALL.items() if re.search(r"\._(?!_)", name)}

    assert set(private) == OVERRIDDEN
    assert {each.module for each in private.values()} == {"tap_intercom_conversations.singer.sdk"}


@pytest.mark.parametrize("name", [name for name in ALL if name.split(".")[1] not in MADE_OUR_WAY])
def test_it_is_called_as_the_sdks_own(name: str) -> None:
    ours, theirs = parameters(ALL[name].ours), parameters(ALL[name].theirs)
    for each in REQUIRED.get(name, ()):
        del ours[each], theirs[each]

    assert type(ALL[name].ours) is type(ALL[name].theirs)
    assert ours == theirs


def test_the_sdk_is_one_that_this_test_ran_with() -> None:
    """A later minor may do otherwise: raise the bound once the tests have passed with it."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [(lowest, below)] = re.findall(r'"singer-sdk>=([\d.]+),<([\d.]+)"', project)
    major, minor, _ = version("singer-sdk").split(".", 2)

    assert below == f"{major}.{int(minor) + 1}"
    assert lowest.startswith(f"{major}.{minor}.")
