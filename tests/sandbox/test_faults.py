"""All that can go wrong on the way, seen by a bare socket where a library would hide it."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from tests.sandbox.conftest import Client, Serve


def raw(client: Client, path: str = "/me", *, seconds: float = 5.0) -> bytes:
    """Send a request and return all that arrives until the other side hangs up."""
    host, port = client.server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=seconds) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        token = f"Authorization: Bearer {client.server.token}\r\n\r\n"
        connection.sendall((head + token).encode())
        pieces = []
        while piece := connection.recv(65_536):
            pieces.append(piece)
        return b"".join(pieces)


@pytest.mark.parametrize(
    ("fault", "status", "beginning"),
    [
        ("500", 500, '{"type":"error.list"'),
        ("502", 502, "<html>"),
        ("503", 503, "<html>"),
        ("504", 504, ""),
        ("408", 408, '{"type":"error.list"'),
        ("401", 401, '{"type":"error.list"'),
        ("429", 429, '{"type":"error.list"'),
        ("429_bare", 429, ""),
        ("429_early", 429, '{"type":"error.list"'),
        ("empty", 200, ""),
        ("html", 200, "<!DOCTYPE html>"),
    ],
)
def test_an_answer_can_be_an_error(serve: Serve, fault: str, status: int, beginning: str) -> None:
    client = serve(5, **{f"fault_{fault}": 1.0})
    answer = client.answer("/conversations")
    assert answer.status_code == status
    assert answer.text.startswith(beginning)
    assert bool(answer.text) is bool(beginning)
    assert client.server.counters.faults == {fault: 1}


def test_rate_limit_faults_tell_different_stories(serve: Serve) -> None:
    client = serve(5, fault_429=1.0)
    assert client.answer("/me").headers["X-RateLimit-Remaining"] == "0"
    client.server.switches.set(fault_429=0.0, fault_429_bare=1.0)
    assert "X-RateLimit-Remaining" not in client.answer("/me").headers
    client.server.switches.set(fault_429_bare=0.0, fault_429_early=1.0)
    early = client.answer("/me")
    assert int(early.headers["X-RateLimit-Remaining"]) > 1_000
    assert early.json()["errors"][0]["code"] == "too_many_requests"


def test_only_the_search_answers_404_out_of_nothing(serve: Serve) -> None:
    client = serve(5, fault_404=1.0)
    assert client.answer("/conversations").status_code == 200
    body = {"query": {"field": "updated_at", "operator": ">", "value": 0}}
    assert client.post("/conversations/search", body).status_code == 404


def test_a_connection_can_be_reset(serve: Serve) -> None:
    client = serve(5, fault_reset=1.0)
    with pytest.raises(ConnectionResetError):
        raw(client)
    with pytest.raises(requests.ConnectionError):
        client.answer("/me")


def test_a_connection_can_be_half_closed(serve: Serve) -> None:
    client = serve(5, fault_half_close=1.0)
    assert raw(client) == b""
    with pytest.raises(requests.ConnectionError):
        client.answer("/me")


def test_a_body_can_be_torn_though_its_length_fits(serve: Serve) -> None:
    client = serve(20, gzip=False)
    whole = client.answer("/conversations").content
    client.server.switches.set(fault_torn=1.0)
    assert client.answer("/conversations").content == whole[: len(whole) // 2]


def test_an_error_may_have_no_request_id(serve: Serve) -> None:
    client = serve(5, fault_408=1.0)
    assert client.answer("/me").json()["request_id"] is None


def test_a_body_can_be_cut_off(serve: Serve) -> None:
    client = serve(20, fault_cut=1.0)
    head, _, body = raw(client, "/conversations").partition(b"\r\n\r\n")
    [length] = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    assert 0 < len(body) < int(length.split(b":")[1])
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        client.answer("/conversations")


def test_a_response_can_drip_for_ever(serve: Serve) -> None:
    client = serve(5, fault_drip=1.0)
    started = time.monotonic()
    answer = client.session.get(client.server.url + "/me", stream=True, timeout=5)
    pieces = answer.iter_content(1)
    assert [next(pieces) for _ in range(4)] == [b" "] * 4
    answer.close()
    assert time.monotonic() - started > 0.1
    client.server.switches.set(fault_drip=0.0)
    assert client.answer("/me").status_code == 200


def test_a_dripping_response_does_not_hold_up_the_end(serve: Serve) -> None:
    client = serve(5, fault_drip=1.0)
    answer = client.session.get(client.server.url + "/me", stream=True, timeout=5)
    started = time.monotonic()
    client.server.__exit__(None, None, None)
    assert time.monotonic() - started < 1
    answer.close()
    client.server.__enter__()


def test_a_body_can_be_slow_and_whole(serve: Serve) -> None:
    client = serve(5, fault_slow=1.0, slow_seconds=0.3)
    started = time.monotonic()
    assert client.get("/conversations")["total_count"] == 5
    assert time.monotonic() - started >= 0.3


def test_faults_come_as_often_as_they_should_and_always_the_same(serve: Serve) -> None:
    def statuses() -> list[int]:
        client = serve(5, fault_500=0.2, fault_503=0.2, fault_seed=3)
        return [client.answer("/me").status_code for _ in range(100)]

    first = statuses()
    assert first == statuses()
    assert 8 < first.count(500) < 35
    assert 8 < first.count(503) < 35


def test_faults_can_be_kept_to_some_endpoints(serve: Serve) -> None:
    client = serve(5, fault_500=1.0, fault_endpoints=["me"])
    assert client.answer("/me").status_code == 500
    assert client.answer("/tags").status_code == 200


def test_each_request_can_fail_a_number_of_times(serve: Serve) -> None:
    client = serve(5, fail_first=2, fail_first_with="502")
    for path in ("/me", "/tags"):
        assert [client.answer(path).status_code for _ in range(4)] == [502, 502, 200, 200]
