"""conversations against the simulated workspace: whole, incremental, in every form of pages."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.settings.schema import MOST_FILTERS
from tests.conftest import NOW, Run, Runner
from tests.support.truth import WHOLE, conversations, differences, moment, rows, within

if TYPE_CHECKING:
    from tests.conftest import Json, Serve

ENDPOINTS = ["search", "list"]
LOOKBACK = 600


# --- All of it ---


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_conversation_is_as_it_is(serve: Serve, run_tap: Runner, endpoint: str) -> None:
    server = serve(200)
    run = run_tap(server, conversations_endpoint=endpoint, page_size=30, **WHOLE)
    truth = {row["id"]: row for row in rows(server, "conversations", run.schema())}

    assert run.status == 0
    assert run.once() == truth.keys()
    assert [differences(record, truth[record["id"]]) for record in run.records()] == [[]] * 200


def test_the_search_comes_oldest_first_and_the_bookmark_is_the_last(
    serve: Serve, run_tap: Runner
) -> None:
    server = serve(200)
    run = run_tap(server, page_size=30)
    moments = [record["updated_at"] for record in run.records()]

    assert all(before <= after for before, after in pairwise(moments))
    assert run.bookmark() == moments[-1] == moment(max(conversations(server).values()))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_5000_conversations_and_what_changed_since(
    serve: Serve, run_tap: Runner, endpoint: str
) -> None:
    server = serve(5_000, templates=50)
    settings: Json = {"conversations_endpoint": endpoint}
    first = run_tap(server, **settings)
    assert first.once() == within(server)
    assert server.counters.requests <= 40

    server.counters.reset()
    bookmark = max(conversations(server).values())
    server.workspace.tick(LOOKBACK)
    touched = {identifier for identifier, _ in server.workspace.touch_some(60)}
    second = run_tap(server, state=first.state, **settings)
    assert second.once() == touched | within(server, bookmark - LOOKBACK)
    assert len(second.records()) < 60 + 20
    assert server.counters.requests <= 5

    server.counters.reset()
    third = run_tap(server, state=second.state, **settings)
    assert third.once() <= touched
    assert third.bookmark() == second.bookmark()
    assert server.counters.requests <= 5


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_any_state_on_the_way_is_good_to_go_on_from(
    serve: Serve, run_tap: Runner, endpoint: str
) -> None:
    """What had been written when a STATE came, and a run from there, is everything."""
    server = serve(150)
    server.workspace.bulk_touch(server.workspace.ids()[40:110], NOW - 86_400)
    settings: Json = {"conversations_endpoint": endpoint, "page_size": 10}
    whole = run_tap(server, **settings)
    written: set[str] = set()
    states: list[tuple[frozenset[str], Any]] = []
    for message in whole.messages:
        if message["type"] == "RECORD":
            written.add(message["record"]["id"])
        elif message["type"] == "STATE":
            states.append((frozenset(written), message["value"]))

    assert len(states) >= 15
    for before, state in states[::2]:
        rest = run_tap(server, state=state, **settings)
        assert before | set(rest.ids()) == within(server)
        # At least once: what is looked back for may come again, the 70 of one moment for one.
        assert len(rest.ids()) <= 150 - len(before) + 10 + 70
        assert rest.state == whole.state


# --- Pages in all their forms ---


@pytest.mark.parametrize("form", ["object", "string", "url"])
@pytest.mark.parametrize("last", ["missing", "null", "empty-object", "null-cursor"])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_form_of_the_next_page(
    serve: Serve, run_tap: Runner, endpoint: str, form: str, last: str
) -> None:
    server = serve(60, next_form=form, last_form=last, per_page_as_string=True)
    run = run_tap(server, conversations_endpoint=endpoint, page_size=7, max_concurrency=4)

    assert run.once() == within(server)


def test_page_numbers_on_the_list(serve: Serve, run_tap: Runner) -> None:
    server = serve(60, next_form="page-url")

    assert run_tap(server, conversations_endpoint="list", page_size=7).once() == within(server)


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize(
    ("endpoint", "switches"),
    [
        ("list", {"next_form": "page-url"}),
        ("search", {"next_form": "page-url", "search_by_page": True}),
        ("search", {}),
    ],
    ids=["list by number", "search by number", "search by cursor"],
)
def test_pages_of_changing_sizes(
    serve: Serve, run_tap: Runner, endpoint: str, switches: Json
) -> None:
    """Page 5 of 16 rows is another place than page 5 of 50: what is passed over would be lost."""
    server = serve(400, fault_502=0.5, fault_seed=4, **switches)
    run = run_tap(
        server, conversations_endpoint=endpoint, page_size=50, max_concurrency=1, max_retries=20
    )

    assert run.status == 0
    assert set(run.ids()) == within(server)


OLD = [("2.0", "search"), ("2.3", "search"), ("2.5", "search"), ("1.4", "list"), ("2.3", "list")]


@pytest.mark.parametrize(("version", "endpoint"), OLD)
def test_old_versions_are_complete_and_incremental(
    serve: Serve, run_tap: Runner, version: str, endpoint: str
) -> None:
    """By cursor in the search, by a URL with a page number in the list; ties go over pages."""
    server = serve(200)
    workspace = server.workspace
    workspace.bulk_touch(workspace.ids()[50:110], sorted(conversations(server).values())[100])
    settings: Json = {
        "api_version": version,
        "conversations_endpoint": endpoint,
        "page_size": 10,
        "max_concurrency": 16,
    }
    first = run_tap(server, **settings)
    changed = {identifier for identifier, _ in workspace.touch_some(25)}
    server.counters.reset()
    run_tap.now += 3_600
    second = run_tap(server, state=first.state, **settings)

    assert (first.status, second.status) == (0, 0)
    assert first.once() == within(server)
    assert changed <= second.once()
    assert len(second.ids()) < 40
    # The clock; three pages of what is new and one that is all too old, twice where pages have
    # numbers; or three pages, the tail and what is beyond.
    assert server.counters.requests <= (9 if endpoint == "list" else 7)


BY_NUMBER = pytest.mark.parametrize("form", ["page", "page-url"])


@BY_NUMBER
@pytest.mark.parametrize("version", ["2.3", "2.16"])
def test_page_numbers_on_the_search(serve: Serve, run_tap: Runner, form: str, version: str) -> None:
    """No document has them there, but they are followed: among ties nothing else leads on."""
    server = serve(200, next_form=form, search_by_page=True)
    workspace = server.workspace
    workspace.bulk_touch(workspace.ids()[50:110], workspace.now)
    run = run_tap(server, page_size=7, max_concurrency=16, api_version=version)

    assert run.status == 0
    assert set(run.ids()) == within(server)
    # Each page begins at the moment of the last row before.
    assert len(run.ids()) <= 1.5 * 200


@BY_NUMBER
def test_page_numbers_on_the_search_that_goes_on(serve: Serve, run_tap: Runner, form: str) -> None:
    server = serve(100, next_form=form, search_by_page=True)
    whole = run_tap(server, page_size=7, max_concurrency=1)
    for number in range(1, len(whole.states) - 1, 8):
        state = whole.states[number]
        place = whole.messages.index({"type": "STATE", "value": state})
        before = Run(0, whole.messages[:place], [])
        for vanish in (0, 3):
            # Those are among what was written: the rest of the pages move up.
            workspace = server.workspace
            workspace.touch(before.ids()[:vanish])
            rest = run_tap(server, state=state, page_size=11, max_concurrency=1)

            assert set(before.ids()) | set(rest.ids()) == within(server)


@BY_NUMBER
def test_page_numbers_on_the_search_while_rows_leave_it(
    serve: Serve, run_tap: Runner, form: str
) -> None:
    """Each that leaves would draw one past the reader, on to a page that was read already.

    So a walk begins anew, where ten rows say that it is: a page must hold more.
    """
    server = serve(200, next_form=form, search_by_page=True)
    # What changes meanwhile is younger than the end of the sync: it comes with the next.
    server.workspace.tick(NOW + 60 - server.workspace.now)
    server.switches.set(churn=1)
    first = run_tap(server, page_size=20, max_concurrency=1)
    server.switches.set(churn=0)
    run_tap.now += 7_200
    second = run_tap(server, state=first.state, page_size=20, max_concurrency=1)

    assert (first.status, second.status) == (0, 0)
    copy = {
        record["id"]: record["updated_at"] for run in (first, second) for record in run.records()
    }
    assert copy == {key: moment(at) for key, at in conversations(server).items()}


@BY_NUMBER
def test_page_numbers_that_the_search_does_not_heed(
    serve: Serve, run_tap: Runner, form: str
) -> None:
    """Then the first page comes again and again: seen, and got round by the last moments read.

    Ten rows say where that is, so that a page must hold more.
    """
    server = serve(100, next_form=form)
    assert set(run_tap(server, page_size=20, max_concurrency=4).ids()) == within(server)

    # But not among more ties than a page can hold.
    server.workspace.bulk_touch(server.workspace.ids()[50:80], server.workspace.now)
    run = run_tap(server, page_size=20, max_concurrency=4)
    assert run.status == 1
    assert "again and again" in run.failures[0]


# --- Full tables, and lists in no order, while conversations change ---


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_full_table_is_all_of_it_every_time(serve: Serve, run_tap: Runner, endpoint: str) -> None:
    server = serve(60)
    settings: Json = {"conversations_endpoint": endpoint}
    first = run_tap(server, method="FULL_TABLE", **settings)
    second = run_tap(server, method="FULL_TABLE", state=first.state, **settings)

    assert first.once() == second.once() == within(server)
    assert first.bookmark() is None


def test_a_full_table_has_what_changes_while_it_is_read(serve: Serve, run_tap: Runner) -> None:
    server = serve(200, churn=3)
    run_tap.now = server.workspace.now
    run = run_tap(server, method="FULL_TABLE", page_size=10, max_concurrency=1)

    assert run.status == 0
    assert set(run.ids()) >= set(server.workspace.ids())


@pytest.mark.parametrize("size", [1, 5])
def test_a_list_in_no_order_is_read_to_the_end_whatever_its_pages(
    serve: Serve, run_tap: Runner, size: int
) -> None:
    server = serve(60, list_honours_order=False)
    settings: dict[str, Any] = {"conversations_endpoint": "list", "page_size": size}
    first = run_tap(server, **settings)
    touched = server.workspace.ids()[:5]
    server.workspace.tick(3_600)
    server.workspace.touch(touched)
    run_tap.now = server.workspace.now
    second = run_tap(server, state=first.state, **settings)

    assert set(touched) <= set(second.ids())


# --- Envelopes ---


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("envelope", ["data", "null", "none"])
def test_rows_under_another_key_or_none(
    serve: Serve, run_tap: Runner, endpoint: str, envelope: str
) -> None:
    server = serve(20, envelope=envelope)
    run = run_tap(server, conversations_endpoint=endpoint)

    assert run.status == (0 if envelope == "data" else 1)
    assert sorted(run.ids()) == (sorted(conversations(server)) if envelope == "data" else [])


# --- Settings of its own ---


def test_search_filters_hold_as_well_as_the_bounds(serve: Serve, run_tap: Runner) -> None:
    server = serve(200)
    start = sorted(conversations(server).values())[50]
    states = {record["id"]: record["state"] for record in run_tap(server).records()}
    filters = [{"field": "state", "operator": "=", "value": "open"}]
    run = run_tap(server, search_filters=filters, start_date=moment(start))
    late = [identifier for identifier, at in conversations(server).items() if at >= start]
    wanted = sorted(identifier for identifier in late if states[identifier] == "open")

    assert sorted(run.ids()) == wanted
    assert 0 < len(wanted) < 150


def test_as_many_search_filters_as_the_api_takes(serve: Serve, run_tap: Runner) -> None:
    """It takes 15 in a group; two are the bounds."""
    server = serve(20)
    filters = [{"field": "state", "operator": "!=", "value": "none"}] * MOST_FILTERS
    run = run_tap(server, search_filters=filters)

    assert (run.status, len(run.records())) == (0, 20)


@pytest.mark.parametrize(
    "settings",
    [
        {"api_version": "2.16"},
        {"api_version": "Preview"},
        {"api_version": "Preview", "conversations_endpoint": "list"},
    ],
)
def test_qa_only_if_it_is_asked_for(
    serve: Serve, run_tap: Runner, settings: dict[str, Any]
) -> None:
    server = serve(60)
    asked = run_tap(server, include_qa=True, **settings).records()
    not_asked = run_tap(server, **settings).records()

    for name in ("monitor_evaluations", "scorecards"):
        assert any(record.get(name) for record in asked)
        assert not any(record.get(name) for record in not_asked)
