"""What streams over changed objects share: the bookmark, and STATE on the way and at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW, Runner, bookmarked
from tests.support.few import LATELY, Few
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Json

ENDPOINTS = ["search", "list"]


def at(seconds: int, *identifiers: str) -> list[Json]:
    """Conversations that changed at a moment."""
    return [{"id": identifier, "updated_at": seconds} for identifier in identifiers]


# --- Bookmarks ---


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_span_without_rows_leaves_its_lower_bound(
    run_tap: Runner, answer: Answer, endpoint: str
) -> None:
    """Else each sync would look through the whole span again."""
    start = moment(NOW - 86_400)
    server = answer(Few(*at(NOW - 90_000, "1")))
    run = run_tap(server, conversations_endpoint=endpoint, start_date=start)

    assert (run.status, run.records()) == (0, [])
    assert run.state["bookmarks"]["conversations"] == {
        "replication_key": "updated_at",
        "replication_key_value": start,
        "unfinished": None,
        "unreadable": None,
    }


# --- STATE on the way ---


@pytest.mark.parametrize("unfinished", ["{", "[]", "{}", '{"query":1}', 7, {"a": 1}, None])
def test_a_checkpoint_that_is_none_is_passed_over(
    run_tap: Runner, answer: Answer, unfinished: Any
) -> None:
    state = bookmarked(moment(LATELY))
    state["bookmarks"]["conversations"]["unfinished"] = unfinished
    run = run_tap(answer(Few(*at(LATELY, "1"))), state=state)

    assert (run.status, run.ids()) == (0, ["1"])
    assert run.state["bookmarks"]["conversations"]["unfinished"] is None


# --- Versions of a table ---


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_version_is_activated_after_a_search_only(
    run_tap: Runner, answer: Answer, endpoint: str
) -> None:
    """What changes while a list is read moves up and out of sight."""
    run = run_tap(
        answer(Few(*at(LATELY, "1"))),
        method="FULL_TABLE",
        conversations_endpoint=endpoint,
        emit_activate_version_messages=True,
    )
    kinds = [message["type"] for message in run.messages]

    assert (run.status, kinds.count("RECORD")) == (0, 1)
    assert kinds.count("ACTIVATE_VERSION") == (endpoint == "search")
