"""One object must not cost the others: 404s of gateways, conversations and rows nobody can read."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.api import body
from tests.conftest import NOW
from tests.resilience.adversary import LONGEST_LINE, Siege, besieged
from tests.resilience.attacks_reading import in_order
from tests.support.truth import WHOLE, expected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Json, Run

PARTS = "conversation_parts"
BOTH = ("conversations", PARTS)
CONVERSATIONS = 120
OF_ONE = {"fault_endpoints": ["conversation"]}
STATUSES = (500, 410, 403, 401, 422, 301)
NEVER = 0
"""The sandbox's word for an answer that never ends."""


@pytest.fixture
def siege() -> Iterator[Siege]:
    settings: dict[str, Any] = {**WHOLE, "request_timeout": 2}
    with besieged(*BOTH, conversations=CONVERSATIONS, **settings) as made:
        made.lags = True  # what may be missing after which sync, each test says
        yield made


def chosen(siege: Siege, count: int = 1) -> list[str]:
    """Ids from the middle, each with parts."""
    having = {key[0] for key in expected(siege.workspace, PARTS)}
    return [key for key in in_order(siege) if key in having][50 : 50 + count]


OF_THE_SEARCH = {"monitor_evaluations", "scorecards"}
"""Columns that only the search of 2.16 fills."""


def absent(siege: Siege, stream: str = PARTS) -> set[str]:
    """Conversations of which the copy lacks a row, or has another than the truth."""
    held = siege.copy.rows.get(stream, {})
    truth = expected(siege.workspace, stream)
    return {key[0] for key, row in truth.items() if not same(held.get(key), row)}


def same(held: Json | None, row: Json) -> bool:
    """Tell whether a row is the truth; one that was asked for by its id has no figures of QA."""
    return held is not None and all(
        held.get(name) == row.get(name) for name in (held.keys() | row.keys()) - OF_THE_SEARCH
    )


def one_clear_line(run: Run, *named: str) -> None:
    assert run.status == 1
    assert len(run.failures) == 1
    [line] = run.failures
    assert "\n" not in line
    assert len(line) < LONGEST_LINE
    assert all(name in line for name in named)


def heal(siege: Siege, seconds: int = 7_200) -> None:
    """Let the server be honest, and so much time pass that no lookback finds what was missed."""
    siege.honest()
    siege.run_tap.now += seconds


# 6: what a 404 says.


def test_a_gateways_404_now_and_then_is_tried_again(siege: Siege) -> None:
    siege.lie(fault_404_html=0.15, **OF_ONE)
    run = siege.sync(max_retries=8)
    assert (run.status, run.failures) == (0, [])
    assert absent(siege) == set()


@pytest.mark.parametrize("fault", ["fault_404_html", "fault_404_json"])
def test_a_404_for_everything_is_no_deletion(siege: Siege, fault: str) -> None:
    siege.lie(**{fault: 1.0}, **OF_ONE)
    run = siege.sync()
    assert run.status == 1
    assert absent(siege, "conversations") == set()
    heal(siege)
    assert siege.sync().status == 0
    assert absent(siege) == set()


@pytest.mark.parametrize("fault", ["fault_404_html", "fault_404_json"])
def test_a_full_table_that_met_404s_activates_no_version(siege: Siege, fault: str) -> None:
    siege.lie(**{fault: 1.0}, **OF_ONE)
    settings = {**siege.settings, "emit_activate_version_messages": True}
    run = siege.run_tap(siege.server, PARTS, method="FULL_TABLE", **settings)
    assert run.status == 1
    assert "ACTIVATE_VERSION" not in [message["type"] for message in run.messages[2:]]
    siege.honest()
    run = siege.run_tap(siege.server, PARTS, method="FULL_TABLE", **settings)
    assert "ACTIVATE_VERSION" in [message["type"] for message in run.messages[2:]]


@pytest.mark.parametrize("form", ["not_found", "conversation_not_found"])
def test_the_apis_own_word_of_a_deletion_is_believed(siege: Siege, form: str) -> None:
    gone = chosen(siege, 5)
    siege.lie(not_found_form=form)
    asked = siege.server.counters.by_endpoint

    def delete(_: int) -> None:
        if gone and asked["conversation"] == 20:
            siege.workspace.delete([gone.pop()])

    run = siege.sync(act=delete, max_concurrency=1)
    assert (run.status, run.failures) == (0, [])
    assert absent(siege) == set()


# 7: a conversation that cannot be read.


@pytest.mark.parametrize("status", [*STATUSES, NEVER])
def test_one_conversation_that_cannot_be_read(siege: Siege, status: int) -> None:
    [bad] = chosen(siege)
    siege.lie(broken=[bad], broken_status=status)
    run = siege.sync(request_timeout=1, max_retries=0)
    one_clear_line(run, bad)
    assert absent(siege) == {bad}
    assert bad in json.dumps(run.state)
    siege.run_tap.now += 7_200
    one_clear_line(siege.sync(request_timeout=1, max_retries=0), bad)
    heal(siege)
    run = siege.sync()
    assert (run.status, run.failures) == (0, [])
    assert absent(siege) == set()
    assert bad not in json.dumps(run.state)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("no_parts"),
        pytest.param("nested"),
        "utf8",
        "digits",
    ],
)
def test_one_conversation_whose_answer_cannot_be_read(siege: Siege, kind: str) -> None:
    [bad] = chosen(siege)
    # The rows of the pages are good: only the conversation's own answer is not.
    siege.streams = (PARTS,)
    siege.lie(poison={bad: kind})
    run = siege.sync(max_retries=0)
    if run.status:
        one_clear_line(run, bad)
    assert absent(siege) <= ({bad} if run.status else set())
    heal(siege)
    assert siege.sync().status == 0
    assert absent(siege) == set()


def test_a_count_of_parts_that_no_number_holds(siege: Siege) -> None:
    [bad] = chosen(siege)
    siege.lie(poison={bad: "parts_count"})
    run = siege.sync()
    assert absent(siege) <= {bad}
    assert run.status == 0 or bad in run.failures[0]
    heal(siege)
    assert siege.sync().status == 0


def test_one_that_is_deleted_before_it_heals_is_forgotten(siege: Siege) -> None:
    [bad] = chosen(siege)
    siege.lie(broken=[bad])
    assert siege.sync(max_retries=0).status == 1
    siege.workspace.delete([bad])
    heal(siege)
    run = siege.sync()
    assert (run.status, run.failures) == (0, [])
    assert bad not in json.dumps(run.state)


def test_one_that_cannot_be_read_is_kept_through_kills(siege: Siege) -> None:
    [bad] = chosen(siege)
    siege.lie(broken=[bad])
    for share in (0.7, 0.9, 0.2, 1):
        siege.sync(kill=share, max_retries=0)
    heal(siege)
    assert siege.sync().status == 0
    assert absent(siege) == set()


def test_accepted_failures_are_told_and_are_no_failure(
    siege: Siege, caplog: pytest.LogCaptureFixture
) -> None:
    bad, other = chosen(siege, 2)
    siege.lie(broken=[bad])
    run = siege.sync(max_retries=0, accepted_failures=[bad])
    assert (run.status, run.failures) == (0, [])
    assert absent(siege) == {bad}
    assert any(bad in record.getMessage() for record in caplog.records)
    siege.lie(broken=[bad, other])
    siege.workspace.touch([other], NOW)
    siege.run_tap.now = NOW + 60
    one_clear_line(siege.sync(max_retries=0, accepted_failures=[bad]), other)


def test_fewer_than_twenty_do_not_stop_a_stream(siege: Siege) -> None:
    bad = chosen(siege, 15)
    siege.lie(broken=bad)
    run = siege.sync(max_retries=0)
    assert run.status == 1
    assert absent(siege) == set(bad)
    heal(siege)
    assert siege.sync().status == 0
    assert absent(siege) == set()


def test_too_many_fail_the_stream_and_lose_nothing(siege: Siege) -> None:
    siege.lie(broken=chosen(siege, 30))
    run = siege.sync(max_retries=0)
    one_clear_line(run, PARTS)
    assert absent(siege, "conversations") == set()
    heal(siege)
    assert siege.sync().status == 0
    assert absent(siege) == set()


# 8: JSON that no decoder likes.


@pytest.mark.parametrize("endpoint", ["search", "list"])
@pytest.mark.parametrize("kind", ["nested", "1e400", "digits", "utf8", "nan", "control"])
def test_one_row_that_no_decoder_likes(siege: Siege, kind: str, endpoint: str) -> None:
    [bad] = chosen(siege)
    siege.streams = ("conversations", "tags")
    siege.lie(poison={bad: kind})
    run = siege.sync(max_retries=1, conversations_endpoint=endpoint)
    if run.status:
        one_clear_line(run, "conversations")
    assert absent(siege, "conversations") <= {bad}
    assert run.records("tags")
    if bad not in str(run.failures):
        # Not even its key could be read: it comes when it changes.
        siege.workspace.touch([bad], NOW + 7_000, "attribute")
    heal(siege)
    assert siege.sync(conversations_endpoint=endpoint).status == 0
    assert absent(siege, "conversations") == set()


@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_one_row_without_an_id(siege: Siege, endpoint: str) -> None:
    [bad] = chosen(siege)
    siege.streams = ("conversations", "tags")
    siege.lie(poison={bad: "no_id"})
    one_clear_line(siege.sync(conversations_endpoint=endpoint), "conversations")
    assert absent(siege, "conversations") == {bad}
    assert siege.copy.received["tags"]


# 9: sizes and moments.


@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_a_page_that_is_too_large_is_asked_for_smaller(
    siege: Siege, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setattr(body, "LARGEST_BODY_BYTES", 2_000_000)
    siege.streams = ("conversations",)
    siege.lie(padding=3_000_000, padded_above=10)
    run = siege.sync(conversations_endpoint=endpoint)
    assert (run.status, run.failures) == (0, [])
    assert absent(siege, "conversations") == set()


@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_a_moment_that_cannot_be_read_is_told_until_it_can(siege: Siege, endpoint: str) -> None:
    [bad] = chosen(siege)
    siege.streams = ("conversations",)
    siege.lie(poison={bad: "updated_at"})
    for _ in range(3):
        one_clear_line(siege.sync(conversations_endpoint=endpoint), bad)
        assert absent(siege, "conversations") == {bad}
        siege.run_tap.now += 7_200
    heal(siege)
    assert siege.sync(conversations_endpoint=endpoint).status == 0
    assert absent(siege, "conversations") == set()


def test_a_row_of_the_future_comes_and_moves_no_bookmark(siege: Siege) -> None:
    workspace = siege.workspace
    future, other = chosen(siege, 2)
    siege.streams = ("conversations",)
    workspace.touch([future], 2_540_000_000)
    workspace.now = NOW
    run = siege.sync()
    assert (run.status, run.failures) == (0, [])
    assert absent(siege, "conversations") == set()
    assert run.bookmark() < "2026-06-03"
    workspace.touch([other], NOW + 3_000)
    siege.run_tap.now = NOW + 3_600
    run = siege.sync()
    assert {future, other} <= set(run.ids())
    assert len(run.ids()) < 20


@pytest.mark.parametrize(("count", "method"), [pytest.param(10, None), (90, "FULL_TABLE")])
def test_a_machine_whose_clock_is_behind(siege: Siege, count: int, method: str | None) -> None:
    newest = siege.workspace.updated_at(siege.workspace.find(in_order(siege)[-count]) or 0)
    siege.run_tap.now = newest - 1
    run = siege.run_tap(siege.server, method=method, **siege.settings)
    assert (run.status, run.failures) == (0, [])
    assert set(run.ids()) == set(siege.workspace.ids())


# 10: a search that fails at a later page.


def test_a_search_that_fails_at_a_later_page_costs_no_progress(siege: Siege) -> None:
    siege.streams = (PARTS,)
    asked = siege.server.counters.by_endpoint
    left = []
    for _ in range(6):
        first = asked["search"]

        def fail(_: int, first: int = first) -> None:
            siege.lie(fault_endpoints=["search"], fault_500=float(asked["search"] - first > 3))

        siege.sync(act=fail, max_retries=0, page_size=10)
        left.append(len(absent(siege)))
    assert left[0] < len({key[0] for key in expected(siege.workspace, PARTS)})
    assert all(now < before or not before for before, now in pairwise(left))
    heal(siege)
    assert siege.sync().status == 0
    assert absent(siege) == set()
