"""A body is unpacked whatever a proxy has made of it, and never to more than it may have."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.api import body as module
from tap_intercom_conversations.api.body import Body, Garbled, Oversized
from tap_intercom_conversations.jsontext import decoder
from tests.support.serving import Said

if TYPE_CHECKING:
    from tests.conftest import Answer, Connect

any_json = decoder(dict[str, Any])
TEXT = b'{"ok": "' + b"\xc3\xbc" * 5_000 + b'"}'


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "gzip, two members": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
    "gzip, the second empty": gzip.compress(TEXT) + gzip.compress(b""),
    "gzip, padded": gzip.compress(TEXT) + b"\0" * 100,
    "zlib": zlib.compress(TEXT),
    "raw deflate": raw_deflate(TEXT),
}
packed = pytest.mark.parametrize("wire", PACKED.values(), ids=PACKED)


@packed
def test_unpacks_what_is_packed_in_any_way(wire: bytes) -> None:
    assert Body(wire, packed=True).content() == TEXT


def test_what_is_not_packed_stays_as_it_came() -> None:
    assert Body(PACKED["gzip"], packed=False).content() == PACKED["gzip"]


def test_nothing_is_nothing_packed_or_not() -> None:
    assert Body(b"", packed=True).content() == Body(b"", packed=False).content() == b""


@packed
@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
def test_a_body_that_is_cut_off_is_told(wire: bytes, part: float) -> None:
    end = int(len(wire.rstrip(b"\0")) * part)
    with pytest.raises(Garbled):
        Body(wire[:end], packed=True).content()


def test_what_is_packed_in_no_known_way_is_told() -> None:
    with pytest.raises(Garbled):
        Body(b"\xffno gzip at all", packed=True).content()


@pytest.mark.parametrize("members", [1, 2, 50])
def test_never_unpacks_more_than_a_body_may_have(
    members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = b"".join([gzip.compress(b" " * (1_000_000 // members))] * members)
    monkeypatch.setattr(module, "LARGEST_BODY_BYTES", 1_000_000)
    assert len(Body(wire, packed=True).content()) == 1_000_000

    monkeypatch.setattr(module, "LARGEST_BODY_BYTES", 999_999)
    with pytest.raises(Oversized):
        Body(wire, packed=True).content()


# --- Over the wire ---


@pytest.mark.parametrize(
    ("encoding", "form"),
    [
        ("gzip", "gzip"),
        ("GZIP", "gzip, two members"),
        ("x-gzip", "gzip"),
        ("deflate", "zlib"),
        ("deflate", "raw deflate"),
        ("identity", "as it is"),
        ("", "as it is"),
        ("utf-8", "as it is"),
    ],
)
def test_reads_every_encoding(connect: Connect, answer: Answer, encoding: str, form: str) -> None:
    wire = {**PACKED, "as it is": TEXT}[form]
    server = answer(Said(wire, headers={"Content-Encoding": encoding}))

    assert connect(server.url).get("/tags", decode=any_json) == {"ok": "ü" * 5_000}


@pytest.mark.usefixtures("no_backoff")
def test_a_body_that_cannot_be_unpacked_is_asked_for_again(
    connect: Connect, answer: Answer
) -> None:
    headers = {"Content-Encoding": "gzip"}
    server = answer(
        Said(b"no gzip at all", headers=headers),
        Said(PACKED["gzip"][:-6], headers=headers),
        Said(PACKED["gzip"], headers=headers),
    )

    assert connect(server.url).get("/tags", decode=any_json) == {"ok": "ü" * 5_000}


@pytest.mark.parametrize(
    "said",
    [
        Said(gzip.compress(b" " * 10_000_000), headers={"Content-Encoding": "gzip"}),
        Said(gzip.compress(b" " * 10_000_000), 500, headers={"Content-Encoding": "gzip"}),
        Said([b" " * 1_000] * 1_010, headers={"Content-Length": "", "Connection": "close"}),
    ],
    ids=["packed", "an error", "without a length"],
)
def test_a_body_that_is_too_large_has_an_error_of_its_own(
    connect: Connect, answer: Answer, monkeypatch: pytest.MonkeyPatch, said: Said
) -> None:
    """A smaller page may do; the same again will not."""
    monkeypatch.setattr(module, "LARGEST_BODY_BYTES", 1_000_000)
    server = answer(said)

    with pytest.raises(errors.AnswerTooLarge, match="GET /tags"):
        connect(server.url).get("/tags", decode=any_json)
    assert len(server.asked) == 1


@pytest.mark.parametrize("length", [str(module.LARGEST_BODY_BYTES + 1), "9" * 1_000])
def test_a_body_that_is_announced_too_large_is_not_read(
    connect: Connect, answer: Answer, length: str
) -> None:
    server = answer(Said(b"x", headers={"Content-Length": length}))

    with pytest.raises(errors.AnswerTooLarge):
        connect(server.url, max_retries=0).get("/tags", decode=any_json)


def test_after_a_body_that_is_too_large_the_next_can_be_read(
    connect: Connect, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BODY_BYTES", 1_000)
    server = answer(Said(b" " * 100_000), Said({"ok": 1}))
    client = connect(server.url)
    with pytest.raises(errors.AnswerTooLarge):
        client.get("/tags", decode=any_json)

    assert client.get("/tags", decode=any_json) == {"ok": 1}
