"""Companies: by list, by scroll where the list ends, by the search of Preview."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.serving import Said, refusal

if TYPE_CHECKING:
    from tests.conftest import Answer, Runner
    from tests.support.serving import Asked

STREAM = "companies"


@pytest.mark.parametrize("count", [10_000, 10_001])
def test_more_than_the_list_counts_for_are_scrolled_at_once(
    run_tap: Runner, answer: Answer, count: int
) -> None:
    def api(asked: Asked) -> Said:
        if asked.path == "/companies/list":
            return Said({"data": [{"id": "1"}], "total_count": count, "pages": {}})
        shown = [] if "scroll_param" in asked.query else [{"id": "1"}]
        return Said({"data": shown, "scroll_param": "x"})

    server = answer(api)
    run = run_tap(server, STREAM)

    assert (run.status, run.ids(STREAM)) == (0, ["1"])
    assert [asked.path for asked in server.asked].count("/companies/list") == 1


def test_none_at_all(run_tap: Runner, answer: Answer) -> None:
    run = run_tap(answer(lambda _: Said({"data": [], "total_count": 0, "pages": {}})), STREAM)

    assert (run.status, run.records(STREAM)) == (0, [])


def test_a_refusal_that_is_no_limit_ends_the_stream(run_tap: Runner, answer: Answer) -> None:
    run = run_tap(answer(lambda _: refusal(400, "bad_request")), STREAM)

    assert (run.status, run.records(STREAM)) == (1, [])
    assert "400 bad_request" in run.failures[0]
