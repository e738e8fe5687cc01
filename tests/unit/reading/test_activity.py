"""What counts tell of a span's activity: enough to cut it into equal parts, and at little cost."""

from __future__ import annotations

from bisect import bisect_left
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_intercom_conversations.reading.activity import (
    COUNTS_PER_PAGE,
    EVEN,
    MOST_COUNTS,
    SHORTEST,
    Activity,
    Survey,
)
from tap_intercom_conversations.reading.pages import Count, Query

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 10
START, YEAR = 1_700_000_000, 365 * 86_400
END = START + YEAR
samples = st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 500)), max_size=12)


def known(*counts: tuple[int, int]) -> Activity:
    activity = Activity()
    for moment, count in counts:
        activity.learn(moment, count)
    return activity


# --- What is known ---


def test_what_lies_between_two_counts_is_taken_to_be_even() -> None:
    activity = known((100, 0), (200, 50), (300, 1_050))

    assert [activity.before(moment) for moment in (50, 100, 150, 200, 250, 300, 400)] == [
        *(0, 0, 25, 50, 550, 1_050, 1_050)
    ]
    # Of 1,050 rows: 525 are 475 after the first 50, and those are nearly half of the second half.
    assert activity.between(100, 300, 0.5) == 247
    assert activity.between(200, 300, 0.1) == 210


def test_where_nothing_was_counted_half_of_the_time_is_half_of_the_rows() -> None:
    assert Activity().between(100, 300, 0.25) == 150
    assert known((100, 7)).between(200, 300, 0.5) == 250
    # Nor does it help that nothing was found.
    assert known((100, 7), (400, 7)).between(200, 300, 0.5) == 250


def test_a_lull_is_passed_over() -> None:
    assert known((0, 0), (10, 60), (1_000, 60), (1_010, 120)).between(0, 1_010, 0.5) == 1_000


@given(samples, st.integers(0, 1_000), st.integers(0, 1_000), st.floats(0, 1))
def test_a_part_lies_within_whatever_was_counted(
    counts: list[tuple[int, int]], one: int, other: int, share: float
) -> None:
    """Rows come and go while they are counted, so counts may contradict each other."""
    bottom, top = sorted((one, other))
    activity = known(*counts)

    assert activity.moments == sorted({moment for moment, _ in counts})
    assert bottom <= activity.between(bottom, top, share) <= top
    assert activity.before(bottom) <= activity.before(top)


@given(samples.filter(bool), st.integers(0, 1_000), st.integers(0, 1_000))
def test_larger_shares_end_later(counts: list[tuple[int, int]], one: int, other: int) -> None:
    bottom, top = sorted((one, other))
    activity = known(*counts)
    ends = [activity.between(bottom, top, tenths / 10) for tenths in range(11)]

    assert ends == sorted(ends)


# --- Finding out ---


@dataclass
class Workspace:
    """Counts what it has, as a worker would; `asked` are the ends of the spans counted."""

    moments: list[int]
    fails: Callable[[int], bool] = lambda _: False
    stale: bool = False
    times: int = 1
    asked: list[int] = field(default_factory=list)

    def count(self, query: Query) -> Future[Count | None]:
        """Answer at once."""
        self.asked.append(query.end)
        rows = bisect_left(self.moments, query.end)
        future: Future[Count | None] = Future()
        last = self.moments[rows - 1] if rows else None
        if self.stale and query.end != END:
            last = END - 60
        future.set_result(None if self.fails(query.end) else Count(rows * self.times, last))
        return future


def survey(workspace: Workspace, lanes: int = 7, total: int | None = None) -> Survey:
    """A survey that has found out all that it will."""
    made = Survey(Query(START, END), SIZE, workspace.count)
    made.begin()
    made.activity.learn(START, 0)
    made.expect(total or len(workspace.moments))
    for _ in range(1_000):
        made.collect()
        if made.over:
            break
        made.go_on(lanes)
    assert made.over
    return made


def growing(rows: int) -> list[int]:
    """Ever more: an eighth of them in the first half of the time."""
    return [START + int(YEAR * (row / rows) ** (1 / 3)) for row in range(rows)]


def test_a_small_span_is_counted_once() -> None:
    workspace = Workspace(growing(EVEN * SIZE))

    found = survey(workspace)
    assert workspace.asked == [END]
    assert found.asked == 0
    assert found.last == workspace.moments[-1]


def test_it_asks_for_nothing_before_it_begins() -> None:
    workspace = Workspace(growing(50_000))
    made = Survey(Query(START, END), SIZE, workspace.count)
    made.go_on(7)

    assert workspace.asked == []
    assert not made.over


@pytest.mark.parametrize("lanes", [1, 7, 24])
def test_activity_that_grows_is_cut_into_equal_parts(lanes: int) -> None:
    workspace = Workspace(growing(50_000))
    found = survey(workspace, lanes)

    for place in range(1, 10):
        cut = found.activity.between(START, END, place / 10)
        assert bisect_left(workspace.moments, cut) == pytest.approx(place * 5_000, abs=500)


def test_it_looks_where_most_is() -> None:
    """Half of all within two hours of a year, as when rules close what is old."""
    even = [START + YEAR * row // 25_000 for row in range(25_000)]
    mass = [START + YEAR // 3 + 7_200 * row // 25_000 for row in range(25_000)]
    workspace = Workspace(sorted(even + mass))
    found = survey(workspace)

    first, last = (found.activity.between(START, END, share) for share in (0.25, 0.6))
    assert mass[0] - 86_400 <= first < last <= mass[-1] + 86_400


def test_even_activity_is_not_looked_at_more_closely_than_it_needs() -> None:
    pages = 2_000
    workspace = Workspace([START + YEAR * row // (pages * SIZE) for row in range(pages * SIZE)])

    assert survey(workspace).asked <= 2 * pages / EVEN


@pytest.mark.parametrize("kind", ["one second", "growing"])
def test_the_cost_is_bounded(kind: str) -> None:
    rows = 50_000
    workspace = Workspace([START + 5] * rows if kind == "one second" else growing(rows))
    found = survey(workspace)

    assert found.asked == len(workspace.asked) - 1
    assert found.asked <= COUNTS_PER_PAGE * rows / SIZE
    # What is shorter than that is never asked for twice.
    assert len(set(workspace.asked)) == len(workspace.asked)
    assert kind == "growing" or found.asked <= (YEAR // SHORTEST).bit_length() + 1


@pytest.mark.parametrize("pages", [5_000, 100_000])
def test_counts_that_cannot_be_are_not_followed_for_ever(pages: int) -> None:
    """What is asked for goes by what the pages say, whatever counts do."""
    workspace = Workspace(growing(50_000), times=1_000_000)
    made = survey(workspace, total=pages * SIZE)

    assert made.asked == min(MOST_COUNTS, COUNTS_PER_PAGE * pages)


def test_what_cannot_be_counted_is_done_without() -> None:
    workspace = Workspace(growing(50_000), fails=lambda _: True)
    found = survey(workspace)

    assert workspace.asked == [END]
    assert found.last is None
    assert found.activity.between(START, END, 0.5) == START + YEAR // 2


def test_a_count_that_fails_leaves_the_others() -> None:
    workspace = Workspace(growing(50_000), fails=lambda end: end != END and end % 2 == 0)
    found = survey(workspace)

    assert found.asked > 10
    cut = found.activity.between(START, END, 0.5)
    assert bisect_left(workspace.moments, cut) == pytest.approx(25_000, abs=3_000)


def test_a_row_at_its_old_place_says_nothing_of_later_moments() -> None:
    """The last row before a moment was touched just now, and the index has not caught up."""
    workspace = Workspace(growing(50_000), stale=True)
    found = survey(workspace)

    cut = found.activity.between(START, END, 0.5)
    assert bisect_left(workspace.moments, cut) == pytest.approx(25_000, abs=500)
