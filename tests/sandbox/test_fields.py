"""Every documented field is there, in the versions that have it and in no other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.versions import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Client, Serve

Json = dict[str, Any]
HERE = Path(__file__).parent
VERSIONS = ("2.7", "2.8", "2.10", "2.11", "2.12", "2.13", "2.14", "2.15", "2.16", "2.17", "Preview")
QA = {"include_monitors": "true", "include_scorecards": "true"}
# Theirs are the workspace's own keys.
OPEN_OBJECTS = (
    "custom_attributes",
    "sla_states",
    "collected_data",
    "translations",
    "ticket_attributes",
)


def documented(name: str, version: str) -> tuple[set[str], set[str]]:
    """Return the paths that a version has, and those of other versions."""
    here: set[str] = set()
    elsewhere: set[str] = set()
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        versions, path = line.split(" ", 1)
        first, _, last = versions.partition("-")
        within = KNOWN[first] <= KNOWN[version] <= KNOWN[last or "Preview"]
        (here if within else elsewhere).add(path)
    return here, elsewhere


def paths(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk through a value."""
    if isinstance(value, dict):
        wild = path.rpartition(".")[2] in OPEN_OBJECTS
        for key, item in value.items():
            below = f"{path}.{'*' if wild else key}".removeprefix(".")
            yield below, item
            yield from paths(item, below)
    elif isinstance(value, list):
        for item in value:
            yield f"{path}[]", item
            yield from paths(item, f"{path}[]")


def seen(values: list[Any], prefix: str = "") -> tuple[set[str], set[str]]:
    """Return the paths that occur, and those that occur with a value."""
    present, filled = set(), set()
    for value in values:
        for path, item in paths(value):
            present.add(prefix + path)
            if item is not None:
                filled.add(prefix + path)
    return present, filled


def others(client: Client, version: str) -> Iterator[tuple[str, list[Any]]]:
    """Ask for everything but conversations."""
    numbers = client.workspace.ids()
    single = [client.get(f"/conversations/{number}") for number in numbers[:150]]
    yield (
        "part.",
        [part for one in single for part in one["conversation_parts"]["conversation_parts"]],
    )
    yield "admin.", client.get("/admins")["admins"]
    yield "team.", client.get("/teams")["teams"]
    if KNOWN[version] < KNOWN["2.16"]:
        yield "data_attributes.", [client.get("/data_attributes", model="conversation")]
    else:
        yield "attributes.", [client.get("/conversations/attributes")]
        yield "deleted.", [client.get("/conversations/deleted", per_page=1)]
        side = [
            client.get(f"/conversations/{number}/side_conversations") for number in numbers[:100]
        ]
        yield "side_conversations.", side
    if KNOWN[version] >= KNOWN["2.15"]:
        events = [
            client.get(f"/conversations/{number}/handling_events") for number in numbers[:100]
        ]
        yield "handling_events.", events


@pytest.mark.parametrize("version", VERSIONS)
def test_conversations_have_each_field_of_their_version(serve: Serve, version: str) -> None:
    client = serve(300)
    client.version(version)
    here, elsewhere = documented("conversation_paths.txt", version)
    present, filled = seen(client.search_all(parameters=QA))
    assert here - filled == set()
    assert present & elsewhere == set()


@pytest.mark.parametrize(
    "version", ["2.7", "2.11", "2.13", "2.14", "2.15", "2.16", "2.17", "Preview"]
)
def test_all_else_has_each_field_of_its_version(serve: Serve, version: str) -> None:
    client = serve(300)
    client.version(version)
    here, elsewhere = documented("other_paths.txt", version)
    for prefix, values in others(client, version):
        present, filled = seen(values, prefix)
        assert {path for path in here if path.startswith(prefix)} - filled == set()
        assert present & elsewhere == set()
