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
