"""What happened to contacts: all of it once, and on from the cursor where the last sync ended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.json import encode

from tests.conftest import NOW
from tests.support.serving import Said, refusal
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Run, Runner
    from tests.support.serving import Asked

STREAM = "contact_activities"
WHOLE: Json = {"api_version": "Preview"}
LEADS_BACK = (
    "contact_activities: pages of contact activities lead back to one that was read; the next run "
    "goes on from the last one"
)
EVENT = {
    "type": "contact_activity",
    "id": "1.a",
    "event_type": "contact.merged",
    "contact_id": "c2",
    "merge_source_id": "c1",
    "created_at": NOW - 9_000,
}


def state(run: Run) -> Json:
    """What STATE holds of the stream."""
    bookmark: Json = run.state["bookmarks"][STREAM]
    return bookmark


def paged(*pages: list[Json], refused: str = "") -> Any:
    """Answers with pages; the cursor of each but the first is its number."""

    def api(asked: Asked) -> Said:
        cursor = asked.query.get("starting_after", "0")
        if cursor == refused:
            return refusal(400, "client_error")
        number = int(cursor)
        following = {"starting_after": str(number + 1)} if number + 1 < len(pages) else None
        return Said({"type": "list", "data": pages[number], "pages": {"next": following}})

    return api


def test_state_follows_what_is_written(run_tap: Runner, answer: Answer) -> None:
    later = {**EVENT, "id": "2.b", "created_at": NOW - 8_000}
    run = run_tap(answer(paged([EVENT], [later])), STREAM, **WHOLE)
    kept = [one["bookmarks"].get(STREAM, {}).get("cursor") for one in run.states]

    assert state(run) == {
        "replication_key": "created_at",
        "replication_key_value": moment(NOW - 8_000),
        "cursor": "1",
    }
    assert "1" in kept[:-1], "also before the last page"


def test_a_full_table_begins_at_the_beginning(run_tap: Runner, answer: Answer) -> None:
    server = answer(paged([EVENT], [{**EVENT, "id": "2.b"}]))
    first = run_tap(server, STREAM, **WHOLE)
    second = run_tap(server, STREAM, state=first.state, method="FULL_TABLE", **WHOLE)

    assert second.ids(STREAM) == ["1.a", "2.b"]


def test_a_cursor_that_is_refused_costs_nothing(
    run_tap: Runner, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    before = {"bookmarks": {STREAM: {"cursor": "77"}}}
    run = run_tap(answer(paged([EVENT], refused="77")), STREAM, state=before, **WHOLE)

    assert (run.status, run.ids(STREAM)) == (0, ["1.a"])
    assert state(run)["cursor"] is None
    assert "The cursor in STATE is refused" in caplog.text
    assert logging.getLevelName(caplog.records[-1].levelno) != "ERROR"


def test_a_refusal_of_the_first_page_is_an_error(run_tap: Runner, answer: Answer) -> None:
    run = run_tap(answer(paged(refused="0")), STREAM, **WHOLE)

    assert "400 client_error" in run.failures[0]


def test_a_page_that_follows_itself_is_an_error(run_tap: Runner, answer: Answer) -> None:
    page = {"type": "list", "data": [EVENT], "pages": {"next": {"starting_after": "x"}}}
    run = run_tap(answer(lambda _: Said(page)), STREAM, **WHOLE)

    assert run.failures == [LEADS_BACK]
    assert run.ids(STREAM) == ["1.a", "1.a"]


def test_pages_that_lead_round_are_an_error(run_tap: Runner, answer: Answer) -> None:
    def api(asked: Asked) -> Said:
        following = {"": "x", "x": "y", "y": "x"}[asked.query.get("starting_after", "")]
        return Said({"data": [EVENT], "pages": {"next": {"starting_after": following}}})

    run = run_tap(answer(api), STREAM, **WHOLE)

    assert run.failures == [LEADS_BACK]
    assert len(run.ids(STREAM)) == 3


def test_an_event_without_id_has_one_of_its_own_fields(run_tap: Runner, answer: Answer) -> None:
    nameless = {name: value for name, value in EVENT.items() if name != "id"}
    other = {**nameless, "contact_id": None, "merge_source_id": 7}
    run = run_tap(answer(paged([nameless, other])), STREAM, **WHOLE)
    at = moment(NOW - 9_000)

    assert run.ids(STREAM) == [f"{at}/contact.merged/c2/c1", f"{at}/contact.merged//"]


@pytest.mark.parametrize("bad", [None, 7, {"id": "3.c"}, {**EVENT, "created_at": "soon"}])
def test_what_cannot_be_a_row_is_told_and_costs_no_other(
    run_tap: Runner, answer: Answer, bad: Any
) -> None:
    run = run_tap(answer(paged([bad, EVENT])), STREAM, **WHOLE)

    assert run.ids(STREAM) == ["1.a"]
    assert "the API sent what cannot be a row: 1 " in run.failures[0]


@pytest.mark.parametrize("levels", [300, 3_000])
def test_what_no_decoder_reads_is_told_and_costs_no_other(
    run_tap: Runner, answer: Answer, levels: int
) -> None:
    deep = b'{"created_at": %d, "x": %s}' % (NOW, b"[" * levels + b"]" * levels)
    page = b'{"data": [%s, %s]}' % (deep, encode(EVENT))
    run = run_tap(answer(lambda _: Said(page)), STREAM, **WHOLE)

    assert run.ids(STREAM) == ["1.a"]
    assert run.failures == [
        (
            "contact_activities: the API sent what cannot be a row: 1 JSON that no decoder reads; "
            "all other rows are written"
        )
    ]


def test_the_users_start_bounds_them_and_the_end_does_not(run_tap: Runner, answer: Answer) -> None:
    later = {**EVENT, "id": "2.b", "created_at": NOW - 10}
    bounds: Json = {"start_date": moment(NOW - 8_999), "end_date": moment(NOW - 5_000)}
    run = run_tap(answer(paged([EVENT, later])), STREAM, **bounds, **WHOLE)

    assert run.ids(STREAM) == ["2.b"]


def test_an_event_of_the_future_moves_no_bookmark(run_tap: Runner, answer: Answer) -> None:
    run = run_tap(answer(paged([{**EVENT, "created_at": NOW + 99_999}])), STREAM, **WHOLE)

    assert (run.ids(STREAM), run.bookmark(STREAM)) == (["1.a"], moment(NOW))
