"""conversation_counts: what the API counts, week by week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW
from tests.support.serving import Said
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Runner
    from tests.support.serving import Asked

STREAM = "conversation_counts"


def page(rows: list[Any], total: Any) -> Said:
    return Said({"type": "conversation.list", "conversations": rows, "total_count": total})


@pytest.mark.parametrize("total", [None, "many", -1, {}])
def test_a_count_that_is_none_is_an_error(run_tap: Runner, answer: Answer, total: Any) -> None:
    run = run_tap(answer(page([], total)), STREAM, start_date="2026-05-01T00:00:00Z")

    assert (run.status, run.records(STREAM)) == (1, [])
    assert "it has no total_count" in run.failures[0]


def test_a_search_that_takes_no_notice_of_the_bounds_is_an_error(
    run_tap: Runner, answer: Answer
) -> None:
    """Else a round count would be counted again in halves down to the second, 600,000 times."""
    server = answer(page([{"id": "7", "created_at": NOW - 1_000}], 60))
    run = run_tap(server, STREAM, start_date=moment(NOW - 1_000_000), max_concurrency=4)

    assert (run.status, run.records(STREAM)) == (1, [])
    assert "take no notice of created_at" in run.failures[0]
    assert len(server.asked) < 2_500


def test_a_search_that_takes_no_notice_of_the_order_is_an_error(
    run_tap: Runner, answer: Answer
) -> None:
    """Else the weeks before would not be looked at, and all would seem well."""

    def api(asked: Asked) -> Said:
        return page([{"id": "7", "created_at": NOW - 1_000}], 5) if asked.body else Said()

    run = run_tap(answer(api), STREAM)

    assert run.status == 1
    assert "set start_date to count from there" in run.failures[0]
