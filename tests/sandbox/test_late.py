"""Rows whose place in the search's index is old, deletions that fade, shapes of activity."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sandbox import LATE, Workspace
from sandbox.moments import ACTIVITIES, EPOCH
from tests.sandbox.conftest import ids

if TYPE_CHECKING:
    from tests.sandbox.conftest import Serve


def test_a_late_row_stands_at_its_old_place_with_all_that_is_new(serve: Serve) -> None:
    client = serve(30)
    workspace = client.workspace
    before = ids(client.search_all(sort={"field": "updated_at", "order": "ascending"}))
    late, prompt = before[4], before[5]
    [(_, moment)] = workspace.touch([late], late=LATE)
    workspace.touch([prompt])

    found = client.search_all(sort={"field": "updated_at", "order": "ascending"})
    assert ids(found) == [*before[:5], *before[6:], prompt]
    assert found[4]["updated_at"] == moment
    # The list is not the search's index.
    assert late in ids(client.get("/conversations", per_page=2)["conversations"])

    workspace.reindex(everything=True)
    found = client.search_all(sort={"field": "updated_at", "order": "ascending"})
    assert ids(found) == [*before[:4], *before[6:], late, prompt]


def test_a_late_row_that_changes_again_is_indexed_as_it_is_then(serve: Serve) -> None:
    client = serve(30)
    late = client.workspace.ids()[7]
    client.workspace.touch([late], late=LATE)
    client.workspace.touch([late])
    found = ids(client.search_all())
    assert found[0] == late
    assert Counter(found)[late] == 1
    client.workspace.touch([late], late=LATE)
    client.workspace.delete([late])
    client.workspace.reindex(everything=True)
    assert late not in ids(client.search_all())


def test_a_row_that_is_late_for_some_seconds(serve: Serve) -> None:
    client = serve(30, index_lag_clock="simulated")
    late = ids(client.search_all())[-1]
    answer = client.session.post(
        f"{client.server.url}/_sandbox/touch", json={"ids": [late], "late": 50}, timeout=10
    )
    assert answer.json()["touched"][0]["id"] == late
    assert ids(client.search_all())[-1] == late
    client.workspace.tick(50)
    assert ids(client.search_all())[0] == late


def test_deletions_that_leave_their_list(serve: Serve) -> None:
    client = serve(30, deleted=5)
    rows = client.get("/conversations/deleted")["conversations"]
    client.workspace.purge(ids(rows)[1:3])
    left = client.get("/conversations/deleted")
    assert ids(left["conversations"]) == [ids(rows)[0], *ids(rows)[3:]]
    assert left["total_count"] == 3
    assert client.answer(f"/conversations/{rows[1]['id']}").status_code == 404


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_shapes_of_activity(activity: str) -> None:
    workspace = Workspace(1_000, activity=activity, templates=10)
    moments = sorted(workspace.updated_at(n) for n in range(1_000))
    day = 86_400
    assert moments[0] >= EPOCH - 400 * day
    assert moments[-1] <= EPOCH
    fullest = max(Counter(moments).values())
    hours = Counter(moment // (2 * 3_600) for moment in moments)
    assert (fullest > 300) is (activity == "ties")
    assert (max(hours.values()) > 200) is (activity in ("bulk", "ties"))
    older = sum(moment < EPOCH - 200 * day for moment in moments)
    assert (older < 200) is (activity == "growth")
    first = next(iter(workspace.ids()))
    assert workspace.find(first) is not None
