"""Tokens, versions, permissions and the request budget."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.limits import Limiter
from sandbox.switches import Switches

if TYPE_CHECKING:
    from tests.sandbox.conftest import Serve

Json = dict[str, Any]


def test_without_the_token_there_is_nothing(serve: Serve) -> None:
    client = serve(5)
    for header in ("", "Bearer wrong", client.server.token):
        answer = requests.get(
            client.server.url + "/me", headers={"Authorization": header}, timeout=10
        )
        assert answer.status_code == 401
        body = answer.json()
        assert body["type"] == "error.list"
        assert body["errors"][0]["code"] == "unauthorized"
        assert not [name for name in answer.headers if name.lower().startswith("x-ratelimit")]


def test_a_token_can_expire_in_the_middle(serve: Serve) -> None:
    client = serve(5, unauthorized_after=3)
    statuses = [client.answer("/me").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 401, 401]


@pytest.mark.parametrize(
    ("code", "status"), [("token_unauthorized", 401), ("api_plan_restricted", 403)]
)
def test_a_permission_can_be_lacking(serve: Serve, code: str, status: int) -> None:
    client = serve(5, denied={"me": code})
    answer = client.answer("/me")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert "X-RateLimit-Limit" in answer.headers
    assert client.answer("/conversations").status_code == 200


def test_the_version_must_be_known(serve: Serve) -> None:
    client = serve(5)
    for version in ("1.0", "2.0", "2.16", "2.17", "Preview", "Unstable"):
        client.version(version)
        assert client.answer("/conversations").status_code == 200
    for version in ("2.99", "3", "preview!"):
        client.version(version)
        answer = client.answer("/conversations")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "intercom_version_invalid"


def test_without_a_version_the_workspaces_own_applies(serve: Serve) -> None:
    client = serve(5, default_version="2.3")
    del client.session.headers["Intercom-Version"]
    assert "assignee" in client.get("/conversations")["conversations"][0]


@pytest.mark.parametrize(
    ("path", "last_without"),
    [
        ("/conversations/deleted", "2.15"),
        ("/conversations/attributes", "2.15"),
        ("/conversations/{}/side_conversations", "2.15"),
        ("/conversations/{}/handling_events", "2.14"),
    ],
)
def test_endpoints_can_be_too_new(serve: Serve, path: str, last_without: str) -> None:
    client = serve(5)
    path = path.format(client.workspace.ids()[0])
    assert client.answer(path).status_code == 200
    client.version(last_without)
    answer = client.answer(path)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "intercom_version_invalid"


def test_unknown_paths_are_not_found(serve: Serve) -> None:
    client = serve(5)
    assert client.answer("/visitors").status_code == 404
    assert client.answer("/conversations/1/parts").status_code == 404


def test_answers_are_packed_for_those_who_ask(serve: Serve) -> None:
    client = serve(30)
    packed = client.answer("/conversations")
    assert packed.headers["Content-Encoding"] == "gzip"
    client.session.headers["Accept-Encoding"] = "identity"
    plain = client.answer("/conversations")
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == packed.json()


def test_headers_tell_what_is_left_of_the_window(serve: Serve) -> None:
    client = serve(5, rate_limit=600)
    client.server.gate.limiter = Limiter(client.server.switches, lambda: 1_000_003.5)
    headers = [client.answer("/me").headers for _ in range(2)]
    assert [header["X-RateLimit-Remaining"] for header in headers] == ["99", "98"]
    assert headers[0]["X-RateLimit-Limit"] == "100"
    assert headers[0]["X-RateLimit-Reset"] == "1000010"
    client.server.switches.set(rate_limit_figure="minute")
    assert client.answer("/me").headers["X-RateLimit-Limit"] == "600"
    client.server.switches.set(rate_limit_figure="mixed")
    figures = [client.answer("/me").headers["X-RateLimit-Limit"] for _ in range(3)]
    assert figures == ["600", "100", "600"]
    client.server.switches.set(rate_limit_headers=False)
    assert "X-RateLimit-Limit" not in client.answer("/me").headers


@pytest.mark.parametrize("switches", [{}, {"unauthorized_after": 0}, {"rate_limit": 0}])
def test_the_date_is_that_of_the_windows_clock(serve: Serve, switches: Json) -> None:
    """Cut to the second, and never that of an earlier one: clients set their clocks by it."""
    client = serve(5, **switches)
    now = [0.0]
    client.server.gate.limiter = Limiter(client.server.switches, lambda: now[0])
    for now[0] in (1_790_000_009.99, 1_790_000_010.0):
        date = parsedate_to_datetime(client.answer("/me").headers["Date"])
        assert date.timestamp() == int(now[0])


def test_beyond_the_budget_requests_are_refused(serve: Serve) -> None:
    client = serve(5, rate_limit=30, retry_after=True)
    now = [1_000_000.0]
    client.server.gate.limiter = Limiter(client.server.switches, lambda: now[0])
    statuses = [client.answer("/me").status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    refused = client.answer("/me")
    assert refused.json()["errors"][0]["code"] == "rate_limit_exceeded"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["Retry-After"] == "10"
    assert client.get("/_sandbox/stats")["rate_limited"] == 3
    now[0] += 10
    assert client.answer("/me").status_code == 200


def test_other_integrations_use_the_budget_up(serve: Serve) -> None:
    client = serve(5, rate_limit=600, other_usage=12.5)
    client.server.gate.limiter = Limiter(client.server.switches, lambda: 1_000_004.0)
    assert client.answer("/me").headers["X-RateLimit-Remaining"] == "49"
    client.server.gate.limiter = Limiter(client.server.switches, lambda: 1_000_008.0)
    assert client.answer("/me").status_code == 429


def test_hundreds_of_requests_wait_side_by_side(serve: Serve) -> None:
    client = serve(5, latency=0.3)
    url, token = client.server.url, client.server.token

    def ask(_number: int) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(url + "/me", headers=headers, timeout=20).status_code

    with ThreadPoolExecutor(60) as pool:
        assert set(pool.map(ask, range(120))) == {200}
    stats = client.get("/_sandbox/stats")
    assert stats["max_in_flight"] > 20
    assert stats["in_flight"] == 0


def test_pages_can_take_longer_than_the_rest(serve: Serve) -> None:
    client = serve(5, latency="0", search_latency="0.4-0.41")
    assert client.answer("/me").elapsed.total_seconds() < 0.4
    assert client.answer("/conversations").elapsed.total_seconds() >= 0.4


def test_switches_refuse_what_is_not_theirs() -> None:
    switches = Switches()
    for wrong in ({"nonsense": 1}, {"next_form": "nonsense"}, {"fault_500": "often"}):
        with pytest.raises(ValueError, match=r"nonsense|often"):
            switches.set(**wrong, fault_503=1.0)
    assert switches == Switches()
    switches.set(fault_500=1, broken=["1"], latency="0.1-0.2")
    assert (switches.fault_500, switches.broken) == (1.0, ("1",))
    assert switches.latency == (0.1, 0.2)
