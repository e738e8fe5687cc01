"""side_conversation_parts: every page of side conversations, every part of each, or an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.streams.base import NO_OBJECT
from tests.support.few import LATELY, Few
from tests.support.serving import Said

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Run, Runner
    from tests.support.serving import Asked

SIDE = "side_conversation_parts"


CONVERSATION = {"id": "1", "updated_at": LATELY}


def side(identifier: Any, *parts: str) -> Json:
    """A side conversation."""
    return {
        "side_conversation_id": identifier,
        "conversation_parts": [{"id": part} for part in parts],
        "total_count": len(parts),
    }


def side_pages(*pages: Json) -> Few:
    """A workspace of one conversation; page N of its side conversations has the one of id N."""

    def own(asked: Asked) -> Said | None:
        if not asked.path.endswith("/side_conversations"):
            return None
        number = int(asked.query["page"])
        return Said({"side_conversations": [side(number, f"p{number}")], **pages[number - 1]})

    return Few(CONVERSATION, else_where=own)


def read(run_tap: Runner, answer: Answer, *sides: Any) -> Run:
    """Read a workspace of one conversation with these side conversations."""
    return run_tap(answer(side_pages({"side_conversations": sides})), SIDE, max_retries=0)


PAGE_2 = "https://api.intercom.io/conversations/1/side_conversations?page=2"


@pytest.mark.parametrize(
    "first", [{"next": PAGE_2}, {"next": 2}, {"total_pages": 2}, {"next": None, "total_pages": "2"}]
)
def test_the_next_page_is_followed_however_it_is_named(
    run_tap: Runner, answer: Answer, first: Json
) -> None:
    server = answer(side_pages({"pages": first}, {"pages": {"next": None}, "total_count": 2}))
    run = run_tap(server, SIDE, max_retries=0)
    asked = [asked.query for asked in server.asked if asked.path.endswith("/side_conversations")]

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
        ([{"pages": {"next": ["2"]}}], "pages.next: (it has a form that this tap does not know)"),
    ],
)
def test_side_conversations_that_do_not_come_are_an_error(
    run_tap: Runner, answer: Answer, pages: list[Json], why: str
) -> None:
    run = run_tap(answer(side_pages(*pages)), SIDE, max_retries=0)

    assert (run.status, run.records(SIDE)) == (1, [])
    assert run.failures[0].startswith(f"{SIDE}: 1 could not be read: 1 ({why}")


def test_a_page_that_brings_nothing_new_is_the_last(run_tap: Runner, answer: Answer) -> None:
    """Whatever it says of more: a server that ignores `page` is not asked for ever."""
    server = answer(side_pages({"pages": {"next": PAGE_2}}, {"pages": {"next": PAGE_2}}))
    run = run_tap(server, SIDE, max_retries=0)

    assert (run.status, run.ids(SIDE)) == (0, ["p1", "p2"])
    assert sum("page" in asked.query for asked in server.asked) == 3


@pytest.mark.parametrize("total_pages", [10**9, "1e9", 1e300])
def test_a_number_of_pages_that_cannot_be_is_no_reason_to_go_on(
    run_tap: Runner, answer: Answer, total_pages: Any
) -> None:
    server = answer(
        Few(
            CONVERSATION,
            else_where=lambda asked: (
                Said({"side_conversations": [], "pages": {"total_pages": total_pages}})
                if "page" in asked.query
                else None
            ),
        )
    )
    run = run_tap(server, SIDE, max_retries=0)

    assert (run.status, run.records(SIDE)) == (0, [])
    assert len(server.asked) < 10


@pytest.mark.parametrize("entry", [None, 5, "a", ["a"], True, side(None, "8")], ids=repr)
def test_what_is_no_side_conversation_fails_the_stream_at_its_end(
    run_tap: Runner, answer: Answer, entry: Any
) -> None:
    run = read(run_tap, answer, entry, side("5", "7"), entry)

    assert run.ids(SIDE) == ["7"]
    assert run.status == 1
    assert run.failures[0].startswith(f"{SIDE}: 1 could not be read: 1 ({NO_OBJECT})")


def test_each_part_says_how_many_its_side_conversation_has(run_tap: Runner, answer: Answer) -> None:
    run = read(run_tap, answer, side("5", "7", "8"), side(6, "9"))
    names = ("conversation_id", "side_conversation_id", "id", "side_conversation_total_parts")

    assert [tuple(record[name] for name in names) for record in run.records(SIDE)] == [
        ("1", "5", "7", 2),
        ("1", "5", "8", 2),
        ("1", "6", "9", 1),
    ]
