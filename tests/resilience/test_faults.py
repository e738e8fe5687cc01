"""Every fault alone and all of them together: what arrives is complete and exact."""

from __future__ import annotations

import logging
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox, Workspace
from tap_intercom_conversations.reading.pages import Page, PageReader
from tests.conftest import PLENTY, Run
from tests.resilience.copy import Copy
from tests.resilience.faults import FAULTS, REFUSALS, survive
from tests.resilience.harness import BOTH, at_each_request, say
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from pathlib import Path

    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.bounds import TimeRange
    from tests.conftest import Runner, Serve

WAITS: dict[str, dict[str, Any]] = {
    **{refusal: {f"fault_{refusal}": 0.1} for refusal in REFUSALS},
    "retry-after": {"fault_429": 0.1, "retry_after": True},
    "all at 2 %": {f"fault_{fault}": 0.02 for fault in FAULTS},
}
"""What makes the tap wait until the budget's window of ten seconds ends, each time."""


def held(run: Run, server: Sandbox) -> int:
    """Check a run that must have been complete; returns how many rows were compared."""
    assert (run.status, run.failures) == (0, [])
    copy = Copy()
    copy.take(run.messages)
    return copy.check(server.workspace, *BOTH)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in REFUSALS])
def test_each_fault_alone_at_ten_percent(serve: Serve, run_tap: Runner, fault: str) -> None:
    server = serve(60, seed=11, fault_seed=5, slow_seconds=1.5, **{f"fault_{fault}": 0.1})
    rows = held(run_tap(server, *BOTH, page_size=4, request_timeout=1, **WHOLE), server)
    befell = server.counters.faults[fault]
    assert befell > 0
    say(f"{fault} at 10 %: {befell} in {server.counters.requests} requests, {rows} rows right")


@pytest.mark.parametrize("case", WAITS)
def test_refusals_for_ten_seconds_and_all_faults_together(tmp_path: Path, case: str) -> None:
    streams = BOTH[:1] if case != "all at 2 %" else BOTH
    survived = survive(tmp_path, *streams, **WAITS[case])
    assert survived.times
    say(f"{survived.times} in {survived.requests} requests, {survived.rows} rows right")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("endpoint", ["search", "list"])
def test_an_outage_longer_than_the_tries_per_page_size(
    serve: Serve, run_tap: Runner, endpoint: str
) -> None:
    for fault in ("reset", "empty", "503"):
        server = serve(30, fail_first=7, fail_first_with=fault, fault_endpoints=("list", "search"))
        run = run_tap(server, *BOTH, conversations_endpoint=endpoint, max_retries=8, **WHOLE)
        held(run, server)
        say(f"the {endpoint} answers {fault} seven times to each request: complete")


@pytest.mark.usefixtures("impatient")
def test_a_row_that_the_search_trips_over(serve: Serve, run_tap: Runner) -> None:
    """A row that is being deleted has been seen to make the search itself answer 404."""
    server = serve(60)
    order = run_tap(server, max_concurrency=1).ids()
    server.switches.set(stumbling=[order[37]])
    settings: dict[str, Any] = {"page_size": 20, "max_retries": 1, "max_concurrency": 1}
    first = run_tap(server, **settings)
    assert (first.status, first.ids()) == (1, order[:37])
    assert "404" in first.failures[0]
    server.switches.set(stumbling=[])
    second = run_tap(server, state=first.state, **settings)
    assert (second.status, second.ids()) == (0, order[37:])
    say("a row that makes the search answer 404: all before it, an error; next run, all after it")


@pytest.mark.usefixtures("impatient")
def test_a_connection_that_is_refused_until_the_host_is_up(run_tap: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = Sandbox(Workspace(20), port, rate_limit=PLENTY)
    tries = 0

    class UpAtTheFifthTry(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            nonlocal tries
            tries += "refused the connection" in record.getMessage()
            if tries == 5:
                tries += 1
                hosts.enter_context(server)

    logger = logging.getLogger("tap-intercom-conversations.client")
    handler = UpAtTheFifthTry(logging.DEBUG)
    with ExitStack() as hosts, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sandbox, "url", f"http://127.0.0.1:{port}")
        patch.setattr(logger, "level", logging.DEBUG)
        logger.addHandler(handler)
        hosts.callback(logger.removeHandler, handler)
        rows = held(run_tap(server, *BOTH, **WHOLE), server)
    say(f"connection refused five times: {rows} rows right")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("limit", "healed"), [(100, 6), (30, 9), (1, 40)])
def test_a_page_that_keeps_failing_is_asked_for_smaller_and_recovers(
    serve: Serve, run_tap: Runner, monkeypatch: pytest.MonkeyPatch, limit: int, healed: int
) -> None:
    server = serve(1_000, templates=50, page_size_limit=limit, seed=3, exact_parts={})
    sizes: list[int] = []
    read = PageReader.read

    def noted(reader: PageReader, query: TimeRange, position: Position) -> Page:
        page = read(reader, query, position)
        sizes.append(page.size)
        return page

    monkeypatch.setattr(PageReader, "read", noted)

    def heal(number: int) -> None:
        if number == healed:
            server.switches.page_size_limit = 0

    with at_each_request(server, heal):
        run = run_tap(server, max_concurrency=1, **WHOLE)
    copy = Copy()
    copy.take(run.messages)
    assert run.status == 0
    rows = copy.check(server.workspace, "conversations")
    assert min(sizes) <= limit
    assert sizes[-1] == 150
    say(f"pages above {limit} answer 502 and 504 at first: {rows} rows right, pages of {sizes}")


def test_a_token_that_expires_in_the_middle_ends_it_and_the_next_run_goes_on(
    serve: Serve, run_tap: Runner
) -> None:
    server = serve(80, unauthorized_after=45)
    copy = Copy()
    run = run_tap(server, *BOTH, page_size=10, **WHOLE)
    copy.take(run.messages)
    assert run.status == 1
    assert all("401 unauthorized" in line for line in run.failures)
    assert server.counters.requests < 60 + 35
    server.switches.unauthorized_after = -1
    run = run_tap(server, *BOTH, page_size=10, state=copy.state, **WHOLE)
    copy.take(run.messages)
    assert run.status == 0
    rows = copy.check(server.workspace, *BOTH)
    say(f"401 after 45 requests: status 1; next run complete, {rows} rows right")
