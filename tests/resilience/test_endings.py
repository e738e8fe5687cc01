"""Ends tell the truth: a signal, a closed pipe, a stream that fails, a token that expires."""

from __future__ import annotations

import os
import signal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.tap import SAME_REQUEST_SECONDS, SECONDS_TO_END
from tests.conftest import ROOT
from tests.resilience.copy import Copy
from tests.resilience.harness import BOTH, Tap, at_each_request, say
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from tests.conftest import Command, Json, Runner, Serve

EVERY = (*BOTH, "deleted_conversations", "admins", "teams", "tags")
STATUSES = {signal.SIGTERM: 143, signal.SIGINT: 130}
INTERRUPTED_IMPORT = """
import os, signal
os.kill(os.getpid(), signal.SIGINT)
raise SystemExit("It went on after the interrupt")
"""


def stop(server: Sandbox, folder: Path, number: signal.Signals, at: int, **settings: int) -> str:
    """Have the tap stopped at a request; checks its end, and that the next run goes on."""
    tap = Tap(folder, server, *BOTH, **WHOLE, **settings)
    copy = Copy()
    messages: list[Json] = []
    with tap.run() as process:

        def strike(request: int) -> None:
            if request == at:
                process.signal(number)

        with at_each_request(server, strike):
            messages += process.lines()
        status, errors = process.ended()
    assert status == STATUSES[number], errors
    assert "Traceback" not in errors
    assert errors.count(f"Stopped by {number.name}\n") == 1
    assert errors.endswith("The next run goes on from the last STATE.\n")
    assert messages[-1]["type"] == "STATE"
    assert "ERROR" not in errors
    copy.take(messages)
    server.switches.set(latency=0, fail_first=0)
    server.gate.faults.forget()
    with tap.run(copy.state) as process:
        copy.take(process.lines())
        status, errors = process.ended()
    assert status == 0, errors
    rows = copy.check(server.workspace, *BOTH)
    return f"{number.name} at request {at}: status {STATUSES[number]}, then {rows} rows right"


@pytest.mark.parametrize("number", STATUSES)
@pytest.mark.parametrize("at", [1, 30])
def test_a_signal(serve: Serve, tmp_path: Path, number: signal.Signals, at: int) -> None:
    server = serve(60, latency=0.02)
    say(stop(server, tmp_path, number, at, page_size=10, max_concurrency=4))


@pytest.mark.parametrize("fault", ["drip", "503", "429_bare"])
def test_a_signal_while_it_waits(serve: Serve, tmp_path: Path, fault: str) -> None:
    server = serve(20, fail_first=9, fail_first_with=fault)
    line = stop(server, tmp_path, signal.SIGTERM, at=2 if fault == "503" else 1)
    say(f"{line}, in spite of {fault}")


def test_a_second_signal_ends_it_even_if_nobody_reads(serve: Serve, tmp_path: Path) -> None:
    tap = Tap(tmp_path, serve(150), "conversations")
    with tap.run() as process:
        # With its first record the tap begins to write a page, more than a pipe holds.
        assert any(message["type"] == "RECORD" for message in process.lines())
        process.signal(signal.SIGTERM)
        assert not process.ends_within(SAME_REQUEST_SECONDS + 0.1)
        process.signal(signal.SIGTERM)
        assert process.ends_within(1)
        status, errors = process.ended()
    assert status == 143, errors
    say("SIGTERM twice while the target does not read: status 143 at once")


def test_a_line_is_not_cut_off_while_the_target_is_busy(serve: Serve, tmp_path: Path) -> None:
    """Meltano sends SIGTERM when Ctrl-C has sent SIGINT; a batch takes a target some seconds."""
    tap = Tap(tmp_path, serve(150), "conversations")
    with tap.run() as process:
        assert any(message["type"] == "RECORD" for message in process.lines())
        process.signal(signal.SIGINT)
        process.signal(signal.SIGTERM)
        assert not process.ends_within(2)
        messages = list(process.lines())
        status, errors = process.ended()
    assert status in STATUSES.values(), errors
    assert messages[-1]["type"] == "STATE"
    say("two signals while the target is busy for 2 s: the last line is whole, and a STATE")


def test_one_signal_ends_it_even_if_nobody_reads(serve: Serve, tmp_path: Path) -> None:
    """Of what is left in the pipe, only the last line may be cut off, and it has no line break."""
    tap = Tap(tmp_path, serve(150), "conversations")
    with tap.run() as process:
        assert any(message["type"] == "RECORD" for message in process.lines())
        process.signal(signal.SIGTERM)
        assert process.ends_within(SECONDS_TO_END + 1)
        status, errors = process.ended()
        left = list(process.lines())  # each is JSON
    assert status == 143, errors
    assert "Traceback" not in errors
    assert {message["type"] for message in left} == {"RECORD"}
    say(f"SIGTERM while nobody reads: status {status} within {SECONDS_TO_END:.0f} s")


def test_an_interrupt_while_python_imports(command: Command) -> None:
    """The first import of a library is that of the SDK: it is one here that is interrupted."""
    package = command.folder / "singer_sdk"
    package.mkdir()
    command.file("singer_sdk/__init__.py", INTERRUPTED_IMPORT)
    ended = command("--about", PYTHONPATH=f"{command.folder}{os.pathsep}{ROOT}")
    assert (ended.status, ended.out, ended.err) == (130, "", "")
    say("SIGINT while Python still imports: status 130, no traceback")


@pytest.mark.parametrize("lines", [1, 200])
def test_a_closed_pipe(serve: Serve, tmp_path: Path, lines: int) -> None:
    tap = Tap(tmp_path, serve(300), *BOTH, page_size=10)
    with tap.run() as process:
        for _, _ in zip(range(lines), process.lines(), strict=False):
            pass
        process.close()
        status, errors = process.ended()
    assert status == 1
    assert "Traceback" not in errors
    [line] = [line for line in errors.splitlines() if "ERROR" in line]
    assert "stdout cannot be written: the target has ended" in line
    say(f"a pipe that is closed after {lines} lines: status 1, and one line")


def test_one_stream_fails_and_the_others_run(
    serve: Serve, run_tap: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(40, denied={"deleted": "api_plan_restricted", "teams": "token_unauthorized"})
    broken = server.workspace.ids()[25]
    server.switches.set(broken=[broken])
    run = run_tap(server, *EVERY, page_size=5, max_retries=1, **WHOLE)
    assert run.status == 1
    failed = ["conversation_parts", "deleted_conversations", "teams"]
    assert sorted(line.split(":")[0] for line in run.failures) == failed
    assert broken in run.failures[0]
    lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert sorted(lines) == sorted(run.failures)
    assert all(line.isprintable() for line in lines)
    whole = [stream for stream in EVERY if stream not in failed[1:]]
    assert all(run.records(stream) for stream in whole)

    # One conversation is missing, and STATE keeps its id; the next run asks for it again.
    assert run.state["bookmarks"]["conversation_parts"]["unreadable"] == f'["{broken}"]'
    copy = Copy()
    copy.take(run.messages)
    server.switches.set(broken=[], denied={})
    run = run_tap(server, *EVERY, page_size=5, state=copy.state, **WHOLE)
    copy.take(run.messages)
    assert run.status == 0
    assert {row["conversation_id"] for row in run.records("conversation_parts")[:1]} == {broken}
    rows = copy.check(server.workspace, *BOTH, "deleted_conversations")
    say(f"two streams fail, one lacks an object, status 1; then {rows} rows right")


def test_a_state_follows_each_page_even_without_records(serve: Serve, run_tap: Runner) -> None:
    server = serve(200, seed=3)
    run = run_tap(server, "conversation_tags", page_size=2, max_concurrency=4)
    pages = server.counters.by_endpoint["search"]
    kinds = [message["type"] for message in run.messages]
    empty = sum(pair == ("STATE", "STATE") for pair in pairwise(kinds))
    assert empty > 20
    assert len(run.states) >= pages - 1
    say(f"{pages} pages, {empty} of them without a tag: {len(run.states)} STATEs")
