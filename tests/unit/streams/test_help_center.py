"""Articles and their collections: lists by page number, whole each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import NOW
from tests.support.serving import Said, refusal

if TYPE_CHECKING:
    from tests.conftest import Answer, Runner
    from tests.support.serving import Asked


def test_one_that_cannot_be_a_row_costs_no_other(run_tap: Runner, answer: Answer) -> None:
    articles = [{"id": "1", "updated_at": NOW}, None, {"title": "x"}, {"id": "4"}]
    run = run_tap(answer(Said({"type": "list", "data": articles, "total_count": 4})), "articles")

    assert run.ids("articles") == ["1", "4"]
    assert run.status == 1
    assert "1 without id" in run.failures[0]


def test_a_missing_permission_is_named(run_tap: Runner, answer: Answer) -> None:
    def api(asked: Asked) -> Said:
        return refusal(401, "token_unauthorized") if asked.path == "/articles" else Said()

    run = run_tap(answer(api), "articles")

    assert '"Read and list articles"' in run.failures[0]
