"""admin_activity_logs: whatever pages and windows say, and entries that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.json import encode

from tests.conftest import NOW
from tests.support.serving import Said, refusal
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Runner
    from tests.support.serving import Asked

STREAM = "admin_activity_logs"


@pytest.mark.parametrize(
    "following", [{"starting_after": "x"}, "https://x.test/?starting_after=x", "x", None]
)
def test_a_cursor_or_nothing_where_a_page_follows(
    run_tap: Runner, answer: Answer, following: Any
) -> None:
    """Asked for 250, the API serves 20, and says of the next page what nobody can use."""
    logs = [{"id": f"{number}", "created_at": NOW - 10 - number} for number in range(30)]

    def api(asked: Asked) -> Said:
        end = 20 * asked.body["page"] if asked.body else 0
        pages = {"next": following if end < 30 else None}
        return Said({"activity_logs": logs[max(end - 20, 0) : end], "pages": pages})

    run = run_tap(answer(api), STREAM, start_date=moment(NOW - 1_000))

    assert (run.status, len({*run.ids(STREAM)})) == (0, 30)


@pytest.mark.parametrize("limit", ["refused", "the last one again"])
def test_a_window_with_more_pages_than_are_served_is_read_in_parts(
    run_tap: Runner, answer: Answer, limit: str
) -> None:
    """Nothing says that there is such an end; if there were one, each sync would fail at it."""
    logs = [{"id": f"{number}", "created_at": NOW - 7_000 * number - 9} for number in range(200)]

    def api(asked: Asked) -> Said:
        if not asked.body:
            return Said()
        page, size = asked.body["page"], 20
        if page > 3 and limit == "refused":
            return refusal(400, "bad_request", "page limit reached")
        after, before = asked.body["created_at_after"], asked.body["created_at_before"]
        found = [entry for entry in logs if after < entry["created_at"] < before]
        end = min(page, 3) * size
        following = f"https://x.test/?page={page + 1}" if end < len(found) else None
        return Said({"activity_logs": found[end - size : end], "pages": {"next": following}})

    run = run_tap(answer(api), STREAM, start_date=moment(NOW - 20 * 86_400))

    assert (run.failures, len(run.ids(STREAM)), len({*run.ids(STREAM)})) == ([], 200, 200)


def test_what_is_refused_outright_is_told(run_tap: Runner, answer: Answer) -> None:
    server = answer(refusal(400, "parameter_invalid"))
    run = run_tap(server, STREAM)

    assert run.status == 1
    assert "parameter_invalid" in run.failures[0]
    assert len(server.asked) < 100


def test_pages_that_bring_nothing_new_are_an_error(run_tap: Runner, answer: Answer) -> None:
    entry = {"id": "a", "created_at": NOW - 10}
    page = Said({"activity_logs": [entry], "pages": {"next": "https://x.test/?page=2"}})
    run = run_tap(answer(page), STREAM, start_date=moment(NOW - 1_000))

    assert run.status == 1
    assert "bring nothing new" in run.failures[0]


def test_what_is_no_entry_costs_no_other(run_tap: Runner, answer: Answer) -> None:
    logs = [{"id": "a", "created_at": NOW - 10}, None, {"id": "b"}]
    run = run_tap(answer(Said({"activity_logs": logs})), STREAM, start_date=moment(NOW - 1_000))

    assert run.ids(STREAM) == ["a"]
    assert "1 null or of another type than an object, 1 without created_at" in run.failures[0]


def test_what_no_decoder_reads_costs_no_other(run_tap: Runner, answer: Answer) -> None:
    """Nor does it hold up the bookmark, or the next run would end at the same entry."""
    good = {"id": "a", "created_at": NOW - 10}
    deep = b"[" * 3_000 + b"]" * 3_000
    logs = b'{"activity_logs": [%s, {"id": "b", "metadata": %s}]}' % (encode(good), deep)
    run = run_tap(answer(Said(logs)), STREAM, start_date=moment(NOW - 1_000))

    assert run.ids(STREAM) == ["a"]
    assert run.failures == [
        (
            "admin_activity_logs: the API sent what cannot be a row: 1 JSON that no decoder reads; "
            "all other rows are written"
        )
    ]
    assert run.bookmark(STREAM) == moment(NOW)
