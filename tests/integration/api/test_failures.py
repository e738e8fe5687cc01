"""What is told of a host that refuses, and of a version that the API refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.jsontext import decoder
from tests.support.serving import Said, Server

if TYPE_CHECKING:
    from tests.conftest import Connect, Serve
any_json = decoder(dict[str, Any])


pytestmark = pytest.mark.usefixtures("no_backoff")


# --- The network ---


def test_a_host_that_refuses_is_named_by_its_settings(connect: Connect) -> None:
    with Server([Said()]) as server:
        gone = server.url

    with pytest.raises(errors.Unavailable, match=r"refused the connection.*api_url"):
        connect(gone, max_retries=1).get("/tags", decode=any_json)


# --- No secrets ---


def test_a_version_that_is_refused_names_the_setting(connect: Connect, serve: Serve) -> None:
    server = serve()
    client = connect(server.url, access_token=server.token, api_version="2.13")

    with pytest.raises(errors.Refused, match="api_version"):
        client.get("/conversations/deleted", decode=any_json)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "http://", "ftp://x", "http://x:words"])
def test_a_proxy_that_cannot_be_used_is_the_culprit(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy)

    with pytest.raises(errors.Unavailable, match=r"the proxy cannot be used\)\. Check HTTP_PROXY"):
        connect("https://nowhere.invalid", max_retries=0).get("/tags", decode=any_json)


def test_a_host_without_tls_is_told(connect: Connect) -> None:
    message = r"no TLS connection came about.*check.*api_url"
    with Server([Said()]) as server, pytest.raises(errors.Unavailable, match=message):
        connect(f"https{server.url[4:]}", max_retries=0).get("/tags", decode=any_json)


def test_a_missing_file_of_certificates_is_told(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")

    with pytest.raises(errors.Unavailable, match=r"not there.*Check REQUESTS_CA_BUNDLE") as caught:
        connect("https://127.0.0.1:9", max_retries=0).get("/tags", decode=any_json)
    assert "nowhere" not in str(caught.value)
