"""tickets and ticket_parts: from the pages of one search, one shape whatever the version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW
from tests.support.few import Few
from tests.support.serving import Said, refusal

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Runner
    from tests.support.serving import Asked

BOTH = ("tickets", "ticket_parts")


def ticket(identifier: str, **fields: Any) -> Json:
    return {"type": "ticket", "id": identifier, "updated_at": NOW - 5_000, **fields}


def parts(*ids: str, total: Any) -> Json:
    listed = [{"type": "ticket_part", "id": key} for key in ids]
    return {"ticket_parts": {"ticket_parts": listed, "total_count": total}}


def test_more_parts_than_the_api_serves(
    run_tap: Runner, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    long = ticket("7", **parts(*map(str, range(1, 501)), total=740))
    run = run_tap(answer(Few(long, path="/tickets", key="tickets")), "ticket_parts")

    assert run.status == 0
    assert {r["ticket_total_parts"] for r in run.records("ticket_parts")} == {740}
    assert "1 tickets have more parts than the 500 that the API serves" in caplog.text


@pytest.mark.parametrize("total", [0, 1, "2", None])
def test_a_count_that_is_too_small_hides_no_part(
    run_tap: Runner, answer: Answer, total: Any
) -> None:
    few = Few(ticket("7", **parts("1", "2", total=total)), path="/tickets", key="tickets")
    run = run_tap(answer(few), "ticket_parts")

    assert run.ids("ticket_parts") == ["1", "2"]
    assert {r["ticket_total_parts"] for r in run.records("ticket_parts")} == {2}


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (Said(ticket("8", **parts("1", total=1))), "another ticket came"),
        (Said(ticket("7", ticket_parts=None)), "the ticket came without its parts"),
        (Said(ticket("7", **parts(total=3))), "the ticket came without its parts"),
        (refusal(404, "ticket_not_found"), None),
    ],
    ids=["another", "without parts", "none of those counted", "gone"],
)
def test_a_ticket_that_does_not_come(
    run_tap: Runner, answer: Answer, said: Said, failure: str | None
) -> None:
    """One that is gone by now is no failure."""
    few = Few(ticket("7"), ticket("9", **parts("5", total=1)), path="/tickets", key="tickets")

    def api(asked: Asked) -> Said:
        return said if asked.path == "/tickets/7" else few(asked)

    run = run_tap(answer(api), "ticket_parts")

    assert run.ids("ticket_parts") == ["5"]
    assert run.status == (1 if failure else 0)
    assert not failure or failure in run.failures[0]


def test_a_state_in_the_old_form_comes_in_the_new_one(run_tap: Runner, answer: Answer) -> None:
    """Some examples of 2.16 have it, too."""
    labels = {"ticket_state_internal_label": "In work", "ticket_state_external_label": None}
    old = ticket("7", ticket_state="in_progress", **labels)
    run = run_tap(answer(Few(old, path="/tickets", key="tickets")), "tickets")
    [record] = run.records("tickets")

    assert record["ticket_state"] == {
        "type": "ticket_state",
        "category": "in_progress",
        "internal_label": "In work",
        "external_label": None,
    }
    assert "undocumented_fields" not in record


def test_what_is_no_ticket_costs_no_other(run_tap: Runner, answer: Answer) -> None:
    found = (ticket("7", **parts("1", total=1)), None, [5], {"updated_at": NOW - 5_000})
    run = run_tap(answer(Few(*found, path="/tickets", key="tickets")), *BOTH)

    assert run.ids("tickets") == ["7"]
    assert run.ids("ticket_parts") == ["1"]
    assert run.status == 1
    assert all("cannot be a row" in line for line in run.failures)
