"""side_conversation_parts: every page of side conversations, every part of each, or an error."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.few import LATELY, Few
from tests.support.serving import Asked, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Answer, Json, Runner, Serve

SIDE = "side_conversation_parts"


def side_pages(*pages: Json) -> Callable[[Asked], Said]:
    """A workspace of one conversation; page N of its side conversations has the one of id N."""

    def said(asked: Asked) -> Said:
        if asked.path.endswith("/search"):
            row = {"id": "1", "updated_at": NOW - 5_000}
            return Said({"conversations": [row], "pages": {}, "total_count": 1})
        number = int(asked.query["page"])
        side = {"side_conversation_id": str(number), "conversation_parts": [{"id": f"p{number}"}]}
        return Said({"side_conversations": [side], **pages[number - 1]})

    return said


PAGE_2 = "https://api.intercom.io/conversations/1/side_conversations?page=2"


@pytest.mark.parametrize(
    "first", [{"next": PAGE_2}, {"next": 2}, {"total_pages": 2}, {"next": None, "total_pages": "2"}]
)
def test_the_next_page_is_followed_however_it_is_named(
    run_tap: Runner, answer: Answer, first: Json
) -> None:
    server = answer(side_pages({"pages": first}, {"pages": {"next": None}, "total_count": 2}))
    run = run_tap(server, SIDE, max_retries=0)
    asked = [asked.query for asked in server.asked if not asked.path.endswith("/search")]

    assert (run.status, run.ids(SIDE)) == (0, ["p1", "p2"])
    assert asked == [{"page": "1", "per_page": "50"}, {"page": "2", "per_page": "50"}]


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ([{"pages": {}, "total_count": 3}], "1 side conversations came of 3 that the API counts"),
        # One that vanished moves all behind it up, on to a page that was read already.
        (
            [
                {"pages": {"total_pages": 3}, "total_count": 3},
                {"pages": {"total_pages": 2}, "total_count": 2},
            ],
            "2 side conversations came of 3 that the API counts",
        ),
        (
            [{"pages": {"next": PAGE_2}}, {"pages": {"next": PAGE_2}}],
            "pages.next leads back to a page that was read before",
        ),
        ([{"pages": {"next": ["2"]}}], "pages.next has a form that this tap does not know"),
    ],
)
def test_side_conversations_that_do_not_come_are_an_error(
    run_tap: Runner, answer: Answer, pages: list[Json], why: str
) -> None:
    run = run_tap(answer(side_pages(*pages)), SIDE, max_retries=0)

    assert (run.status, run.records(SIDE)) == (1, [])
    assert run.failures == [f"{SIDE}: conversation 1 could not be read: {why}"]


@pytest.mark.parametrize("entry", [*ENTRIES, {"conversation_parts": [{"id": "8"}]}], ids=repr)
def test_what_is_no_side_conversation_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, entry: Any
) -> None:
    body = served(SIDE, [ROWS[SIDE]])
    body["side_conversations"] = [entry, *body["side_conversations"], entry]
    run = read_one(run_tap, answer, SIDE, body)

    assert [record["id"] for record in run.records(SIDE)] == ["7"]
    assert run.status == 1
    assert "2 that are no side conversations" in run.failures[0]


def test_side_conversations_say_how_many_parts_each_has(serve: Serve, run_tap: Runner) -> None:
    server = serve(60)
    records = run_tap(server, SIDE).records(SIDE)

    def of_side(record: Json) -> tuple[str, str]:
        return record["conversation_id"], record["side_conversation_id"]

    for _, group in groupby(records, of_side):
        parts = list(group)
        assert {part["side_conversation_total_parts"] for part in parts} == {len(parts)}
