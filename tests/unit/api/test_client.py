"""The client sends, decodes, and asks again where that can help."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.jsontext import decoder, split_rows
from tests.conftest import RETRIES
from tests.support.serving import Said, refusal

if TYPE_CHECKING:
    from tests.conftest import Answer, Connect

any_json = decoder(dict[str, Any])


pytestmark = pytest.mark.usefixtures("no_backoff")


def test_sends_parameters_and_a_json_body(connect: Connect, answer: Answer) -> None:
    server = answer(Said())
    client = connect(f"{server.url}/proxy/")
    query = {"query": {"value": ["ü", None, 1]}}
    client.fetch("POST", "/search", decode=any_json, params={"a": "b c&d"}, json=query)

    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/proxy/search")
    assert asked.query == {"a": "b c&d"}
    assert asked.body == query
    assert asked.headers["Content-Type"] == "application/json"


# --- What comes back ---


def test_tries_can_be_fewer(connect: Connect, answer: Answer) -> None:
    server = answer(Said(status=500))

    with pytest.raises(errors.Unavailable):
        connect(server.url, max_retries=8).fetch("GET", "/tags", decode=any_json, tries=1)
    assert len(server.asked) == 1


def test_every_try_counts_as_sent(connect: Connect, answer: Answer) -> None:
    server = answer(Said(status=500), Said(status=500), Said())
    client = connect(server.url)
    client.get("/tags", decode=any_json)

    assert client.sent == len(server.asked) == 3


def test_an_answer_of_another_form_is_final(connect: Connect, answer: Answer) -> None:
    server = answer(Said([b"[1, 2]"]))

    with pytest.raises(errors.UnreadableAnswer, match="api_url"):
        connect(server.url).get("/tags", decode=any_json)
    assert len(server.asked) == 1


# --- What cannot be decoded ---


@pytest.mark.parametrize(
    "body",
    [b'{"a": %s}' % (b"7" * 5_000), b'{"a": "\\x"}', b"[1,]"],
    ids=["digits", "escape", "comma"],
)
def test_an_answer_that_is_whole_but_unreadable_is_final(
    connect: Connect, answer: Answer, body: bytes
) -> None:
    """It would be the same again, however often."""
    server = answer(Said(body))

    with pytest.raises(errors.UnreadableAnswer, match="GET /tags"):
        connect(server.url).get("/tags", decode=any_json)
    assert len(server.asked) == 1


@pytest.mark.parametrize("trouble", [RecursionError, UnicodeDecodeError("utf-8", b"", 0, 1, "")])
def test_whatever_a_decoder_runs_into_is_told(
    connect: Connect, answer: Answer, trouble: type[Exception] | Exception
) -> None:
    def decode(_: bytes) -> None:
        raise trouble

    with pytest.raises(errors.UnreadableAnswer):
        connect(answer(Said()).url).get("/tags", decode=decode)


def test_a_decoder_that_copes_has_its_rows(connect: Connect, answer: Answer) -> None:
    def decode(body: bytes) -> list[bytes]:
        return split_rows(body, frozenset({"data"}))[1]

    body = b'{"data": [1, %s, 3]}' % (b"[" * 3_000 + b"]" * 3_000)
    server = answer(Said(body[:-9]), Said(body))
    first, _, last = connect(server.url).get("/tags", decode=decode)

    assert (first, last) == (b"1", b"3")
    assert len(server.asked) == 2  # the one that was cut off was asked for again


@pytest.mark.parametrize("body", [b"", b" ", b"<html></html>", b'{"ok": 1', b'{"ok": 1}}', b"{]"])
def test_an_answer_that_is_cut_off_is_asked_for_again(
    connect: Connect, answer: Answer, body: bytes
) -> None:
    server = answer(Said(body), Said({"ok": 1}))

    assert connect(server.url).get("/tags", decode=any_json) == {"ok": 1}


# --- The API's clock ---


def test_once_anything_answered_the_time_is_not_asked_for(connect: Connect, answer: Answer) -> None:
    server = answer(Said())
    client = connect(server.url)
    client.get("/tags", decode=any_json)
    client.ask_time()

    assert [asked.path for asked in server.asked] == ["/tags"]


@pytest.mark.parametrize(
    "said",
    [
        Said(),
        Said(b"<html></html>"),
        refusal(403, "forbidden"),
        refusal(401, "token_unauthorized"),
        refusal(404, "not_found"),
        Said(b"", 404),
        Said(b"", 503),
        Said(b"", 302),
    ],
)
def test_any_answer_tells_the_time(connect: Connect, answer: Answer, said: Said) -> None:
    server = answer(said)
    client = connect(server.url)
    client.ask_time()

    assert client.clock_ahead is not None
    assert [asked.path for asked in server.asked] == ["/me"]


def test_a_wrong_token_is_found_by_asking_for_the_time(connect: Connect, answer: Answer) -> None:
    server = answer(refusal(401, "unauthorized"))

    with pytest.raises(errors.Unauthorized, match="access_token"):
        connect(server.url).ask_time()
    assert len(server.asked) == 1


def test_a_host_without_a_clock_is_no_trouble(connect: Connect, answer: Answer) -> None:
    client = connect(answer(Said(headers={"Date": "soon"})).url)
    client.ask_time()

    assert client.clock_ahead is None


# --- Ids in paths ---


@pytest.mark.parametrize(
    "identifier", ["421", "a/b", "../tags", "a?b=c", "a#b", "a%2Fb", "ü \n", "a;b", "...", "%2e"]
)
def test_an_id_stays_one_part_of_its_path(
    connect: Connect, answer: Answer, identifier: str
) -> None:
    server = answer(Said())
    connect(server.url).get("/conversations/{}", decode=any_json, of=identifier)

    [asked] = server.asked
    assert unquote(asked.path) == f"/conversations/{identifier}"
    assert asked.path.count("/") == 2
    assert asked.query == {}


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_an_id_that_no_path_can_hold_is_told(connect: Connect, identifier: str) -> None:
    with pytest.raises(errors.UnreadableRow):
        connect("http://127.0.0.1:9").get("/conversations/{}", decode=any_json, of=identifier)


@pytest.mark.parametrize(
    ("identifier", "told"),
    [
        ("421", "421"),
        ("6658c0ffee6658c0ffee6658", "6658c0ffee6658c0ffee6658"),
        ("ada.lovelace@example.com", "..."),
        ("Ada", "..."),
        ("Ada%20Lovelace", "..."),
    ],
)
def test_an_id_in_words_is_in_no_line(
    connect: Connect,
    answer: Answer,
    caplog: pytest.LogCaptureFixture,
    identifier: str,
    told: str,
) -> None:
    """Not in the lines of retries, not in the error, and not in what urllib3 has to say."""
    caplog.set_level(logging.DEBUG)
    server = answer(Said(status=500))
    with pytest.raises(errors.Unavailable) as caught:
        connect(server.url).get("/contacts/{}/tags", decode=any_json, of=identifier)
    [line] = [line for line in caplog.messages if line.startswith("Try 1 of")]

    assert len(server.asked) == RETRIES + 1
    assert f"GET /contacts/{told}/tags: 500" in line
    assert f"GET /contacts/{told}/tags: 500" in str(caught.value)
    assert (identifier in caplog.text) == (told == identifier)
    assert f"GET /contacts/{told}/tags: 500, 2 bytes" in caplog.text
