"""The client waits where it must, for the budget and between tries, and any wait can be ended."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.api.client import logger
from tap_intercom_conversations.api.retries import fixed_pauses
from tap_intercom_conversations.jsontext import decoder
from tests.conftest import RETRIES
from tests.support.serving import Asked, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Connect, WiredAnswer

any_json = decoder(dict[str, Any])


# --- The budget, and backoff ---


@pytest.mark.usefixtures("no_backoff")
def test_a_429_holds_up_all_requests_and_is_asked_again(
    connect: Connect, answer: WiredAnswer
) -> None:
    server = answer(Said(status=429, headers={"Retry-After": "0.15"}), Said({"ok": 1}))
    client = connect(server.url)
    begun = time.time()

    assert client.get("/tags", decode=any_json) == {"ok": 1}
    assert time.time() - begun >= 0.15


@pytest.mark.usefixtures("no_backoff")
def test_a_429_without_end_says_who_is_to_blame(connect: Connect, answer: WiredAnswer) -> None:
    server = answer(Said(b"", 429, {"Retry-After": "0"}))

    with pytest.raises(errors.RateLimited, match="budget"):
        connect(server.url).get("/tags", decode=any_json)
    assert len(server.asked) == 1 + RETRIES


def test_the_limiter_learns_from_every_answer(connect: Connect, answer: WiredAnswer) -> None:
    headers = {
        "X-RateLimit-Limit": "167",
        "X-RateLimit-Remaining": "160",
        "X-RateLimit-Reset": str(int(time.time()) + 5),
    }
    client = connect(answer(Said(headers=headers)).url)
    client.get("/tags", decode=any_json)

    assert client.limiter.per_second == pytest.approx(16.7)


# --- Stopping ---


class Told(logging.Handler):
    """Waits for a line of the client's log."""

    def __init__(self, begin: str) -> None:
        super().__init__(logging.INFO)
        self.event = threading.Event()
        self._begin = begin

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a line."""
        if record.getMessage().startswith(self._begin):
            self.event.set()

    def __enter__(self) -> None:
        logger.addHandler(self)
        logger.setLevel(logging.INFO)

    def __exit__(self, *_: object) -> None:
        logger.setLevel(logging.NOTSET)
        logger.removeHandler(self)


def outcome_of(work: Callable[[], object]) -> tuple[threading.Thread, list[Exception]]:
    """Have a thread do something; its exception goes to the list."""
    raised: list[Exception] = []

    def body() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  it is what the test looks at
            raised.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    return thread, raised


def test_stopping_ends_a_request_that_waits_for_its_answer(
    connect: Connect, answer: WiredAnswer
) -> None:
    arrived = threading.Event()

    def never(_: Asked) -> Said:
        arrived.set()
        return Said(wait=lambda: server.over.wait(30))

    server = answer(never)
    client = connect(server.url)
    thread, raised = outcome_of(lambda: client.get("/tags", decode=any_json))
    assert arrived.wait(10)
    client.stop()
    thread.join(10)

    assert not thread.is_alive()
    assert [type(error) for error in raised] == [errors.Stopped]


def test_stopping_ends_a_wait_between_two_tries(connect: Connect, answer: WiredAnswer) -> None:
    client = connect(answer(Said(status=500)).url)
    told = Told("Try 1")
    with fixed_pauses(30.0), told:
        thread, raised = outcome_of(lambda: client.get("/tags", decode=any_json))
        assert told.event.wait(10)
        client.stop()
        thread.join(10)

    assert not thread.is_alive()
    assert [type(error) for error in raised] == [errors.Stopped]


def test_stopping_ends_a_wait_for_the_budget(connect: Connect, answer: WiredAnswer) -> None:
    client = connect(answer(Said()).url)
    client.get("/tags", decode=any_json)
    client.limiter.throttle({"Retry-After": "60"})
    thread, raised = outcome_of(lambda: client.get("/tags", decode=any_json))
    client.stop()
    thread.join(10)

    assert not thread.is_alive()
    assert [type(error) for error in raised] == [errors.Stopped]


def test_once_stopped_nothing_is_sent(connect: Connect, answer: WiredAnswer) -> None:
    server = answer(Said())
    client = connect(server.url)
    client.stop()

    with pytest.raises(errors.Stopped):
        client.get("/tags", decode=any_json)
    assert server.asked == []
