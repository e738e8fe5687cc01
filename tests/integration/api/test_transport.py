"""The adapter keeps a deadline for whole answers, can end them all, and keeps its connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import requests

from tap_intercom_conversations.api import transport as module
from tap_intercom_conversations.api.transport import Transport
from tests.support.serving import Asked, Said

if TYPE_CHECKING:
    from tests.conftest import WiredAnswer

WORKERS = 8

Open = Callable[[], tuple[Transport, requests.Session]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Make a transport and a session over it."""
    monkeypatch.setattr(module, "WATCH_INTERVAL_SECONDS", 0.02)
    with ExitStack() as stack:

        def make() -> tuple[Transport, requests.Session]:
            session = stack.enter_context(requests.Session())
            transport = Transport(WORKERS)
            session.mount("http://", transport)
            stack.callback(transport.close)
            return transport, session

        yield make


def fetch(session: requests.Session, url: str) -> bytes:
    """Read a whole answer; the socket's own timeout is far longer than the deadlines here."""
    with session.get(url, timeout=20, stream=True) as response:
        return b"".join(response.iter_content(1_024))


def test_an_answer_in_time_is_left_alone(opened: Open, answer: WiredAnswer) -> None:
    transport, session = opened()
    server = answer(Said(b"whole"))
    for _ in range(3):
        with transport.deadline(20):
            assert fetch(session, server.url) == b"whole"


@pytest.mark.parametrize("pieces", [1, 500], ids=["silent", "dripping"])
def test_an_answer_is_ended_at_its_deadline(opened: Open, answer: WiredAnswer, pieces: int) -> None:
    transport, session = opened()
    pause = 20 / pieces
    server = answer(Said([b"x"] * pieces, wait=lambda: server.over.wait(pause)))

    with pytest.raises(TimeoutError), transport.deadline(0.1):
        fetch(session, server.url)


def test_an_end_at_the_deadline_is_never_taken_for_the_end_of_the_body(
    opened: Open, answer: WiredAnswer
) -> None:
    """Without a length, shutting the socket looks like a body that is complete."""
    transport, session = opened()
    endless = {"Connection": "close", "Content-Length": ""}
    server = answer(Said([b"x"] * 500, headers=endless, wait=lambda: server.over.wait(0.04)))

    with pytest.raises(TimeoutError), transport.deadline(0.1):
        fetch(session, server.url)


def test_a_deadline_concerns_its_own_thread_only(opened: Open, answer: WiredAnswer) -> None:
    transport, session = opened()
    late = threading.Event()

    def by_path(asked: Asked) -> Said:
        event = late if asked.path == "/late" else server.over
        return Said(b"whole", wait=lambda: event.wait(20))

    server = answer(by_path)

    def patient() -> bytes:
        with transport.deadline(20):
            return fetch(session, f"{server.url}/late")

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(patient)
        with pytest.raises(TimeoutError), transport.deadline(0.1):
            fetch(session, f"{server.url}/never")
        late.set()

        assert future.result(10) == b"whole"


def test_an_error_of_the_request_itself_stays_as_it_is(opened: Open) -> None:
    transport, _ = opened()

    with pytest.raises(KeyError, match="mine"), transport.deadline(20):
        raise KeyError("mine")


def test_after_a_deadline_the_thread_can_go_on(opened: Open, answer: WiredAnswer) -> None:
    transport, session = opened()
    server = answer(Said(b"late", wait=lambda: server.over.wait(20)), Said(b"whole"))
    with pytest.raises(TimeoutError), transport.deadline(0.05):
        fetch(session, server.url)

    with transport.deadline(20):
        assert fetch(session, server.url) == b"whole"


def test_shutting_ends_all_requests_at_once(opened: Open, answer: WiredAnswer) -> None:
    transport, session = opened()
    arrived = threading.Barrier(WORKERS + 1, timeout=10)

    def never(_: Asked) -> Said:
        arrived.wait()
        return Said(wait=lambda: server.over.wait(30))

    server = answer(never)
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(fetch, session, server.url) for _ in range(WORKERS)]
        arrived.wait()
        transport.shut()
        raised = [future.exception(10) for future in futures]

    assert all(isinstance(error, requests.RequestException) for error in raised)


def test_once_shut_nothing_is_sent(opened: Open, answer: WiredAnswer) -> None:
    transport, session = opened()
    server = answer(Said())
    transport.shut()

    with pytest.raises(requests.ConnectionError):
        fetch(session, server.url)
    assert server.asked == []


def test_connections_are_kept_one_for_each_worker(opened: Open, answer: WiredAnswer) -> None:
    _, session = opened()
    together = threading.Barrier(WORKERS, timeout=10)

    def all_at_once(_: Asked) -> Said:
        together.wait()
        return Said(b"whole")

    server = answer(all_at_once)
    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(4):
            futures = [pool.submit(fetch, session, server.url) for _ in range(WORKERS)]
            assert [future.result(10) for future in futures] == [b"whole"] * WORKERS

    assert len(server.connections) == WORKERS


def test_a_connection_that_the_server_closed_is_replaced(opened: Open, answer: WiredAnswer) -> None:
    _, session = opened()
    server = answer(Said(b"whole", headers={"Connection": "close"}))

    assert [fetch(session, server.url) for _ in range(3)] == [b"whole"] * 3
    assert len(server.connections) == 3


def test_closing_ends_the_watchdog(opened: Open, answer: WiredAnswer) -> None:
    transport, session = opened()
    with transport.deadline(20):
        fetch(session, answer(Said(b"whole")).url)
    watchdogs = [thread for thread in threading.enumerate() if thread.name == "intercom-deadlines"]
    transport.close()

    assert len(watchdogs) == 1
    assert not watchdogs[0].is_alive()


def test_headers_that_cannot_be_parsed_are_not_quoted(
    opened: Open, answer: WiredAnswer, caplog: pytest.LogCaptureFixture
) -> None:
    _, session = opened()
    server = answer(Said(b"whole", headers={"X-Before": "1\r\nAda is no header"}))
    with caplog.at_level("DEBUG"):
        assert fetch(session, server.url) == b"whole"

    assert "Ada" not in caplog.text
    assert "Starting new HTTP connection" in caplog.text, "what urllib3 says else is still told"
