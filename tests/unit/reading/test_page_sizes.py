"""A page that fails is asked for at smaller sizes, and full means by the size that is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.reading.pages import PageReader
from tests.support.lying_api import LyingApi
from tests.support.serving import Asked, Said, Stub
from tests.unit.reading.test_pages import BOTH, EMPTY, QUERY, listing, page_of, row, search

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.collection import Collection
    from tests.conftest import Answer, Connect

pytestmark = pytest.mark.usefixtures("no_backoff")

SIZES = [150, 50, 16, 5, 1]


# --- Full pages ---


def test_a_page_is_full_by_the_size_that_was_asked_for(connect: Connect, answer: Answer) -> None:
    said = {"conversations": [row(number) for number in range(5)]}

    assert page_of(connect, answer, said, 5).is_full
    assert not page_of(connect, answer, said, 6).is_full


@pytest.mark.parametrize("lie", ["size ignored", "size capped"])
def test_a_page_is_full_by_the_size_that_this_server_serves(lie: str) -> None:
    """Or an end could not be told from the pages of a server that gives ten at most."""
    api = LyingApi({f"{number:02d}": 1_000 + number for number in range(40)}, [lie])
    reader = PageReader(api, search(30))  # type: ignore[arg-type]  # a client's stand-in
    page = reader.read(QUERY, {})
    assert page.is_full
    while page.next:
        page = reader.read(QUERY, page.next)

    assert page.is_full
    assert page.size == len(page.rows) < 30


# --- Smaller pages ---


def too_large_above(size: int, status: int = 502) -> Callable[[Asked], Said]:
    """An API that cannot serve pages larger than so many rows."""

    def said(asked: Asked) -> Said:
        if size_of(asked) > size:
            return Said(b"<html>Bad Gateway</html>", status)
        return Said(EMPTY)

    return said


def size_of(asked: Asked) -> int:
    return int((asked.body or {"pagination": asked.query})["pagination"]["per_page"])


def sizes(server: Stub) -> list[int]:
    """The page sizes that were asked for, each once."""
    return list(dict.fromkeys(size_of(asked) for asked in server.asked))


@BOTH
@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 404])
def test_a_page_that_keeps_failing_is_asked_for_at_smaller_sizes(
    connect: Connect, answer: Answer, status: int, kind: Callable[[], Collection]
) -> None:
    server = answer(too_large_above(1, status))

    assert PageReader(connect(server.url), kind()).read(QUERY, {}).size == 1
    assert sizes(server) == SIZES


def test_a_page_that_is_larger_than_any_body_is_asked_for_smaller(
    connect: Connect, answer: Answer
) -> None:
    def said(asked: Asked) -> Said:
        return Said(EMPTY, headers={"Content-Length": "9" * 12} if size_of(asked) > 16 else {})

    server = answer(said)

    assert PageReader(connect(server.url, max_retries=0), search()).read(QUERY, {}).size == 16


def test_the_same_page_is_asked_for_at_every_size(connect: Connect, answer: Answer) -> None:
    server = answer(too_large_above(16))
    PageReader(connect(server.url), search()).read(QUERY, {"starting_after": "abc"})

    assert {asked.body["pagination"]["starting_after"] for asked in server.asked} == {"abc"}
    assert len({str(asked.body["query"]) for asked in server.asked}) == 1


def test_a_number_means_the_same_place_at_every_size(connect: Connect, answer: Answer) -> None:
    server = answer(too_large_above(16))
    position: Position = {"page": 3, "per_page": 150, "served": 150}
    PageReader(connect(server.url), listing()).read(QUERY, position)
    first_rows = [(int(asked.query["page"]) - 1) * size_of(asked) for asked in server.asked]

    assert all(285 < first <= 300 for first in first_rows)


def test_keeps_to_a_size_that_works_and_grows_again_after_a_while(
    connect: Connect, answer: Answer
) -> None:
    limit = 16

    def said(asked: Asked) -> Said:
        return too_large_above(limit)(asked)

    server = answer(said)
    reader = PageReader(connect(server.url), search())
    reader.read(QUERY, {})
    server.asked.clear()
    limit = 150
    got = [reader.read(QUERY, {}).size for _ in range(20)]

    assert got == sorted(got)
    assert (got[0], got[-1]) == (16, 150)
    assert len(server.asked) == 20


def test_a_size_never_goes_past_the_setting(connect: Connect, answer: Answer) -> None:
    server = answer(too_large_above(3))
    reader = PageReader(connect(server.url), search(7))
    for _ in range(20):
        reader.read(QUERY, {})

    assert sizes(server)[0] == max(sizes(server)) == 7
    assert 1 <= min(sizes(server)) <= 3


def test_if_even_a_single_row_fails_it_is_told(connect: Connect, answer: Answer) -> None:
    server = answer(too_large_above(0))

    with pytest.raises(errors.Unavailable, match="502"):
        PageReader(connect(server.url), search()).read(QUERY, {})
    assert sizes(server) == SIZES


def test_a_budget_that_is_used_up_is_no_matter_of_size(connect: Connect, answer: Answer) -> None:
    server = answer(Said(b"", 429, {"Retry-After": "0"}))

    with pytest.raises(errors.RateLimited):
        PageReader(connect(server.url), search()).read(QUERY, {})
    assert sizes(server) == [150]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_no_matter_of_size(connect: Connect, answer: Answer, status: int) -> None:
    server = answer(Said(status=status))

    with pytest.raises(errors.ApiError):
        PageReader(connect(server.url), search()).read(QUERY, {})
    assert len(server.asked) == 1


def test_without_retries_each_size_has_one_try(connect: Connect, answer: Answer) -> None:
    server = answer(too_large_above(5))
    PageReader(connect(server.url, max_retries=0), search()).read(QUERY, {})

    assert [size_of(asked) for asked in server.asked] == [150, 50, 16, 5]
