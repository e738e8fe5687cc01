"""Every documented field of the objects around conversations, in its versions and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.test_fields import documented, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Client, Serve

Json = dict[str, Any]


def objects(client: Client) -> Iterator[tuple[str, list[Any]]]:
    """Ask for some of everything."""
    contacts = client.pages("/contacts/search", "data")
    alone = [client.get(f"/contacts/{row['id']}") for row in contacts[:20]]
    yield "contact.", contacts + alone
    yield "company.", client.post("/companies/list", {}).json()["data"]


@pytest.mark.parametrize("version", ["2.7", "2.11", "2.12", "2.14", "2.15", "2.16", "Preview"])
def test_objects_have_each_field_of_their_version(serve: Serve, version: str) -> None:
    client = serve(200)
    client.version(version)
    here, elsewhere = documented("workspace_paths.txt", version)
    for prefix, values in objects(client):
        present, filled = seen(values, prefix)
        assert {path for path in here if path.startswith(prefix)} - filled == set()
        assert present & elsewhere == set()
