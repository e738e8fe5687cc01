"""Deleted conversations: down to the bookmark, and whatever slides while they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW, Runner
from tests.support.serving import Asked, Said
from tests.support.truth import moment, rows

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Answer, Json

DELETED = "deleted_conversations"


def deleted(server: Sandbox, since: int = 0) -> set[str]:
    """The ids of the conversations that were deleted since a moment."""
    return {row["id"] for row in rows(server, DELETED, {}) if row["deleted_at"] >= since}


def test_a_deletion_of_the_future_is_loaded_and_moves_no_bookmark(
    run_tap: Runner, answer: Answer
) -> None:
    """Else the next sync would have to refuse it."""
    listed = [{"id": "2", "deleted_at": NOW * 2}, {"id": "1", "deleted_at": NOW - 5_000}]
    run = run_tap(answer(Said({"conversations": listed, "pages": None})), DELETED)

    assert run.ids(DELETED) == ["2", "1"]
    assert run.bookmark(DELETED) == moment(NOW - 5_000)


def test_deletions_while_it_is_read_push_none_out_of_sight(run_tap: Runner, answer: Answer) -> None:
    """Each page asked for finds two more on top, and so two of the page before at its own top."""
    gone = [{"id": str(number), "deleted_at": NOW - 9_000 + number} for number in range(200)]

    def said(asked: Asked) -> Said:
        number = int(asked.query.get("page", 1))
        newer = [{"id": f"new{n}", "deleted_at": NOW - 100 + n} for n in range(2 * (number - 1))]
        listed = (gone + newer)[::-1]
        more = number * 60 < len(listed)
        following = f"{server.url}/conversations/deleted?page={number + 1}&per_page=60"
        return Said(
            {
                "conversations": listed[(number - 1) * 60 : number * 60],
                "pages": {"type": "pages", "next": following if more else None},
            }
        )

    server = answer(said)
    run = run_tap(server, DELETED)

    assert run.once(DELETED) == {row["id"] for row in gone}
    # What came meanwhile is after the bookmark.
    assert run.bookmark(DELETED) == moment(NOW - 9_000 + 199)


@pytest.mark.parametrize(
    "said", [{"conversations": None}, {}, {"conversations": [], "pages": {"next": [1]}}]
)
def test_an_answer_of_another_form_is_an_error_never_the_end(
    run_tap: Runner, answer: Answer, said: Json
) -> None:
    run = run_tap(answer(Said(said)), DELETED)

    assert run.status == 1
    assert run.failures[0].startswith(f"{DELETED}: ")


@pytest.mark.parametrize("entry", [None, 5, "a", ["a"], True], ids=repr)
def test_a_deletion_that_is_no_object_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, entry: Any
) -> None:
    def said(asked: Asked) -> Said:
        last = asked.query.get("page") == "2"
        row = {"id": "3" if last else "1", "deleted_at": NOW - 9_000}
        following = None if last else f"{server.url}/conversations/deleted?page=2"
        return Said({"conversations": [entry, row, entry], "pages": {"next": following}})

    server = answer(said)
    run = run_tap(server, DELETED)

    assert run.ids(DELETED) == ["1", "3"]
    assert run.status == 1
    # Of two on each of two pages; what has no id is told by its place, or a second pass that
    # must bring nothing new never would.
    assert "2 null or of another type" in run.failures[0]
