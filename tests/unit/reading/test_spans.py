"""A span says how far it has come, which rows are its own, and where its rest is split off."""

from __future__ import annotations

import random  # noqa: TC003  hypothesis reads the annotation
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_intercom_conversations.errors import LostPlace, Refused
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.checkpoint import Checkpoint
from tap_intercom_conversations.reading.spans import LEAF_PAGES, MOST_PARTS, Span, spans_of
from tests.support.pages import SIZE, cursor_at, page, row, rows, shared

if TYPE_CHECKING:
    from tap_intercom_conversations.reading.pages import Page

START, END, SYNC_END = 1_000, 2_000, 5_000
MANY = 100 * SIZE


def span(start: int = START, end: int | None = END, *, is_tail: bool = False) -> Span:
    return Span(Checkpoint(start=start, end=end), shared(SYNC_END), is_tail=is_tail)


def ascending(first: int, following: str | None, count: int | None = None, step: int = 1) -> Page:
    """Two full pages' worth of rows in order, from a time on."""
    times = range(first, first + 2 * SIZE * step, step)
    return page(rows(*times, first=first), following, count)


# --- How far it has come ---


def test_the_place_is_the_least_time_of_the_last_rows() -> None:
    walk = span()
    walk.take(ascending(1_100, "a", MANY))
    assert walk.place == 1_100
    walk.take(page([row(1, 1_300), row(2, 1_301)], "b", MANY))

    assert walk.place == 1_102


def test_a_row_at_its_old_place_does_not_move_it() -> None:
    """It shows the time of its last change, and stands where it stood before."""
    walk = span()
    walk.take(page([row(1, 1_950), *rows(*range(1_100, 1_109), first=2)], "a", MANY))

    assert walk.place == 1_100


def test_rows_that_show_nothing_of_the_place_are_left_out() -> None:
    walk = span()
    walk.take(page(rows(None, 900, 2_000, 9_000, *range(1_100, 1_109)), "a", MANY))
    assert walk.place == START
    walk.take(page(rows(1_109, first=50), "b", MANY))

    assert walk.place == 1_100


def test_it_never_goes_back() -> None:
    walk = span()
    walk.take(ascending(1_500, "a", MANY))
    walk.take(ascending(1_100, "b", MANY))

    assert walk.place == 1_500


def test_a_cursor_that_can_be_read_says_where_the_index_is() -> None:
    """A whole page of rows is late: what they show is not where they stand."""
    walk = span()
    walk.take(ascending(1_800, cursor_at(1_200), MANY))

    assert walk.place == 1_200


def test_the_last_page_moves_no_place() -> None:
    """It has no cursor that says where the index is, and its end may be a false one."""
    walk = span()
    walk.take(ascending(1_100, cursor_at(1_109), MANY))
    assert walk.place == 1_107
    walk.take(ascending(1_800, None, MANY))

    assert walk.place == 1_107


def test_times_are_no_evidence_in_the_tail() -> None:
    walk = span(is_tail=True)
    walk.take(ascending(1_100, "a", MANY))

    assert (walk.place, walk.checkpoint().then) == (START, START)


def test_a_chain_that_begins_anew_does_so_at_the_place() -> None:
    walk = span()
    walk.take(ascending(1_100, "a", MANY))
    for _ in range(2):
        walk.fail(Refused("POST /x", status=400))
    assert (walk.query, walk.cursor) == (TimeRange(1_100, END), {})
    again = walk.take(ascending(1_100, "b", MANY))
    assert again == []
    new = walk.take(page(rows(1_110, 1_111, first=1_110), "c", MANY))

    assert new == [0, 1]


def test_rows_of_the_page_that_moves_the_place_are_still_known() -> None:
    """What is forgotten are rows below the place, not those that came with it."""
    walk = span()
    walk.take(ascending(1_100, "a", MANY))
    walk.begin_anew("a test wants it")
    overlapping = page(rows(*range(1_100, 1_120), first=1_100), "b", MANY)

    assert walk.take(overlapping) == list(range(10, 20))


def test_a_walk_that_gets_nowhere_says_where() -> None:
    walk = span()

    def go_round() -> None:
        for _ in range(100):
            walk.take(page(rows(*[1_100] * 10), "a", MANY))

    with pytest.raises(LostPlace, match="updated_at 1970-01-01T00:18:20Z"):
        go_round()


def test_an_end_in_doubt_is_confirmed_by_two_chains_in_a_row() -> None:
    """One may have been cut short, as the first was: nothing is counted here."""
    walk, chains = span(), 0
    while not walk.is_over:
        walk.take(page(rows(*range(1_100, 1_100 + SIZE))))
        chains += 1

    assert chains == 3


# --- By page number ---


def test_numbers_lead_through_the_rows_of_one_moment_only() -> None:
    """A row that changes leaves the span, and all behind it move up by one."""
    walk = span()
    walk.take(page(rows(*[START] * 10), 2, MANY))
    assert walk.cursor["page"] == 2
    walk.take(page(rows(*range(1_001, 1_011), first=10), 3, MANY))

    assert (walk.query, walk.cursor) == (TimeRange(1_001, END), {})


def test_rows_that_came_or_went_between_two_numbers_are_looked_for() -> None:
    walk = span()
    walk.take(page(rows(*[START] * 10), 2, MANY))
    walk.take(page(rows(*range(1_500, 1_510), first=10), 3, MANY - 1))

    # Nor does the page count that may have passed over a row.
    assert (walk.query, walk.cursor) == (TimeRange(START, END), {})


# --- Where it is split ---


def split(count: int, end: int = END, lower: Span | None = None) -> tuple[Span, list[Span]]:
    """What becomes of a span of so many rows after its first page."""
    lower = lower or span(end=end)
    first = ascending(1_100, cursor_at(1_109), count)
    lower.take(first)
    return lower, lower.split(first)


def test_the_rest_is_split_into_equal_times() -> None:
    lower, parts = split(MANY)

    assert lower.is_over
    assert (parts[0].start, parts[-1].query.end) == (lower.place, END)
    assert all(below.query.end == above.start for below, above in pairwise(parts))
    lengths = [(part.query.end or 0) - part.start for part in parts]
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize(
    ("left", "parts"),
    [
        pytest.param(LEAF_PAGES * SIZE, 0, id="few pages"),
        pytest.param(LEAF_PAGES * SIZE + 1, 2, id="a row more"),
        pytest.param(10 * LEAF_PAGES * SIZE, 10, id="many"),
        pytest.param(10**9, MOST_PARTS, id="too many to be true"),
    ],
)
def test_in_so_many_parts(left: int, parts: int) -> None:
    assert len(split(2 * SIZE + left)[1]) == parts


@pytest.mark.parametrize(("end", "parts"), [(1_101, 0), (1_102, 2), (1_105, 5)])
def test_no_part_is_shorter_than_a_second(end: int, parts: int) -> None:
    lower = span(end=end)
    first = page(rows(*[1_100] * 10), cursor_at(1_100), 10**6)
    lower.take(first)

    assert len(lower.split(first)) == parts


def test_rows_of_one_moment_are_not_split() -> None:
    walk = span()
    first = page(rows(*[START] * 10), cursor_at(START), MANY)
    walk.take(first)

    assert walk.split(first) == []
    assert not walk.is_over


@pytest.mark.parametrize("other", [span(is_tail=True), span(end=None)], ids=["tail", "no end"])
def test_what_has_no_evidence_or_no_end_is_not_split(other: Span) -> None:
    assert split(MANY, lower=other)[1] == []


def test_a_part_knows_the_rows_that_were_read_and_lie_in_it() -> None:
    _, parts = split(MANY)
    assert parts[0].start == 1_107
    again = page(rows(*range(1_107, 1_112), first=1_107), "b", MANY)

    assert parts[0].take(again) == [3, 4]


@pytest.mark.parametrize("is_tail", [False, True])
def test_a_span_whose_chains_get_nowhere_is_split_in_two(*, is_tail: bool) -> None:
    """More are counted than there are: a single page is all there is, however many are counted."""
    walk = span(is_tail=is_tail)
    parts: list[Span] = []
    found = rows(*[1_100] * 2 * SIZE)
    while not parts:
        last = page(found[SIZE:], None, 5 * SIZE)
        answer = last if walk.cursor else page(found[:SIZE], cursor_at(1_100), 5 * SIZE)
        walk.take(answer)
        parts = walk.split(answer)

    assert (len(parts), parts[0].start, parts[-1].query.end) == (2, walk.place, END)
    assert {part.is_tail for part in parts} == {is_tail}


# --- Going on ---


def test_a_checkpoint_says_where_to_go_on_and_with_what_count() -> None:
    walk = span()
    walk.take(ascending(1_100, "a", MANY))

    assert walk.checkpoint() == Checkpoint(
        start=1_100,
        then=END,
        end=END,
        query_start=START,
        cursor={"starting_after": "a"},
        rows=10,
        count=MANY,
    )


def test_a_span_goes_on_from_a_checkpoint() -> None:
    walk = span()
    walk.take(ascending(1_100, "a", MANY))
    resumed, *_ = spans_of(walk.checkpoint(), shared(SYNC_END))
    assert (resumed.query, resumed.cursor) == (TimeRange(START, END), {"starting_after": "a"})
    assert (resumed.left, resumed.is_tail) == (MANY - 10, False)
    for _ in range(2):
        resumed.fail(Refused("POST /x", status=400))

    assert resumed.query == TimeRange(1_100, END)


def test_a_tail_that_is_gone_on_with_is_one_still() -> None:
    tail = span(is_tail=True)
    tail.take(ascending(1_100, "a", MANY))

    resumed, *_ = spans_of(tail.checkpoint(), shared(SYNC_END))
    assert resumed.is_tail


# --- All of it together ---


@given(
    st.lists(st.integers(START, END - 1), max_size=150),
    st.integers(1, 7),
    st.randoms(use_true_random=False),
)
def test_each_row_comes_once_however_a_span_is_split(
    times: list[int], size: int, rng: random.Random
) -> None:
    """Parts are read in any order, as lanes would."""
    found = [row(key, time) for key, time in enumerate(sorted(times))]
    spans, came, pages = [span()], [], 0
    while open_ones := [each for each in spans if not each.is_over]:
        walk = rng.choice(open_ones)
        inside = [each for each in found if walk.query.holds(each.time)]
        at = int(walk.cursor.get("starting_after", 0))
        shown = inside[at : at + size]
        following = str(at + size) if at + size < len(inside) else None
        answer = page(shown, following, len(inside), full=len(shown) >= size)
        came += [shown[place] for place in walk.take(answer)]
        spans += walk.split(answer)
        pages += 1

    assert sorted(came) == sorted(found)
    assert pages <= 10 + 4 * len(times)
