"""The client sends what it must, asks again where that can help, and tells no secrets."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.api import body as module
from tap_intercom_conversations.api.tolerant import decoder
from tests.conftest import RETRIES, TOKEN
from tests.support.serving import Said, Server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Answer, Connect, Serve

BODY_TEXT = "a customer's own words"
any_json = decoder(dict[str, Any])


pytestmark = pytest.mark.usefixtures("no_backoff")


def refusal(status: int, code: str, message: str = "No.") -> Said:
    body = {"type": "error.list", "request_id": "req-1", "errors": [{"code": code}]}
    body["errors"][0]["message"] = message  # type: ignore[index]
    return Said(body, status)


# --- What is sent ---


def test_sends_token_version_and_user_agent(connect: Connect, answer: Answer) -> None:
    server = answer(Said({"ok": True}))
    client = connect(server.url, api_version="2.11", user_agent="acme-sync/3")

    assert client.get("/tags", decode=any_json) == {"ok": True}
    [asked] = server.asked
    assert (asked.method, asked.path) == ("GET", "/tags")
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["Intercom-Version"] == "2.11"
    assert asked.headers["User-Agent"] == "acme-sync/3"
    assert asked.headers["Accept"] == "application/json"
    assert "gzip" in asked.headers["Accept-Encoding"]


def test_sends_parameters_and_a_json_body(connect: Connect, answer: Answer) -> None:
    server = answer(Said())
    client = connect(f"{server.url}/proxy/")
    client.post("/search", {"query": {"value": ["ü", None, 1]}}, {"a": "b c&d"}, decode=any_json)

    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/proxy/search")
    assert asked.query == {"a": "b c&d"}
    assert asked.body == {"query": {"value": ["ü", None, 1]}}
    assert asked.headers["Content-Type"] == "application/json"


def test_a_netrc_entry_does_not_replace_the_token(
    connect: Connect, answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    server = answer(Said())
    connect(server.url).get("/tags", decode=any_json)

    assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_keeps_no_cookies(connect: Connect, answer: Answer) -> None:
    server = answer(Said(headers={"Set-Cookie": "session=1; Path=/"}))
    client = connect(server.url)
    for _ in range(2):
        client.get("/tags", decode=any_json)

    assert [asked.headers.get("Cookie") for asked in server.asked] == [None, None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(connect: Connect, answer: Answer, status: int) -> None:
    elsewhere = answer(Said())
    server = answer(Said(status=status, headers={"Location": f"{elsewhere.url}/tags"}))

    with pytest.raises(errors.Refused, match="api_url"):
        connect(server.url).get("/tags", decode=any_json)
    assert len(server.asked) == 1
    assert elsewhere.asked == []


# --- What comes back ---


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (refusal(400, "parameter_invalid"), errors.Refused),
        (refusal(401, "unauthorized"), errors.Unauthorized),
        (refusal(401, "token_unauthorized"), errors.PermissionDenied),
        (refusal(403, "api_plan_restricted"), errors.PermissionDenied),
        (refusal(404, "not_found"), errors.NotFound),
        (refusal(404, "conversation_not_found"), errors.NotFound),
        (refusal(405, "method_not_allowed"), errors.Refused),
        (Said(b"", 410), errors.Refused),
        (refusal(422, "parameter_invalid"), errors.Refused),
    ],
)
def test_a_refusal_is_final(
    connect: Connect, answer: Answer, said: Said, kind: type[errors.ApiError]
) -> None:
    server = answer(said)

    with pytest.raises(errors.ApiError) as caught:
        connect(server.url).get("/tags", decode=any_json)
    assert type(caught.value) is kind
    assert caught.value.status == said.status
    assert len(server.asked) == 1


def test_the_search_is_asked_again_after_a_404(connect: Connect, answer: Answer) -> None:
    """One of its rows was just being deleted; the search itself always exists."""
    server = answer(refusal(404, "not_found"), Said({"ok": 1}))

    assert connect(server.url).post("/conversations/search", {}, decode=any_json) == {"ok": 1}


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html><h1>Bad Gateway</h1></html>", b'{"errors": []}'])
def test_trouble_is_asked_again_and_then_told(
    connect: Connect, answer: Answer, status: int, body: bytes
) -> None:
    server = answer(Said(body, status))

    with pytest.raises(errors.Unavailable, match=f"GET /tags: {status}") as caught:
        connect(server.url).get("/tags", decode=any_json)
    assert caught.value.status == status
    assert len(server.asked) == 1 + RETRIES


def test_tries_can_be_fewer(connect: Connect, answer: Answer) -> None:
    server = answer(Said(status=500))

    with pytest.raises(errors.Unavailable):
        connect(server.url, max_retries=8).get("/tags", decode=any_json, tries=1)
    assert len(server.asked) == 1


def test_every_try_counts_as_sent(connect: Connect, answer: Answer) -> None:
    server = answer(Said(status=500), Said(status=500), Said())
    client = connect(server.url)
    client.get("/tags", decode=any_json)

    assert client.sent == len(server.asked) == 3


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


def test_a_body_that_cannot_be_unpacked_is_asked_for_again(
    connect: Connect, answer: Answer
) -> None:
    packed = {"Content-Encoding": "gzip"}
    server = answer(
        Said(b"no gzip at all", headers=packed),
        Said(gzip.compress(b'{"ok": 1}')[:-6], headers=packed),
        Said(gzip.compress(b'{"ok": 1}'), headers=packed),
    )

    assert connect(server.url).get("/tags", decode=any_json) == {"ok": 1}


def test_an_answer_of_another_form_is_final(connect: Connect, answer: Answer) -> None:
    server = answer(Said([b"[1, 2]"]))

    with pytest.raises(errors.UnreadableAnswer, match="api_url"):
        connect(server.url).get("/tags", decode=any_json)
    assert len(server.asked) == 1


def test_an_endless_answer_is_broken_off(
    connect: Connect, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BODY_BYTES", 1_000_000)
    bomb = gzip.compress(b" " * 10_000_000 + b"{}")
    server = answer(Said(bomb, headers={"Content-Encoding": "gzip"}))

    with pytest.raises(errors.ApiError, match="GET /tags"):
        connect(server.url).get("/tags", decode=any_json)


def test_an_answer_that_drips_is_ended_at_the_deadline(
    connect: Connect, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_intercom_conversations.api.transport.WATCH_INTERVAL", 0.02)
    server = answer(Said([b" "] * 2_000, wait=lambda: server.over.wait(0.02)))

    with pytest.raises(errors.Unavailable, match="in time") as caught:
        connect(server.url, timeout=0.15, max_retries=0).get("/tags", decode=any_json)
    assert caught.value.slow


def test_no_answer_at_all_is_ended_at_the_deadline(connect: Connect, answer: Answer) -> None:
    server = answer(lambda _: Said(wait=lambda: server.over.wait(20)))

    with pytest.raises(errors.Unavailable, match="in time") as caught:
        connect(server.url, timeout=0.1, max_retries=0).get("/tags", decode=any_json)
    assert caught.value.slow


def test_a_host_that_refuses_is_named_by_its_settings(connect: Connect) -> None:
    with Server([Said()]) as server:
        gone = server.url

    with pytest.raises(errors.Unavailable, match=r"refused the connection.*api_url"):
        connect(gone, max_retries=1).get("/tags", decode=any_json)


# --- No secrets ---


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500])
def test_an_error_has_the_apis_code_and_request_id(
    connect: Connect, answer: Answer, status: int
) -> None:
    server = answer(refusal(status, "some_code", "Too bad."))

    with pytest.raises(errors.ApiError, match=r"some_code \(Too bad\.\) \[request id req-1\]"):
        connect(server.url).get("/tags", decode=any_json)


@pytest.mark.parametrize("status", [200, 400, 401, 404, 500])
def test_an_error_never_has_the_body_or_the_token(
    connect: Connect, answer: Answer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    said = [
        Said(f"<html>{BODY_TEXT} {TOKEN}</html>".encode(), status),
        Said({"conversation": {"body": BODY_TEXT}, "token": TOKEN, "errors": 7}, status),
        refusal(status, "c", f"the token {TOKEN} is unknown"),
    ]
    for each in said:
        with pytest.raises(errors.ApiError) as caught:
            connect(answer(each).url).get("/tags", decode=decoder(list[int]))
        assert TOKEN not in str(caught.value)
        assert BODY_TEXT not in str(caught.value)
        assert caught.value.__cause__ is None
    assert TOKEN not in caplog.text
    assert BODY_TEXT not in caplog.text


def test_a_version_that_is_refused_names_the_setting(connect: Connect, serve: Serve) -> None:
    server = serve()
    client = connect(server.url, access_token=server.token, api_version="2.13")

    with pytest.raises(errors.Refused, match="api_version"):
        client.get("/conversations/deleted", decode=any_json)
