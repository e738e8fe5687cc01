"""A scroll is read whole, however often it breaks off, and never waits for who uses its rows."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from tap_intercom_conversations.api.body import Body
from tap_intercom_conversations.api.retries import fixed_pauses
from tap_intercom_conversations.api.workers import Workers
from tap_intercom_conversations.errors import (
    ApiError,
    CannotWrite,
    LostPlace,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
)
from tap_intercom_conversations.reading import scroll as module
from tap_intercom_conversations.reading import spool
from tap_intercom_conversations.reading.collection import Collection
from tap_intercom_conversations.reading.scroll import LIFETIME_SECONDS, Scroll

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_intercom_conversations.api.client import Client

COMPANIES = Collection(
    name="companies",
    envelope_keys=("data",),
    time_field="updated_at",
    page_size=60,
    scroll_path="/companies/scroll",
)
STARTED = 1_780_358_400
PAGE = 10
NAME = "GET /companies/scroll"
EXISTS = Refused(NAME, status=400, code="scroll_exists")
GONE = NotFound(NAME, status=404, code="not_found")
BROKEN = Unavailable(NAME, status=500)


class ScrollApi:
    """A client of a workspace of so many companies.

    Args:
        count: How many there are.
        fails: What the requests of these numbers meet, from 1 on; a page is lost with it.
    """

    max_tries = 3

    def __init__(self, count: int, fails: dict[int, ApiError] | None = None) -> None:
        self.ids = [str(number) for number in range(count)]
        self.fails = fails or {}
        self.requests = 0
        self.begun = 0
        self.pauses: list[float] = []
        self.ends_without_a_word = False
        self._left: list[str] = []

    def pause(self, seconds: float) -> None:
        """Note a pause."""
        self.pauses.append(seconds)

    def fetch(
        self,
        method: str,
        path: str,
        *,
        decode: Callable[[bytes], Any],
        params: dict[str, str],
        tries: int,
    ) -> tuple[Any, Body]:
        """Answer a request."""
        assert (method, path, tries) == ("GET", "/companies/scroll", 1)
        self.requests += 1
        error = self.fails.get(self.requests)
        if error in (EXISTS, GONE):
            raise error
        if not params:
            self.begun += 1
            self._left = self.ids
        else:
            assert params == {"scroll_param": f"scroll-{self.begun}"}
        if not isinstance(error, RateLimited):
            shown, self._left = self._left[:PAGE], self._left[PAGE:]
        if error is not None:
            raise error
        rows = [{"id": key, "created_at": STARTED - 60} for key in shown]
        on = None if self.ends_without_a_word and not self._left else f"scroll-{self.begun}"
        answer = {"type": "list", "data": rows, "scroll_param": on}
        body = msgspec.json.encode(answer)
        return decode(body), Body(body, packed=False)


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(4)
    with fixed_pauses(0):
        yield made
    made.close()


def scroll(api: ScrollApi, workers: Workers, count: int | None = None, listed: int = 0) -> Scroll:
    counted = len(api.ids) if count is None else count
    collection = replace(COMPANIES, list_most=listed)
    return Scroll(cast("Client", api), workers, collection, counted, STARTED)


class Row(msgspec.Struct):
    """What is looked at here."""

    id: str


def read(scroll: Scroll) -> list[str]:
    """The ids of all rows, in the order in which they came."""
    return [
        row.id for batch in scroll.batches() for row in batch.objects(Row, COMPANIES.envelope_keys)
    ]


@pytest.mark.parametrize("count", [1, 9, 10, 11, 95])
def test_all_rows_come_once(workers: Workers, count: int) -> None:
    api = ScrollApi(count)

    assert read(scroll(api, workers)) == api.ids
    assert api.requests == -(-count // PAGE) + 1  # the last one is empty


def test_rows_without_a_way_on_are_the_end_if_all_have_come(workers: Workers) -> None:
    """To ask without a parameter is to begin another scroll, which the API may refuse."""
    api = ScrollApi(25)
    api.ends_without_a_word = True

    assert read(scroll(api, workers)) == api.ids
    assert api.begun == 1
    with pytest.raises(LostPlace, match="keeps breaking off: 25 came of 26"):
        read(scroll(api, workers, count=26))


@pytest.mark.parametrize("at", range(2, 12))
def test_a_page_that_is_lost_with_its_answer_comes_by_another_scroll(
    workers: Workers, at: int
) -> None:
    api = ScrollApi(95, {at: BROKEN})
    found = read(scroll(api, workers))

    assert sorted(found) == sorted(api.ids)
    assert api.begun == (2 if at <= 10 else 1), "an empty page that is lost is no loss"


@pytest.mark.parametrize("at", range(2, 12))
def test_a_count_that_lies_does_not_hide_a_loss(workers: Workers, at: int) -> None:
    api = ScrollApi(95, {at: BROKEN})

    assert sorted(read(scroll(api, workers, count=10**6))) == sorted(api.ids)


@pytest.mark.parametrize("at", range(2, 11))
@pytest.mark.parametrize("count", [40, 39])
def test_a_count_that_may_be_capped_does_not_hide_a_loss(
    workers: Workers, at: int, count: int
) -> None:
    """The list serves 40 rows at most; or it counts fewer, but refused to go on."""
    api = ScrollApi(95, {at: BROKEN})

    assert sorted(read(scroll(api, workers, count, listed=40))) == sorted(api.ids)


@pytest.mark.parametrize("at", range(2, 11))
def test_companies_that_the_list_leaves_out_do_not_stand_for_what_was_lost(
    workers: Workers, at: int
) -> None:
    """The list counts those with users only; whether the scroll has others is not documented."""
    api = ScrollApi(95, {at: BROKEN})

    assert sorted(read(scroll(api, workers, 70, listed=40))) == sorted(api.ids)


def test_what_was_created_since_does_not_stand_for_what_was_lost(workers: Workers) -> None:
    api = ScrollApi(95, {10: BROKEN})  # the last page, of five
    reading = Scroll(cast("Client", api), workers, COMPANIES, 90, STARTED - 3_600)

    assert sorted(read(reading)) == sorted(api.ids)


@pytest.mark.parametrize("at", [2, 5, 10])
def test_a_scroll_that_is_gone_begins_anew(
    workers: Workers, at: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api = ScrollApi(95, {at: GONE})

    assert sorted(read(scroll(api, workers))) == sorted(api.ids)
    assert api.begun == 2
    assert "The scroll of companies begins anew" in caplog.text


def test_an_answer_that_was_held_back_is_no_loss(workers: Workers) -> None:
    api = ScrollApi(95, {4: RateLimited(NAME, status=429)})

    assert read(scroll(api, workers)) == api.ids
    assert api.begun == 1


def test_somebody_elses_scroll_is_waited_for(
    workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    api = ScrollApi(20, {1: EXISTS, 2: EXISTS})

    assert read(scroll(api, workers)) == api.ids
    assert api.pauses == [LIFETIME_SECONDS] * 2
    assert [record.message[:45] for record in caplog.records] == [
        "There is a scroll of companies already, and a"
    ]


def test_it_is_waited_for_also_where_nothing_is_tried_again(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `--test` just before leaves one open."""
    monkeypatch.setattr(ScrollApi, "max_tries", 1)
    api = ScrollApi(20, {1: EXISTS})

    assert read(scroll(api, workers)) == api.ids
    assert api.pauses == [LIFETIME_SECONDS]


def test_a_scroll_that_never_ends_is_an_error(workers: Workers) -> None:
    api = ScrollApi(20, dict.fromkeys(range(1, 99), EXISTS))

    with pytest.raises(Refused, match="scroll_exists"):
        read(scroll(api, workers))


def test_another_refusal_is_not_waited_for(workers: Workers) -> None:
    api = ScrollApi(20, {1: Refused(NAME, status=400, code="bad_request")})

    with pytest.raises(Refused, match="bad_request"):
        read(scroll(api, workers))
    assert api.pauses == []


def test_a_scroll_that_breaks_off_at_the_same_place_ends_in_an_error(workers: Workers) -> None:
    api = ScrollApi(95, dict.fromkeys(range(3, 99, 3), GONE))

    with pytest.raises(LostPlace, match="keeps breaking off: 20 came of 95"):
        read(scroll(api, workers))


@pytest.mark.parametrize("broken_at", [None, 2])
def test_a_scroll_that_begins_anew_at_each_page_is_an_error(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, broken_at: int | None
) -> None:
    """As if its parameter were lost on the way; a reading that repeats an earlier one may."""
    monkeypatch.setattr(module, "MOST_REPEATED", 30)
    api = ScrollApi(95, {} if broken_at is None else {broken_at: GONE})
    fetch = api.fetch
    monkeypatch.setattr(api, "fetch", lambda *what, **how: fetch(*what, **{**how, "params": {}}))

    with pytest.raises(LostPlace, match="the scroll of companies brings the same rows again"):
        read(scroll(api, workers))


def test_an_api_that_is_down_ends_in_its_error(workers: Workers) -> None:
    api = ScrollApi(95, dict.fromkeys(range(3, 99), BROKEN))

    with pytest.raises(Unavailable):
        read(scroll(api, workers))
    assert api.requests == 2 + api.max_tries


def test_pages_do_not_wait_for_who_uses_them(workers: Workers) -> None:
    api = ScrollApi(995)
    batches = scroll(api, workers).batches()
    next(batches)
    while api.requests < 101:  # all of them, while one was used
        time.sleep(0.01)

    assert sum(len(batch.rows) for batch in batches) == 985


def test_a_full_disk_is_told(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_BYTES", 2_000)

    with pytest.raises(CannotWrite, match=r"more than 2,000 bytes; make room in /.+ or set TMPDIR"):
        read(scroll(ScrollApi(995), workers))


def test_what_was_used_leaves_its_room(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scroll may be larger than what waits of it at once."""
    monkeypatch.setattr(spool, "MOST_BYTES", 10_000)
    api, room = ScrollApi(995), threading.Semaphore(5)
    fetch = api.fetch

    def fetch_if_there_is_room(*what: Any, **how: Any) -> Any:
        assert room.acquire(timeout=30)
        return fetch(*what, **how)

    monkeypatch.setattr(api, "fetch", fetch_if_there_is_room)
    rows = 0
    for batch in scroll(api, workers).batches():
        rows += len(batch.rows)
        room.release()

    assert rows == 995


def test_who_stops_early_stops_the_scroll(workers: Workers) -> None:
    api = ScrollApi(10**6)
    batches = scroll(api, workers).batches()
    next(batches)
    batches.close()  # type: ignore[attr-defined]  # a generator
    workers.close()

    assert api.requests < 10**5
