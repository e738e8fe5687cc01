"""The client over real sockets: faults of the wire, deadlines, hosts that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.jsontext import decoder
from tests.conftest import RETRIES
from tests.support.serving import Said, Server

if TYPE_CHECKING:
    from tests.conftest import Connect, Serve, WiredAnswer

any_json = decoder(dict[str, Any])


pytestmark = pytest.mark.usefixtures("no_backoff")


# --- What comes back ---


@pytest.mark.parametrize(
    "fault",
    ["500", "502", "503", "504", "408", "empty", "html", "cut", "reset", "half_close"],
)
@pytest.mark.parametrize("gzip_bodies", [{"gzip": True}, {"gzip": False}], ids=["gzip", "plain"])
def test_recovers_from_every_fault_of_the_wire(
    connect: Connect, serve: Serve, fault: str, gzip_bodies: dict[str, bool]
) -> None:
    server = serve(fail_first=RETRIES, fail_first_with=fault, **gzip_bodies)
    client = connect(server.url, access_token=server.token)
    answer = client.get("/tags", decode=any_json)

    assert answer["data"] == server.workspace.cast.tags
    assert server.counters.requests == 1 + RETRIES


def test_an_answer_that_drips_is_ended_at_the_deadline(
    connect: Connect, answer: WiredAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_intercom_conversations.api.transport.WATCH_INTERVAL_SECONDS", 0.02)
    server = answer(Said([b" "] * 2_000, wait=lambda: server.over.wait(0.02)))

    with pytest.raises(errors.Unavailable, match="in time") as caught:
        connect(server.url, timeout=0.15, max_retries=0).get("/tags", decode=any_json)
    assert caught.value.slow


def test_no_answer_at_all_is_ended_at_the_deadline(connect: Connect, answer: WiredAnswer) -> None:
    server = answer(lambda _: Said(wait=lambda: server.over.wait(20)))

    with pytest.raises(errors.Unavailable, match="in time") as caught:
        connect(server.url, timeout=0.1, max_retries=0).get("/tags", decode=any_json)
    assert caught.value.slow


# --- First contact, and what is told of tries ---


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    """How loud each try was told."""
    return [record.levelname for record in caplog.records if "Try" in record.getMessage()]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{gone}", "http://no-such-host.invalid:{gone}"], ids=["port", "name"]
)
def test_where_nothing_ever_answered_a_few_tries_are_enough(
    connect: Connect, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    caplog.set_level("INFO")
    with Server([Said()]) as server:
        gone = server.url.rpartition(":")[2]
    client = connect(url.format(gone=gone), max_retries=8)
    caplog.clear()

    with pytest.raises(errors.Unavailable, match="api_url"):
        client.get("/tags", decode=any_json)
    assert client.sent == 4
    assert levels(caplog) == ["WARNING"] * 3


def test_once_anything_answered_it_is_tried_as_often_as_ever(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with Server([Said()]) as server:
        client = connect(server.url, max_retries=8)
        client.get("/tags", decode=any_json)

    with pytest.raises(errors.Unavailable):
        client.get("/tags", decode=any_json)
    assert client.sent == 1 + 9
    assert levels(caplog) == ["INFO"] * 3 + ["WARNING"] * 5


# --- The API's clock ---


def test_the_time_is_asked_for_before_anything_else(connect: Connect, serve: Serve) -> None:
    server = serve()
    client = connect(server.url, access_token=server.token)
    before = client.clock_ahead
    client.ask_time()

    assert before is None
    assert abs(client.clock_ahead or 0.0) < 60
    assert server.counters.requests == 1


def test_no_answer_about_the_time_is_told(connect: Connect) -> None:
    with Server([Said()]) as server:
        gone = server.url

    with pytest.raises(errors.Unavailable, match="GET /me"):
        connect(gone).ask_time()
