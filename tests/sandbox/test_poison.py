"""Conversations that cannot be read, answers that are packed oddly, errors that are too long."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from time import time
from typing import TYPE_CHECKING

import pytest
import requests

from sandbox.poison import KINDS
from sandbox.switches import ENCODINGS

if TYPE_CHECKING:
    from tests.sandbox.conftest import Client, Serve

TEXTS = {
    "nested": b"[[[[",
    "1e400": b":1e400",
    "digits": b"7777777777",
    "utf8": b"\xe9 \xff",
    "nan": b":NaN",
    "control": b"\x00b\x1f",
    "updated_at": b'"updated_at":"soon"',
    "future": b'"updated_at":2540000000',
}
SAID = {"gzip-members": "gzip", "deflate-raw": "deflate"}


def fetched(client: Client, kind: str) -> tuple[bytes, bytes]:
    """A search's page and the conversation itself, with one conversation poisoned."""
    bad = client.workspace.ids()[3]
    client.server.switches.set(poison={bad: kind})
    query = {"query": {"field": "updated_at", "operator": ">", "value": 0}}
    page = client.post("/conversations/search", query).content
    return page, client.answer(f"/conversations/{bad}").content


@pytest.mark.parametrize("kind", TEXTS)
def test_poison_is_in_the_page_and_in_the_conversation(serve: Serve, kind: str) -> None:
    for body in fetched(serve(8, exact_parts={}), kind):
        assert TEXTS[kind] in body
        assert b"POISON" not in body


def test_poison_without_an_id_or_without_parts(serve: Serve) -> None:
    client = serve(8, exact_parts={})
    assert "id" not in json.loads(fetched(client, "no_id")[1])
    assert "conversation_parts" not in json.loads(fetched(client, "no_parts")[1])
    assert json.loads(fetched(client, "parts_null")[1])["conversation_parts"] is None
    page, one = fetched(client, "parts_count")
    assert b'"total_count":1e400' in one
    assert b"1e400" not in page


def test_a_kind_of_poison_that_does_not_exist(serve: Serve) -> None:
    with pytest.raises(ValueError, match="a kind of poison"):
        serve(3, poison={"1": "arsenic"})
    assert len(KINDS) == 12


@pytest.mark.parametrize("status", [301, 401, 403, 410, 422, 500])
def test_conversations_that_answer_a_status_for_ever(serve: Serve, status: int) -> None:
    client = serve(8)
    bad, good = client.workspace.ids()[:2]
    client.server.switches.set(broken=[bad], broken_status=status)
    for _ in range(2):
        url = f"{client.server.url}/conversations/{bad}"
        answer = client.session.get(url, timeout=10, allow_redirects=False)
        assert answer.status_code == status
        assert answer.is_redirect == (status == 301)
    assert client.answer(f"/conversations/{good}").status_code == 200


def test_a_conversation_that_never_ends(serve: Serve) -> None:
    client = serve(8)
    bad = client.workspace.ids()[0]
    client.server.switches.set(broken=[bad], broken_status=0)
    url = f"{client.server.url}/conversations/{bad}"
    with client.session.get(url, timeout=1, stream=True) as answer:
        assert answer.status_code == 200
        assert answer.raw.read(1) == b" "


def test_not_found_by_chance_in_a_gateways_words_or_in_the_apis(serve: Serve) -> None:
    client = serve(8, fault_endpoints=["conversation"], fault_404_html=0.5)
    path = f"/conversations/{client.workspace.ids()[0]}"
    said = [client.answer(path) for _ in range(20)]
    assert {answer.status_code for answer in said} == {200, 404}
    assert all("html" in a.headers["Content-Type"] for a in said if a.status_code == 404)
    client.server.switches.set(fault_404_html=0, fault_404_json=1.0)
    assert client.answer(path).json()["errors"][0]["code"] == "not_found"
    assert client.answer("/conversations").status_code == 200


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bodies_packed_in_other_ways(serve: Serve, encoding: str) -> None:
    client = serve(8, encoding=encoding)
    answer = client.answer("/conversations")
    assert answer.headers["Content-Encoding"] == SAID.get(encoding, encoding)
    assert len(answer.json()["conversations"]) == 8
    plain = requests.get(
        client.server.url + "/conversations",
        headers={**client.session.headers, "Accept-Encoding": "identity"},
        timeout=10,
    )
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == answer.json()


def test_error_codes_of_a_megabyte(serve: Serve) -> None:
    client = serve(3, error_code_size=10**6)
    answer = client.answer("/conversations/0")
    assert answer.status_code == 404
    assert len(answer.json()["errors"][0]["code"]) == 10**6


def test_a_clock_that_is_ahead(serve: Serve) -> None:
    client = serve(3, clock_offset=-900)
    answer = client.answer("/conversations")
    behind = time() - parsedate_to_datetime(answer.headers["Date"]).timestamp()
    assert 899 <= behind <= 902
    assert -900 <= int(answer.headers["X-RateLimit-Reset"]) - time() <= -888
