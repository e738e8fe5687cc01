"""Page sizes over real sockets: what takes too long, and what cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.reading.pages import PageReader
from tests.conftest import RETRIES
from tests.support.serving import Asked, Said, Server
from tests.unit.reading.test_pages import EMPTY, QUERY, search

if TYPE_CHECKING:
    from tests.conftest import Connect, WiredAnswer

pytestmark = pytest.mark.usefixtures("no_backoff")


# --- Smaller pages ---


def size_of(asked: Asked) -> int:
    return int((asked.body or {"pagination": asked.query})["pagination"]["per_page"])


def test_a_page_that_takes_too_long_is_asked_for_smaller(
    connect: Connect, answer: WiredAnswer
) -> None:
    def said(asked: Asked) -> Said:
        slow = size_of(asked) > 50
        return Said(EMPTY, wait=lambda: server.over.wait(20) if slow else None)

    server = answer(said)
    reader = PageReader(connect(server.url, timeout=0.1, max_retries=0), search())

    assert reader.read(QUERY, {}).size == 50


def test_a_host_that_cannot_be_reached_is_no_matter_of_size(connect: Connect) -> None:
    with Server([Said()]) as server:
        client = connect(server.url)
        client.answered = True
        gone = PageReader(client, search())

    with pytest.raises(errors.Unavailable, match="refused the connection"):
        gone.read(QUERY, {})
    assert client.sent == 1 + RETRIES
