"""Every documented field of the objects around conversations, in its versions and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.versions import KNOWN
from tests.sandbox.test_fields import documented, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Client, Serve

VERSIONS = ("2.7", "2.10", "2.11", "2.12", "2.13", "2.14", "2.15", "2.16", "Preview")
Json = dict[str, Any]


def objects(client: Client, version: str) -> Iterator[tuple[str, list[Any]]]:
    """Ask for some of everything."""
    contacts = client.pages("/contacts/search", "data")
    alone = [client.get(f"/contacts/{row['id']}") for row in contacts[:20]]
    yield "contact.", contacts + alone
    yield "company.", client.post("/companies/list", {}).json()["data"]
    if KNOWN[version] >= KNOWN["2.10"]:
        tickets = client.pages("/tickets/search", "tickets")
        yield (
            "ticket_part.",
            [part for row in tickets for part in row.pop("ticket_parts")["ticket_parts"]],
        )
        tickets += [client.get(f"/tickets/{tickets[0]['id']}")]
        yield "ticket.", tickets
        yield "ticket_type.", client.get("/ticket_types")["data"]
    if KNOWN[version] >= KNOWN["2.12"]:
        yield "ticket_state.", client.get("/ticket_states")["data"]
    if KNOWN[version] >= KNOWN["2.14"]:
        calls = {"conversation_ids": client.workspace.ids()[:20]}
        yield "call.", client.post("/calls/search", calls).json()["data"]
    yield "segment.", client.get("/segments", include_count="true")["segments"]
    yield (
        "data_attribute.",
        client.get("/data_attributes", model="contact", include_archived="true")["data"],
    )
    yield "article.", client.get("/articles", per_page=60)["data"]
    yield "help_center_collection.", client.get("/help_center/collections")["data"]
    yield (
        "activity_log.",
        client.get("/admins/activity_logs", created_at_after=1)["activity_logs"],
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_objects_have_each_field_of_their_version(serve: Serve, version: str) -> None:
    client = serve(200, tickets=60, ticket_attributes_key="ticket_type_attributes")
    client.version(version)
    here, elsewhere = documented("workspace_paths.txt", version)
    for prefix, values in objects(client, version):
        present, filled = seen(values, prefix)
        assert {path for path in here if path.startswith(prefix)} - filled == set()
        assert present & elsewhere == set()
