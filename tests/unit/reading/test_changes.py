"""What changed between two moments: all of it, once, in order, side by side, and from anywhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

import msgspec
import pytest

from tap_intercom_conversations.api.workers import Workers
from tap_intercom_conversations.errors import LostPlace, Unavailable
from tap_intercom_conversations.reading import changes as module
from tap_intercom_conversations.reading.changes import Batch, Changes, read_changes
from tap_intercom_conversations.reading.pages import Page, PageReader, Query
from tap_intercom_conversations.settings import Settings
from tests.conftest import NOW
from tests.support.truth import conversations

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.windows import Resume
    from tests.conftest import Connect, Serve

pytestmark = pytest.mark.usefixtures("no_backoff")

ENDPOINTS = ["search", "list"]
DAY = 86_400


@dataclass
class Reading:
    """Readings of one workspace."""

    server: Sandbox
    open: Callable[..., Changes]
    workers_made: list[Workers]

    def batches(self, **options: Any) -> list[Batch]:
        """All batches of a reading."""
        return list(self.open(**options).batches())

    def rows(self, **options: Any) -> list[tuple[str, int | None]]:
        """All rows of a reading: id and moment."""
        return rows_of(self.batches(**options))

    def truth(self, start: int = 0, end: int = NOW) -> dict[str, int]:
        """Which conversations there are within bounds."""
        found = conversations(self.server).items()
        return {key: moment for key, moment in found if start <= moment < end}

    def middle(self) -> int:
        """A moment with conversations before and after it."""
        return sorted(self.truth().values())[len(self.truth()) // 2]


Read = Callable[..., Reading]


@pytest.fixture
def read(serve: Serve, connect: Connect) -> Iterator[Read]:
    """Readings of a simulated workspace: `read(300, page_size=10).rows(start=...)`."""
    with ExitStack() as stack:

        def opened(size: int, *, switches: Any = None, **settings: Any) -> Reading:
            server = serve(size, **(switches or {}))
            workers_made: list[Workers] = []
            config = {"access_token": server.token, "max_retries": 2, **settings}
            parsed = Settings.parse(config)

            def read_on(
                start: int | None = None, end: int = NOW, resume: Resume | None = None
            ) -> Changes:
                client = connect(server.url, **config)
                workers = Workers(parsed.max_concurrency)
                workers_made.append(workers)
                stack.callback(workers.close)
                bounds = Query(start, end)
                settled = NOW - parsed.lookback_window
                return read_changes(client, parsed, workers, bounds, settled=settled, resume=resume)

            return Reading(server, read_on, workers_made)

        yield opened


class Identified(msgspec.Struct):
    """What these tests look at of a conversation."""

    id: str


def rows_of(batches: list[Batch]) -> list[tuple[str, int | None]]:
    rows = []
    for batch in batches:
        conversations = batch.page.conversations(Identified)
        rows += [(conversations[place].id, batch.page.moments[place]) for place in batch.places]
    return rows


# --- All of it, once, in order ---


@pytest.mark.parametrize("threads", [1, 4, 32, 100])
@pytest.mark.parametrize(("conversations", "page_size"), [(0, 10), (9, 10), (10, 10), (700, 10)])
def test_the_search_finds_each_once_in_order(
    read: Read, conversations: int, page_size: int, threads: int
) -> None:
    reading = read(conversations, page_size=page_size, max_concurrency=threads)
    rows = reading.rows()

    assert dict(rows) == reading.truth()
    assert len(rows) == conversations
    assert [moment for _, moment in rows] == sorted(reading.truth().values())


@pytest.mark.parametrize("form", ["object", "string", "url", "page-url"])
def test_the_list_finds_each_once_newest_first(read: Read, form: str) -> None:
    reading = read(300, page_size=20, conversations_endpoint="list", switches={"next_form": form})
    rows = reading.rows()

    assert dict(rows) == reading.truth()
    assert len(rows) == 300
    assert [moment for _, moment in rows] == sorted(reading.truth().values(), reverse=True)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("inclusive", [{}, {"inclusive_comparisons": True}], ids=[">", ">="])
def test_bounds_are_inclusive_below_and_exclusive_above(
    read: Read, endpoint: str, inclusive: dict[str, bool]
) -> None:
    reading = read(200, page_size=20, conversations_endpoint=endpoint, switches=inclusive)
    moments = sorted(reading.truth().values())
    start, end = moments[50], moments[150]
    rows = reading.rows(start=start, end=end)

    assert dict(rows) == reading.truth(start, end)
    assert start in dict(rows).values()
    assert end not in dict(rows).values()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_thousands_of_one_moment(read: Read, endpoint: str) -> None:
    """As after a bulk action: no window can be cut there."""
    reading = read(700, page_size=10, conversations_endpoint=endpoint)
    workspace = reading.server.workspace
    workspace.bulk_touch(workspace.ids()[100:600], reading.middle())
    rows = reading.rows()

    assert dict(rows) == reading.truth()
    assert len(rows) == 700


def test_a_list_in_no_order_is_read_to_the_end(read: Read) -> None:
    """Whether `sort` is honoured is not documented from 2.7 on."""
    reading = read(
        300,
        page_size=20,
        conversations_endpoint="list",
        switches={"list_honours_order": False},
    )
    start = reading.middle()

    assert dict(reading.rows(start=start)) == reading.truth(start)


def test_a_list_in_order_is_read_no_further_than_the_bound(read: Read) -> None:
    reading = read(300, page_size=20, conversations_endpoint="list")
    start = sorted(reading.truth().values())[-30]

    assert dict(reading.rows(start=start)) == reading.truth(start)
    assert reading.server.counters.requests <= 3


@pytest.mark.parametrize("vanish", [1, 25])
@pytest.mark.parametrize("version", ["1.4", "2.3", "2.16"])
def test_rows_that_slide_up_a_list_by_page_number_are_not_missed(
    read: Read, version: str, vanish: int
) -> None:
    """Older versions do not even say how many there are."""
    reading = read(
        200,
        page_size=20,
        conversations_endpoint="list",
        api_version=version,
        switches={"next_form": "page-url"},
    )
    workspace = reading.server.workspace
    found: set[str] = set()
    for number, batch in enumerate(reading.open().batches()):
        found.update(key for key, _ in rows_of([batch]))
        if number == 2:
            # Those at the top are gone, and all below move up, some into pages already read.
            newest = sorted(reading.truth().items(), key=lambda item: item[1])[-vanish:]
            workspace.delete([key for key, _ in newest])

    assert set(reading.truth()) <= found


@pytest.mark.parametrize("version", ["2.3", "2.16"])
def test_rows_that_slid_up_a_list_before_it_is_gone_on_with(read: Read, version: str) -> None:
    reading = read(
        200,
        page_size=20,
        conversations_endpoint="list",
        api_version=version,
        switches={"next_form": "page-url"},
    )
    whole = reading.batches()[:4]
    newest = sorted(reading.truth().items(), key=lambda item: item[1])[-25:]
    reading.server.workspace.delete([key for key, _ in newest])
    rest = reading.rows(start=NOW - 60, resume=whole[-1].resume)

    assert reading.truth().keys() <= dict(rows_of(whole)).keys() | dict(rest).keys()


# --- Side by side, within limits ---


def test_windows_are_read_side_by_side(read: Read) -> None:
    reading = read(1_500, page_size=20, max_concurrency=32, switches={"latency": 0.04})
    reading.rows()

    counters = reading.server.counters
    # At most a quarter of the requests in flight are searches.
    assert 4 <= counters.max_in_flight <= 8
    # Cutting costs pages that are not full: few of them.
    assert counters.requests <= 1.2 * 75 + 8


def test_one_lane_is_one_page_after_another(read: Read) -> None:
    reading = read(300, page_size=10, max_concurrency=3)
    reading.rows()

    assert reading.server.counters.max_in_flight == 1
    assert reading.server.counters.requests == 30


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_nothing_new_costs_a_request(read: Read, endpoint: str) -> None:
    reading = read(300, page_size=10, conversations_endpoint=endpoint)

    assert reading.rows(start=NOW - 60) == []
    assert reading.server.counters.requests == 1


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("buffer", [100_000, module.BUFFER])
def test_pages_are_not_read_far_ahead_of_a_slow_consumer(
    read: Read, endpoint: str, buffer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = read(2_000, page_size=10, max_concurrency=32, conversations_endpoint=endpoint)
    monkeypatch.setattr(module, "BUFFER", buffer)
    largest, ahead = 1, 0
    for consumed, batch in enumerate(reading.open().batches(), 1):
        largest = max(largest, len(batch.page.body.wire))
        ahead = max(ahead, reading.server.counters.requests - consumed)
    assert consumed >= 200
    lanes = 32 // module.SEARCH_SHARE
    waiting = min(2 * buffer // largest, module.READ_AHEAD * lanes)
    # What waits for its turn, what is under way, and the count of all there is.
    assert ahead <= waiting + lanes + 1


def test_more_lanes_than_cuts_leave_no_window_to_wait_for(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """25 lanes, but 10 cuts are all that 80 pages are worth: the windows are of one size."""
    reading = read(800, page_size=10, max_concurrency=100)
    pages: Counter[int | None] = Counter()
    ask = PageReader.read

    def counted(reader: PageReader, query: Query, position: Position) -> Page:
        pages[query.start] += 1
        return ask(reader, query, position)

    monkeypatch.setattr(PageReader, "read", counted)
    reading.rows()
    assert len(pages) == 11
    assert max(pages.values()) <= 20


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_says_how_many_there_are(read: Read, endpoint: str) -> None:
    reading = read(300, page_size=10, conversations_endpoint=endpoint)
    changes = reading.open()
    list(changes.batches())

    assert changes.total == pytest.approx(300, rel=0.1)


# --- From anywhere ---


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_reading_goes_on_from_any_batch(read: Read, endpoint: str) -> None:
    """What was written, and what a reading from there finds, is everything; little of it twice."""
    reading = read(200, page_size=10, max_concurrency=16, conversations_endpoint=endpoint)
    whole = reading.batches()
    for number in range(0, len(whole), 3):
        written = rows_of(whole[: number + 1])
        resume = whole[number].resume
        rest = reading.rows(start=resume["end"], resume=resume) if resume is not None else []

        assert {**dict(written), **dict(rest)} == reading.truth()
        assert len(written) + len(rest) <= 200 + 10
    assert whole[-1].resume is None


def test_a_reading_goes_on_from_any_batch_though_cursors_go_wrong(read: Read) -> None:
    """Windows that wait for their turn have been begun anew meanwhile."""
    reading = read(
        400,
        page_size=10,
        max_concurrency=32,
        switches={"cursor_fault": "refuse", "cursor_fault_page": 3},
    )
    whole = []
    for batch in reading.open().batches():
        whole.append(batch)
        time.sleep(0.005)  # as it is written, the windows above are read
    for number in range(0, len(whole) - 1, 6):
        written = rows_of(whole[: number + 1])
        resume = whole[number].resume
        assert resume is not None
        rest = reading.rows(start=resume["end"], resume=resume)

        assert {**dict(written), **dict(rest)} == reading.truth()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_reading_that_goes_on_reads_what_is_newer_too(read: Read, endpoint: str) -> None:
    reading = read(200, page_size=10, conversations_endpoint=endpoint)
    end = reading.middle()
    resume = reading.batches(end=end)[3].resume
    assert resume is not None
    assert resume["end"] == end
    rest = dict(reading.rows(start=end, resume=resume))

    assert reading.truth(end).items() <= rest.items()
    assert len(rest) > len(reading.truth(end))


def test_going_on_in_the_middle_of_one_moment(read: Read) -> None:
    """The bookmark alone could not say where: progress is made among ties as well."""
    reading = read(200, page_size=10, max_concurrency=1)
    workspace = reading.server.workspace
    workspace.bulk_touch(workspace.ids(), NOW - DAY)
    whole = reading.batches()
    rest = reading.rows(start=NOW - 60, resume=whole[9].resume)

    assert len(rest) == 100
    assert {key for key, _ in rows_of(whole[:10])}.isdisjoint(key for key, _ in rest)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_cursor_that_is_refused_later_on_costs_rows_read_twice_never_rows(
    read: Read, endpoint: str
) -> None:
    reading = read(100, page_size=10, conversations_endpoint=endpoint)
    resume = reading.batches()[4].resume
    assert resume is not None
    resume["position"] = {"starting_after": "no longer good"}
    after = resume["at"] if endpoint == "search" else None
    rest = dict(reading.rows(start=NOW - 60, resume=resume))

    assert reading.truth(after or 0).items() <= rest.items()


# --- Failures ---


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_all_before_a_failure_comes_out_first(read: Read, endpoint: str) -> None:
    reading = read(700, page_size=10, max_concurrency=32, conversations_endpoint=endpoint)
    whole = reading.rows()
    reading.server.counters.reset()
    written: list[Batch] = []

    def after_thirty(*_: object) -> str:
        return "500" if reading.server.counters.requests > 30 else ""

    with mock.patch.object(reading.server.gate.faults, "draw", after_thirty):
        batches = reading.open().batches()
        with pytest.raises(Unavailable, match="500"):
            written.extend(batches)
    assert 0 < len(written) <= 30
    assert rows_of(written) == whole[: len(rows_of(written))]
    # And the next reading goes on right there.
    resume = written[-1].resume
    assert resume is not None
    rest = reading.rows(start=resume["end"], resume=resume)
    assert dict(rows_of(written)) | dict(rest) == reading.truth()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("fault", ["same", "alternate", "refuse"])
def test_cursors_that_go_wrong_a_few_times(read: Read, endpoint: str, fault: str) -> None:
    reading = read(
        200,
        page_size=10,
        max_concurrency=1,
        conversations_endpoint=endpoint,
        switches={"cursor_fault": fault, "cursor_fault_times": 3},
    )

    assert dict(reading.rows()) == reading.truth()


def test_cursors_that_lead_nowhere_end_in_an_error(read: Read) -> None:
    reading = read(
        200, page_size=10, conversations_endpoint="list", switches={"cursor_fault": "same"}
    )

    with pytest.raises(LostPlace):
        reading.rows()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("envelope", ["null", "none"])
def test_an_answer_without_rows_is_an_error_never_the_end(
    read: Read, endpoint: str, envelope: str
) -> None:
    reading = read(50, conversations_endpoint=endpoint, switches={"envelope": envelope})

    with pytest.raises(Exception, match="no conversations"):
        reading.rows()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_giving_up_leaves_nothing_under_way(read: Read, endpoint: str) -> None:
    reading = read(700, page_size=10, conversations_endpoint=endpoint, switches={"latency": 0.005})
    batches = reading.open().batches()
    next(batches)
    batches.close()  # type: ignore[attr-defined]  # a generator
    asked = reading.server.counters.requests
    reading.workers_made[0].close()

    # What was in flight has come to its end; nothing new was asked for.
    assert reading.server.counters.requests <= asked + 8
