"""What changes a workspace: replies, edits, bulk actions, new and deleted conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Workspace
from sandbox.moments import EPOCH
from sandbox.story import KINDS
from sandbox.truth import STREAMS, truth

if TYPE_CHECKING:
    from tests.sandbox.conftest import Serve

Json = dict[str, Any]


def parts_of(workspace: Workspace, number: str) -> list[Json]:
    rows = truth(workspace, "conversation_parts")
    return [part for part in rows if part["conversation_id"] == number]


def one(workspace: Workspace, number: str) -> Json:
    rows = truth(workspace, "conversations")
    return next(row for row in rows if row["id"] == number)


def test_the_same_seed_is_the_same_workspace() -> None:
    for stream in STREAMS:
        first = list(truth(Workspace(60, seed=7), stream))
        assert first == list(truth(Workspace(60, seed=7), stream))
        assert first
    assert list(truth(Workspace(40, seed=8), "conversations")) != list(
        truth(Workspace(40, seed=7), "conversations")
    )


def test_the_same_changes_make_the_same_workspace() -> None:
    def changed() -> list[Json]:
        workspace = Workspace(40)
        for kind in KINDS:
            workspace.touch_some(3, kind=kind)
        workspace.create(2)
        workspace.delete(workspace.some(3))
        return [*truth(workspace, "conversations"), *truth(workspace, "conversation_parts")]

    assert changed() == changed()


def test_conversations_begin_in_the_half_year_before_the_epoch() -> None:
    rows = list(truth(Workspace(500), "conversations"))
    created = [row["created_at"] for row in rows]
    assert EPOCH - 26 * 7 * 86_400 <= min(created) < EPOCH - 24 * 7 * 86_400
    assert max(row["updated_at"] for row in rows) < EPOCH
    assert all(row["created_at"] <= row["updated_at"] for row in rows)
    weekend = sum(1 for at in created if (at // 86_400 + 3) % 7 >= 5)
    assert weekend < 80
    moments = [row["updated_at"] for row in rows]
    assert max(map(moments.count, moments)) > 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_change_moves_updated_at_and_says_what_it_was(kind: str) -> None:
    workspace = Workspace(30, exact_parts={6: 30})
    number = workspace.ids()[11]
    before, parts_before = one(workspace, number), parts_of(workspace, number)
    now = workspace.now
    assert workspace.touch([number], kind=kind) == [(number, now + 1)]
    after, parts_after = one(workspace, number), parts_of(workspace, number)
    assert workspace.now == now + 1
    assert after["updated_at"] == now + 1
    assert after["source"] == before["source"]
    assert after["created_at"] == before["created_at"]
    if kind in ("edit", "redact"):
        assert len(parts_after) == 6
        moved = [part for part in parts_after if part["updated_at"] == now + 1]
        assert len(moved) == 1
        assert moved[0]["redacted"] is (kind == "redact")
    elif kind == "attribute":
        assert after["custom_attributes"] != before["custom_attributes"]
        assert len(parts_after) == 6
    else:
        assert len(parts_after) == 7
        assert parts_after[-1]["created_at"] == now + 1
        assert [p["id"] for p in parts_after[:6]] == [p["id"] for p in parts_before]


def test_changes_add_up() -> None:
    workspace = Workspace(30)
    number = workspace.ids()[3]
    workspace.close([number])
    assert one(workspace, number)["state"] == "closed"
    workspace.touch([number])
    reopened = one(workspace, number)
    assert reopened["state"] == "open"
    assert reopened["waiting_since"] == workspace.now
    assert reopened["statistics"]["count_reopens"] >= 1
    tags = len(reopened["tags"]["tags"])
    workspace.tag([number])
    assert len(one(workspace, number)["tags"]["tags"]) == tags + 1
    workspace.touch([number], kind="snooze")
    assert one(workspace, number)["snoozed_until"] == workspace.now + 86_400


def test_a_bulk_action_gives_many_the_same_moment(serve: Serve) -> None:
    client = serve(700)
    at = client.workspace.now + 50
    numbers = client.workspace.ids()[100:600]
    assert client.workspace.bulk_touch(numbers, at) == 500
    same = {"field": "updated_at", "operator": "=", "value": at}
    found = client.search_all(same, sort={"field": "updated_at", "order": "ascending"})
    assert [row["id"] for row in found] == numbers
    assert client.get("/conversations")["total_count"] == 700


def test_a_change_may_lie_in_the_past() -> None:
    workspace = Workspace(30)
    number = workspace.ids()[0]
    workspace.touch([number], at=EPOCH - 1_000)
    assert one(workspace, number)["updated_at"] == EPOCH - 1_000
    assert workspace.now == EPOCH


def test_new_conversations_have_greater_ids(serve: Serve) -> None:
    client = serve(30)
    last = client.workspace.ids()[-1]
    born = client.workspace.create(3, parts=2)
    assert last < born[0] < born[1] < born[2]
    conversation = client.get(f"/conversations/{born[1]}")
    assert conversation["conversation_parts"]["total_count"] == 2
    assert conversation["created_at"] == EPOCH + 2
    client.workspace.touch(born)
    assert client.get("/conversations")["conversations"][0]["id"] == born[2]


def test_what_is_unknown_cannot_be_changed() -> None:
    workspace = Workspace(10)
    gone = workspace.ids()[0]
    workspace.delete([gone])
    with pytest.raises(KeyError):
        workspace.touch([gone])
    with pytest.raises(ValueError, match="unknown kind"):
        workspace.touch(workspace.ids(), kind="nonsense")


def test_a_large_workspace_is_made_quickly_and_keeps_its_order(serve: Serve) -> None:
    client = serve(100_000, templates=50)
    assert client.search(size=1)["total_count"] == 100_000
    middle = client.search(
        {"field": "updated_at", "operator": "<", "value": EPOCH - 90 * 86_400},
        sort={"field": "updated_at", "order": "ascending"},
    )
    assert 0 < middle["total_count"] < 60_000
    moments = [row["updated_at"] for row in middle["conversations"]]
    assert moments == sorted(moments)
