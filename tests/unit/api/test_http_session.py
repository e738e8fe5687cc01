"""The session sends what it must, and keeps and follows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.api.tolerant import decoder
from tests.conftest import TOKEN
from tests.support.serving import Said

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Answer, Connect

any_json = decoder(dict[str, Any])


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


@pytest.mark.parametrize(
    "url", ["http://api.intercom.io", "http://10.0.0.7:8080", "http://127.0.0.1.example/x"]
)
def test_a_token_that_others_can_read_draws_a_warning(
    connect: Connect, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    connect(url)

    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert "api_url" in record.getMessage()


@pytest.mark.parametrize(
    "url",
    [
        "https://api.intercom.io",
        "http://127.0.0.1:8080",
        "http://127.8.9.1",
        "http://localhost:1",
        "http://sandbox.localhost",
        "http://[::1]:8080",
    ],
)
def test_nobody_else_reads_it_on_the_same_machine(
    connect: Connect, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    connect(url)

    assert caplog.records == []
