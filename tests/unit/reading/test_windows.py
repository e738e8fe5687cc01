"""A window finds all its rows once, however it is cut and wherever a cursor leads."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_intercom_conversations.api.body import Body
from tap_intercom_conversations.errors import ApiError, LostPlace, Refused, Unavailable
from tap_intercom_conversations.reading.activity import Activity
from tap_intercom_conversations.reading.pages import Page, Query
from tap_intercom_conversations.reading.windows import MOST_REOPENINGS, Resume, Window
from tests.support.hostile import SETTINGS

START, END = 1_000, 2_000
SETTLED = 5_000
"""Past the end: the search's index is complete."""
EVENLY = Activity()
"""Nothing was counted, so half of the time is half of the rows."""


def window(start: int | None = START, end: int = END, settled: int = SETTLED) -> Window:
    return Window(Query(start, end), settled, END)


def page(*moments: int, cursor: Any = None, total: int | None = None) -> Page:
    """A page of rows with these moments; without a cursor it is the last."""
    pages = {"next": {"starting_after": cursor}} if cursor else {}
    return Page(Body(b"", packed=False), list(moments), total, pages, 150)


def arrive(of: Window, what: Page | Exception) -> None:
    """Have a page, or what became of it, taken in."""
    future: Future[Page] = Future()
    if isinstance(what, Page):
        future.set_result(what)
    else:
        future.set_exception(what)
    of.take(future)


def moments(of: Window) -> list[int | None]:
    """The moments of the rows that wait to be emitted."""
    return [each.page.moments[place] for each in of.fetched for place in each.places]


# --- One walk ---


def test_a_walk_follows_its_cursors_to_the_last_page() -> None:
    walk = window()
    asked = [walk.position]
    for what in (page(1_000, 1_100, cursor="a"), page(1_200, cursor="b"), page(1_999)):
        arrive(walk, what)
        asked.append(walk.position)

    assert asked[:3] == [{}, {"starting_after": "a"}, {"starting_after": "b"}]
    assert moments(walk) == [1_000, 1_100, 1_200, 1_999]
    assert walk.ended
    assert walk.over


def test_rows_outside_the_bounds_are_not_its_own() -> None:
    walk = window()
    arrive(walk, page(999, 1_000, 1_999, 2_000))

    assert moments(walk) == [1_000, 1_999]


def test_an_empty_window_is_over_at_once() -> None:
    walk = window()
    arrive(walk, page(total=0))

    assert walk.ended
    assert moments(walk) == []


def test_each_page_but_the_last_says_where_to_go_on() -> None:
    walk = window()
    arrive(walk, page(1_000, 1_100, cursor="a"))
    arrive(walk, page(1_200))

    assert [each.resume for each in walk.fetched] == [
        Resume(start=START, end=END, position={"starting_after": "a"}, at=1_100, settled=True),
        None,
    ]


def test_a_walk_that_was_broken_off_goes_on_at_its_cursor() -> None:
    resume = Resume(start=START, end=END, position={"starting_after": "a"}, at=1_100, settled=False)
    walk = Window.resumed(resume, SETTLED, END)
    assert not walk.settled  # nor is it now: what reached the index late is behind the cursor
    assert walk.position == {"starting_after": "a"}
    arrive(walk, page(1_200, total=9))

    assert moments(walk) == [1_200]
    assert walk.ended


def test_a_failure_is_handed_on() -> None:
    walk = window()

    with pytest.raises(Unavailable):
        arrive(walk, Unavailable("POST /conversations/search", status=502))


def test_pages_that_end_before_all_that_were_counted_are_looked_at_once_more() -> None:
    walk = window()
    arrive(walk, page(1_000, 1_100, total=4))
    assert (walk.over, walk.query, walk.position) == (False, Query(1_100, END), {})

    # Rows that have left the span are counted no more; once is enough.
    arrive(walk, page(1_100, 1_300, 1_400, total=4))
    assert walk.ended
    assert set(moments(walk)) == {1_000, 1_100, 1_300, 1_400}


# --- Cursors that lead nowhere ---


def bad_cursor(walk: Window, how: str) -> None:
    if how == "refused":
        arrive(walk, Refused("POST /conversations/search", status=400, code="client_error"))
    else:
        arrive(walk, page(walk.high or START, cursor="a"))


@pytest.mark.parametrize("how", ["refused", "repeated"])
def test_a_bad_cursor_opens_the_walk_anew_at_the_last_moment_read(how: str) -> None:
    walk = window()
    arrive(walk, page(1_000, 1_100, cursor="a"))
    bad_cursor(walk, how)

    assert not walk.over
    assert (walk.query, walk.position) == (Query(1_100, END), {})


def test_a_window_that_is_opened_anew_still_begins_where_it_began() -> None:
    """What waits for its turn was read before: a sync that is broken off must not pass over it."""
    walk = window()
    arrive(walk, page(1_000, 1_100, cursor="a"))
    bad_cursor(walk, "refused")
    upper = walk.cut(0.5, EVENLY)

    assert walk.start == START
    assert upper is not None
    assert upper.start == walk.end


@pytest.mark.parametrize("how", ["refused", "repeated"])
def test_a_walk_that_gets_nowhere_ends_in_an_error_never_quietly(how: str) -> None:
    walk = window()

    def go_on() -> None:
        for _ in range(50):
            arrive(walk, page(1_100, 1_100, cursor="a"))
            bad_cursor(walk, how)

    with pytest.raises(LostPlace, match="1100"):
        go_on()
    assert not walk.ended


@pytest.mark.parametrize("how", ["refused", "repeated"])
def test_a_walk_that_gets_on_is_not_given_up(how: str) -> None:
    walk = window()
    for moment in range(1_000, 1_000 + 10 * MOST_REOPENINGS):
        arrive(walk, page(moment, cursor="a"))
        bad_cursor(walk, how)
    arrive(walk, page(1_999))

    assert walk.ended
    assert set(moments(walk)) == {*range(1_000, 1_000 + 10 * MOST_REOPENINGS), 1_999}


def test_a_refusal_of_the_first_page_is_no_matter_of_cursors() -> None:
    with pytest.raises(ApiError):
        arrive(window(), Refused("POST /conversations/search", status=400))


# --- Cuts ---


def test_a_cut_leaves_no_gap_and_no_overlap() -> None:
    lower = window()
    arrive(lower, page(1_000, cursor="a", total=100))
    upper = lower.cut(0.5, EVENLY)

    assert upper is not None
    assert upper.query == Query(lower.end, END)
    assert START < lower.end < END


def test_a_window_that_is_cut_while_it_is_read_stops_at_the_cut() -> None:
    lower = window()
    arrive(lower, page(1_000, 1_200, cursor="a", total=100))
    upper = lower.cut(0.5, EVENLY)
    assert upper is not None
    assert lower.end == 1_600
    # It is still asked with its old query, as its cursors belong to that.
    arrive(lower, page(1_300, 1_599, 1_600, cursor="b"))
    arrive(upper, page(1_600, 1_700))

    assert lower.ended
    assert moments(lower) == [1_000, 1_200, 1_300, 1_599]
    assert moments(upper) == [1_600, 1_700]


def test_a_window_that_was_not_opened_yet_is_asked_with_its_new_end() -> None:
    lower = window()
    upper = lower.cut(0.25, EVENLY)

    assert upper is not None
    assert lower.query == Query(START, 1_250)
    assert upper.query == Query(1_250, END)


@pytest.mark.parametrize("read_up_to", [1_998, 1_999])
def test_one_second_cannot_be_cut(read_up_to: int) -> None:
    lower = window()
    arrive(lower, page(1_000, read_up_to, cursor="a", total=9_000))
    upper = lower.cut(0.5, EVENLY)

    assert (upper is None) == (read_up_to == 1_999)


@SETTINGS
@given(st.data())
def test_rows_are_found_once_however_a_window_is_cut(data: st.DataObject) -> None:
    """The pages of the search in between, cut at any time in any place."""
    rows = sorted(data.draw(st.lists(st.integers(START - 1, END), max_size=40)))
    size = data.draw(st.integers(1, 7))
    windows = [window()]
    served = {id(windows[0]): 0}
    for _ in range(400):
        open_ones = [each for each in windows if not each.over]
        if not open_ones:
            break
        walk = data.draw(st.sampled_from(open_ones))
        if len(windows) < 6 and data.draw(st.booleans()):
            upper = walk.cut(data.draw(st.floats(0, 1)), EVENLY)
            if upper is not None:
                windows.insert(windows.index(walk) + 1, upper)
                served[id(upper)] = 0
        if not walk.position:
            served[id(walk)] = 0
        found = [row for row in rows if (walk.query.start or 0) <= row < walk.query.end]
        done = served[id(walk)]
        shown = found[done : done + size]
        served[id(walk)] = done + len(shown)
        more = served[id(walk)] < len(found)
        cursor = f"{walk.query.start}:{served[id(walk)]}" if more else None
        arrive(walk, page(*shown, cursor=cursor, total=len(found)))

    assert all(each.ended for each in windows)
    emitted = [moment for each in windows for moment in moments(each)]
    assert emitted == [row for row in rows if START <= row < END]


# --- An index that lags behind ---


def test_a_row_at_its_old_place_is_emitted_where_it_is_found() -> None:
    """It has its new time already; the window of that time may not find it."""
    lower = window(settled=1_900)
    arrive(lower, page(1_000, cursor="a", total=100))
    upper = lower.cut(0.5, EVENLY)
    assert upper is not None
    arrive(lower, page(1_950, 1_100, cursor="b"))

    assert 1_950 in moments(lower)


def test_a_row_at_its_old_place_does_not_end_the_walk() -> None:
    lower = window(settled=1_900)
    arrive(lower, page(1_000, cursor="a", total=100))
    assert lower.cut(0.5, EVENLY) is not None
    arrive(lower, page(1_950, 1_100, cursor="b"))

    assert not lower.ended
    assert lower.high == 1_100


def test_what_is_not_settled_is_not_cut() -> None:
    walk = window(settled=1_200)
    arrive(walk, page(1_000, 1_199, cursor="a", total=9_000))

    assert walk.cut(0.5, EVENLY) is None
