"""Companies of the simulated workspace: the table is the truth, however they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from tap_intercom_conversations.reading import scroll
from tests.conftest import NOW
from tests.resilience.harness import at_each_request
from tests.support.truth import differences, moment, rows

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Json, Run, Runner, Serve

STREAM = "companies"
PREVIEW: Json = {"api_version": "Preview"}
SMALL_LIST: Json = {"company_cap": 60, "scroll_size": 25}
"""A list that ends after its first page, as the real one does after 10,000 companies."""


def unlike(server: Sandbox, run: Run) -> list[Any]:
    """How a run's rows differ from the truth: the ids of those missing, too much, or other."""
    truth = {row["id"]: row for row in rows(server, STREAM, run.schema(STREAM))}
    found = {row["id"]: row for row in run.records(STREAM)}
    for row in found.values():
        # The examples have a page's fields around them, which nobody documents.
        row["notes"] = {name: row["notes"][name] for name in ("type", "notes")}
    others = [(key, differences(found[key], truth[key])) for key in truth.keys() & found.keys()]
    return [*(truth.keys() ^ found.keys()), *(other for other in others if other[1])]


@pytest.mark.parametrize("notes", ["notes", "data"])
@pytest.mark.parametrize(
    "how", [{"api_version": "2.16"}, {"api_version": "2.16", **SMALL_LIST}, PREVIEW]
)
def test_the_table_is_the_truth(serve: Serve, run_tap: Runner, how: Json, notes: str) -> None:
    switches = {name: how[name] for name in how if name != "api_version"}
    server = serve(10, contacts=20, companies=200, company_notes=notes, **switches)
    run = run_tap(server, STREAM, api_version=how["api_version"])

    assert run.failures == []
    assert unlike(server, run) == []
    # A list that ends too soon is read in vain; all else comes once.
    assert len(run.records(STREAM)) == 200 + switches.get("company_cap", 0)


def test_a_company_that_moves_up_while_the_list_is_read(serve: Serve, run_tap: Runner) -> None:
    """The list's order is that of the last visit: who moves up is on no page that is to come."""
    server = serve(10, contacts=20, companies=200)
    companies = server.workspace.companies
    last = companies.id_of(companies.by_request()[-1])

    def visit(number: int) -> None:
        if number == 3:
            companies.visit([last])

    with at_each_request(server, visit):
        run = run_tap(server, STREAM)

    assert unlike(server, run) == []


def test_a_scroll_that_breaks_is_read_again(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, contacts=20, companies=200, scroll_fault=0.2, **SMALL_LIST)
    run = run_tap(server, STREAM, max_retries=20)

    assert run.failures == []
    assert unlike(server, run) == []
    assert server.counters.by_endpoint["companies_scroll"] > 9


def test_a_scroll_of_somebody_else_is_waited_for(
    serve: Serve, run_tap: Runner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scroll, "LIFETIME_SECONDS", 1.0)
    server = serve(
        10, contacts=20, companies=80, scroll_lifetime=3.0, scroll_clock="real", **SMALL_LIST
    )
    headers = {"Authorization": f"Bearer {server.token}"}
    requests.get(f"{server.url}/companies/scroll", headers=headers, timeout=10)
    run = run_tap(server, STREAM)

    assert (run.failures, unlike(server, run)) == ([], [])
    assert "There is a scroll of companies already" in caplog.text


def test_rows_that_are_gone_are_told_if_wanted(serve: Serve, run_tap: Runner) -> None:
    for switches in ({}, SMALL_LIST):
        server = serve(10, contacts=20, companies=70, **switches)
        run = run_tap(server, STREAM, emit_activate_version_messages=True)

        assert [message["type"] for message in run.messages].count("ACTIVATE_VERSION") == 1


@pytest.mark.parametrize("bounds", [{"start_date": "2026-05-30T00:00:00Z"}])
@pytest.mark.parametrize("version", ["2.16", "Preview"])
def test_the_users_bounds_are_of_conversations(
    serve: Serve, run_tap: Runner, version: str, bounds: Json
) -> None:
    """A company that last changed long before still has contacts who write today."""
    server = serve(10, contacts=20, companies=70)

    assert unlike(server, run_tap(server, STREAM, api_version=version, **bounds)) == []


def test_preview_brings_what_changed(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, contacts=20, companies=200)
    first = run_tap(server, STREAM, **PREVIEW)
    companies = server.workspace.companies
    touched = companies.ids()[:20]
    companies.touch(touched, NOW - 3_600)
    server.counters.reset()
    second = run_tap(server, STREAM, state=first.state, **PREVIEW)
    third = run_tap(server, STREAM, state=second.state, **PREVIEW)

    assert set(touched) <= set(second.ids(STREAM))
    assert len(second.ids(STREAM)) < 60
    assert second.bookmark(STREAM) == moment(NOW - 3_600)
    assert set(third.ids(STREAM)) == set(touched)
