"""Odd shapes: all of them occur, always the same, and each is still JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Serve

Json = dict[str, Any]


def kinds(rows: list[Json], key: str) -> set[str]:
    return {type(row.get(key)).__name__ for row in rows}


def leaves(value: Any) -> Iterator[Any]:
    items = value.values() if isinstance(value, dict) else value
    for item in items:
        if isinstance(item, (dict, list)):
            yield from leaves(item)
        else:
            yield item


def test_every_odd_shape_occurs(serve: Serve) -> None:
    client = serve(300, drift=1.0)
    rows = client.search_all()
    assert kinds(rows, "admin_assignee_id") == {"int", "str", "NoneType"}
    assert kinds(rows, "created_at") == {"int", "str", "float", "NoneType"}
    assert kinds(rows, "contacts") == {"list"}
    assert kinds(rows, "teammates") == {"NoneType", "list", "dict"}
    assert kinds(rows, "source") == {"NoneType", "dict"}
    assert kinds(rows, "statistics") == {"NoneType", "dict"}
    assert any(row["statistics"] == {} for row in rows)
    assert any(row["sla_applied"] and not any(row["sla_applied"].values()) for row in rows)
    assert {"assignee", "company_id", "brand", "Shiny New: Key"} < set().union(*rows)
    found = list(leaves(rows))
    assert any(isinstance(leaf, int) and leaf > 2**64 for leaf in found)
    assert any(isinstance(leaf, int) and leaf < 0 for leaf in found)
    text = "".join(leaf for leaf in found if isinstance(leaf, str))
    assert "\ud83d" in text
    assert "\x00" in text


def test_every_odd_shape_of_a_part_occurs(serve: Serve) -> None:
    client = serve(60, drift=1.0)
    parts = [
        part
        for number in client.workspace.ids()
        for part in client.get(f"/conversations/{number}")["conversation_parts"][
            "conversation_parts"
        ]
    ]
    assert kinds(parts, "id") == {"int", "str"}
    assert kinds(parts, "assigned_to") >= {"int", "dict", "NoneType"}
    assert "waiting_since" in set().union(*parts)
    assert "str" in {type(f.get("width")).__name__ for p in parts for f in p["attachments"]}
    assert "brand_new_value" in {part["part_type"] for part in parts}


def test_keys_keep_their_value_and_stay_alone_without_being_asked(serve: Serve) -> None:
    client = serve(60, drift=1.0)
    straight = client.search()["conversations"]
    assert all(isinstance(row["id"], str) for row in straight)
    assert all(isinstance(row["updated_at"], int) for row in straight)
    client.server.switches.set(drift_keys=True)
    odd = client.search()["conversations"]
    assert [str(row["id"]) for row in odd] == [row["id"] for row in straight]
    assert kinds(odd, "updated_at") == {"int", "str", "float"}


def test_the_same_conversation_is_always_odd_in_the_same_way(serve: Serve) -> None:
    first, second = serve(40, drift=0.4), serve(40, drift=0.4)
    assert first.search() == second.search()
    one = first.search()["conversations"][7]
    single = first.get(f"/conversations/{one['id']}")
    del single["conversation_parts"]
    assert single == one


@pytest.mark.parametrize("version", ["1.4", "2.0", "2.5", "2.6", "2.7", "2.11", "2.15", "Preview"])
def test_every_version_drifts(serve: Serve, version: str) -> None:
    client = serve(60, drift=1.0)
    client.version(version)
    assert len(client.get("/conversations", per_page=60)["conversations"]) == 60
