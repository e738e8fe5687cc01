"""A walk follows its pages to the end of the rows, whatever cursors and counts say."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.errors import (
    ApiError,
    LostPlace,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
)
from tap_intercom_conversations.reading import walk as module
from tap_intercom_conversations.reading.checkpoint import Checkpoint
from tap_intercom_conversations.reading.walk import Walk
from tests.support.pages import SIZE, page, row, rows, shared

if TYPE_CHECKING:
    from tap_intercom_conversations.reading.pages import Page

SYNC_END = 2_000


@pytest.fixture
def walk() -> Walk:
    return Walk(Checkpoint(start=None), shared(SYNC_END))


def numbered(number: int, following: str | None = None, count: int | None = None) -> Page:
    """The full page of that number, of rows that no other page has."""
    return page(rows(*range(SIZE), first=number * SIZE), following, count)


# --- The end ---


def test_a_walk_follows_its_cursors_to_the_last_page(walk: Walk) -> None:
    asked = []
    for what in (numbered(0, "a", 12), numbered(1, "b", 12), page(rows(1, 2, first=90), count=12)):
        asked.append(walk.cursor)
        assert walk.take(what) == list(range(len(what.rows)))

    assert asked == [{}, {"starting_after": "a"}, {"starting_after": "b"}]
    assert walk.is_over


@pytest.mark.parametrize(
    "only",
    [
        pytest.param(page(rows(1, 2), count=2), id="as many as were counted"),
        pytest.param(page(count=0), id="none, and none were counted"),
        pytest.param(page(), id="none, and nothing was counted"),
        pytest.param(page(rows(1, 2), count=1), id="more than were counted"),
    ],
)
def test_one_page_that_is_not_full_is_all_there_is(walk: Walk, only: Page) -> None:
    walk.take(only)

    assert walk.is_over


@pytest.mark.parametrize(
    "only",
    [
        pytest.param(page(rows(1, 2)), id="nothing was counted"),
        pytest.param(page(rows(1, 2), count=0), id="none were counted"),
        pytest.param(page(rows(*range(SIZE)), count=SIZE), id="it is full"),
        pytest.param(page(rows(1, 2), count=3), id="more were counted"),
        pytest.param(page(count=3), id="it is empty, and some were counted"),
    ],
)
def test_an_end_in_doubt_is_confirmed_by_chains_that_bring_nothing(walk: Walk, only: Page) -> None:
    pages = 0
    while not walk.is_over:
        walk.take(only)
        pages += 1

    assert 2 <= pages <= 4


def test_pages_that_end_before_all_that_were_counted_are_asked_for_again(walk: Walk) -> None:
    walk.take(numbered(0, "a", 14))
    walk.take(numbered(1, None, 14))
    assert not walk.is_over
    # The last page once more; its rows were read, and it does go on.
    assert walk.cursor == {"starting_after": "a"}
    # Going on from here, its rows are not counted twice.
    assert (walk.checkpoint().cursor, walk.checkpoint().rows) == ({"starting_after": "a"}, SIZE)
    assert walk.take(numbered(1, "b", 14)) == []
    assert walk.cursor == walk.checkpoint().cursor == {"starting_after": "b"}
    walk.take(page(rows(1, 2, 3, 4, first=90), count=14))

    assert walk.is_over


def test_pages_that_end_early_twice_are_begun_anew(walk: Walk) -> None:
    walk.take(numbered(0, "a", 12))
    for _ in range(2):
        walk.take(numbered(1, None, 12))

    assert (walk.cursor, walk.is_over) == ({}, False)


def test_a_count_that_nothing_bears_out_is_told_once_and_never_used_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    common = shared(SYNC_END)
    for _ in range(2):
        walk = Walk(Checkpoint(start=None), common)
        while not walk.is_over:
            walk.take(page(rows(1, 2), count=9))

    warnings = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == ["The API counts 9 conversations and has 2: its counts are not used"]
    # Where they are not used, a chain of several pages can be confirmed, too.
    long, pages = Walk(Checkpoint(start=None), common), 0
    while not long.is_over:
        long.take(page(rows(7, first=80), count=9) if long.cursor else numbered(0, "a", 9))
        pages += 1
    assert pages <= 9


def test_a_chain_that_did_not_come_as_far_confirms_nothing(walk: Walk) -> None:
    """Nothing is counted, and the second chain ends early."""
    whole = [numbered(0, "a"), numbered(1, "b"), page(rows(1, 2, first=90))]
    for chain in (whole, [numbered(0)]):
        for what in chain:
            assert not walk.is_over
            walk.take(what)
    assert not walk.is_over
    for what in whole:
        walk.take(what)

    assert walk.is_over


def test_what_changes_while_it_is_read_does_not_keep_a_walk_going(walk: Walk) -> None:
    """It is the next sync's; nothing is counted here, and something changes all the time."""
    pages = 0
    while not walk.is_over:
        new = walk.take(page([row(1, SYNC_END + pages), row(2, 10)]))
        pages += 1
        assert 0 in new

    assert pages <= 3


# --- Rows ---


def test_rows_read_again_are_not_new_unless_they_changed(walk: Walk) -> None:
    walk.take(page([row(1, 10), row(2, 11)], "a", 9))

    assert walk.take(page([row(2, 11), row(1, 12), row(3, 12)], "b", 9)) == [1, 2]


def test_rows_repeat_once_too_many_are_remembered(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory stays flat; what is not remembered comes twice at worst."""
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2 * SIZE)
    for number in range(6):
        walk.take(numbered(number, "abcdef"[number], 30))

    assert walk.left == 0
    assert walk.take(numbered(0, "g", 30)) == []
    assert walk.take(numbered(5, "h", 30)) == list(range(SIZE))


# --- Cursors ---


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param([numbered(0, "a", 99)], id="leads back"),
        pytest.param([numbered(0, None, 99)], id="leads back to an end"),
        pytest.param([page((), f"{n}", 99) for n in range(21)], id="21 empty pages"),
        pytest.param([Refused("POST /x", status=400)] * 2, id="refused twice"),
        pytest.param([Unavailable("POST /x", status=500)], id="fails"),
        pytest.param([Unavailable("POST /x", slow=True)], id="takes too long"),
    ],
)
def test_a_cursor_that_is_no_good_begins_a_new_chain(
    walk: Walk, bad: list[Page | ApiError]
) -> None:
    walk.take(numbered(0, "a", 99))
    for what in bad:
        assert walk.cursor
        if isinstance(what, ApiError):
            walk.fail(what)
        else:
            walk.take(what)

    assert (walk.cursor, walk.is_over) == ({}, False)


def test_a_refused_cursor_is_tried_once_more_first(walk: Walk) -> None:
    walk.take(numbered(0, "a", 99))
    walk.fail(Refused("POST /x", status=400))
    assert walk.cursor == {"starting_after": "a"}
    walk.take(numbered(1, "b", 99))

    assert walk.cursor == {"starting_after": "b"}


def test_a_few_empty_pages_are_passed_over(walk: Walk) -> None:
    walk.take(numbered(0, "0", SIZE + 2))
    for number in range(1, 20):
        walk.take(page((), f"{number}", SIZE + 2))
    walk.take(page(rows(1, 2, first=90), count=SIZE + 2))

    assert walk.is_over


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Unauthorized("POST /x", status=401), id="the token is gone"),
        pytest.param(RateLimited("POST /x", status=429), id="no budget"),
        pytest.param(Unavailable("POST /x"), id="no connection"),
    ],
)
def test_what_is_no_fault_of_the_cursor_is_handed_on(walk: Walk, error: ApiError) -> None:
    walk.take(numbered(0, "a", 99))

    with pytest.raises(type(error)):
        walk.fail(error)


def test_a_first_page_that_fails_is_handed_on(walk: Walk) -> None:
    with pytest.raises(Refused):
        walk.fail(Refused("POST /x", status=400))


def test_a_walk_that_gets_nowhere_ends_in_an_error(walk: Walk) -> None:
    def go_round() -> None:
        for _ in range(100):
            walk.take(numbered(0, "a", 99))

    with pytest.raises(LostPlace, match="again and again"):
        go_round()
    assert not walk.is_over


def test_a_walk_that_gets_on_is_not_given_up(walk: Walk) -> None:
    for number in range(10 * module.MOST_STUCK_CHAINS):
        walk.take(numbered(number, "a", 999))
        walk.begin_anew("a test wants it")

    assert not walk.is_over


# --- Going on ---


BROKEN_OFF = Checkpoint(start=1, cursor={"starting_after": "c"}, rows=3_000, count=3_007)


def test_a_walk_that_was_broken_off_goes_on_with_its_count() -> None:
    """Or the pages' end could not be told from a false one after 3,000 rows."""
    walk = Walk(BROKEN_OFF, shared(SYNC_END))
    assert walk.cursor == {"starting_after": "c"}
    walk.take(numbered(0, "d", 3_007))
    assert walk.left == 2
    walk.take(page(rows(1, 2, first=90), count=3_007))

    assert walk.is_over


@pytest.mark.parametrize("last", [page(), page(rows(1, 2))])
def test_a_cursor_of_state_that_leads_to_a_false_end_is_not_believed(
    last: Page,
) -> None:
    walk = Walk(BROKEN_OFF, shared(SYNC_END))
    for _ in range(2):
        walk.take(last)

    assert (walk.cursor, walk.is_over) == ({}, False)
