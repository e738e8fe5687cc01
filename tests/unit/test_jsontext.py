"""No JSON ends in a traceback, and what is bad in one row is no other row's trouble."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tap_intercom_conversations.errors import UnreadableRow
from tap_intercom_conversations.jsontext import (
    CutOff,
    decode_any,
    decoder,
    id_of,
    is_whole,
    split_rows,
)
from tests.support.hostile import SETTINGS

KEYS = frozenset({"conversations", "data"})
DEEP = b"[" * 3_000 + b"]" * 3_000

NESTED = b"[" * 150 + b"]" * 150

READABLE: dict[str, tuple[bytes, Any]] = {
    "a number beyond floats": (b"1e400", "1e400"),
    "a negative one": (b"-1e400", "-1e400"),
    "Infinity": (b"Infinity", "Infinity"),
    "5,000 digits and a point": (b"1" * 5_000 + b".5", "1" * 5_000 + ".5"),
    "beyond 64 bits": (b"1" * 30, int("1" * 30)),
    "no UTF-8": (b'"\xff\xfe"', "\ufffd\ufffd"),
    "cut UTF-8": ('"ü'.encode()[:-1] + b'"', "\ufffd"),
    "a key that is no UTF-8": (b'{"\xff":1}', {"\ufffd": 1}),
    "control characters": (b'"a\x00\x01\x1f\n\t\rb"', "a\x00\x01\x1f\n\t\rb"),
    "half an emoji": (b'"cut \\ud83d off"', "cut ? off"),
    "its other half": (b'"\\uDE00"', "?"),
    "half, then a whole one": (b'"\\ud83d\\ud83d\\ude00"', "?\U0001f600"),
    "what only looks like half": (b'"\\\\ud83d \\ud83d"', "\\ud83d ?"),
    "150 levels": (NESTED, json.loads(NESTED)),
    "more brackets than levels": (b"[%s1]" % (b"[]," * 500), [[]] * 500 + [1]),
    "brackets and quotes in a text": (b'"]}[{,\\"\x01"', ']}[{,"\x01'),
}
UNREADABLE = {
    "200 levels": b"[" * 200 + b"]" * 200,
    "3,000 levels": DEEP,
    "3,000 levels of objects": b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
    "50,000 levels": b"[" * 50_000 + b"]" * 50_000,
    "5,000 digits": b"1" * 5_000,
    "no JSON": b"undefined",
    "an unknown escape": b'"\\x41"',
    "a comma too many": b"[1,]",
    "a leading zero": b"007",
}
POISON = {"NaN": b"NaN", **{name: text for name, (text, _) in READABLE.items()}, **UNREADABLE}

poisons = pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
readable = pytest.mark.parametrize(("text", "value"), READABLE.values(), ids=READABLE)
unreadable = pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)


def page(*rows: bytes, extra: bytes = b"1") -> bytes:
    return b'{"type": "list", "x": %s, "conversations": [%s], "total_count": 3}' % (
        extra,
        b", ".join(rows),
    )


# --- Rows ---


@poisons
def test_a_bad_row_is_no_other_rows_trouble(poison: bytes) -> None:
    good = [b'{"id": "1"}', b'{"id": "3"}']
    bad = b'{"id": "2", "body": {"deeper": [%s]}}' % poison

    around, rows = split_rows(page(good[0], bad, good[1]), KEYS)

    assert rows == [good[0], bad, good[1]]
    assert json.loads(around) == {"type": "list", "x": 1, "conversations": [], "total_count": 3}
    assert id_of(rows[1]) == "2"


@poisons
def test_what_is_bad_around_the_rows_does_not_cost_them(poison: bytes) -> None:
    around, rows = split_rows(page(b'{"id": "1"}', b"2", extra=poison), KEYS)

    assert rows == [b'{"id": "1"}', b"2"]
    assert around == page(extra=poison)


@poisons
def test_a_row_may_be_nothing_but_bad(poison: bytes) -> None:
    assert split_rows(page(b"{}", poison, b"null"), KEYS)[1] == [b"{}", poison, b"null"]


@pytest.mark.parametrize(
    ("document", "rows"),
    [
        (b'{"conversations": []}', []),
        (b'{"conversations": [ \n ]}', []),
        (b'{"data": [1, "a,]", [2, 3], {"data": [4]}]}', [b"1", b'"a,]"', b"[2, 3]"]),
        (b'{"a": {"b": [{"conversations" : [5]}]}, "data": [6]}', [b"6"]),
        (b'{"conversations": null, "data": [7]}', [b"7"]),
        (b'{"conversations": {"data": [8]}}', []),
        (b'{"x": "conversations", "y": [0], "data": [9]}', [b"9"]),
        (b'{"x": ["data", [0]], "data": [10]}', [b"10"]),
        (b'\xef\xbb\xbf {"data": [11]} \n', [b"11"]),
    ],
)
def test_the_rows_are_those_of_the_first_array_with_such_a_key(
    document: bytes, rows: list[bytes]
) -> None:
    assert split_rows(document, KEYS)[1][:3] == rows


@pytest.mark.parametrize("document", [b"{}", b"[1, 2]", b'{"rows": [1]}', b'{"data": null}'])
def test_without_such_an_array_the_document_stays_as_it_is(document: bytes) -> None:
    assert split_rows(document, KEYS) == (document, [])


WHOLE = page(b'{"id": "1", "body": "a \\" quote, and \\\\"}', b'[{"a": []}]', b'"text"')


@pytest.mark.parametrize("end", range(len(WHOLE)))
def test_a_document_that_is_cut_off_anywhere_is_told(end: int) -> None:
    with pytest.raises(CutOff):
        split_rows(WHOLE[:end], KEYS)
    assert not is_whole(WHOLE[:end])


@pytest.mark.parametrize(
    "text",
    [b"", b"  ", b"<html></html>", b'"text"', b"7", b"{}{}", b"{} and more", b"{]", b"}", b"[}]"],
)
def test_what_is_no_document_is_told(text: bytes) -> None:
    with pytest.raises(CutOff):
        split_rows(text, KEYS)
    assert not is_whole(text)


texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["conversations", "data", '"', "\\", "]}", '\\"', "{[", ","]
)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=8,
)


@SETTINGS
@given(st.dictionaries(texts, values), st.lists(values), st.booleans(), st.sampled_from([None, 1]))
def test_the_rows_are_what_a_parser_finds(
    around: dict[str, Any],
    rows: list[Any],
    ascii_only: bool,  # noqa: FBT001  drawn
    indent: int | None,
) -> None:
    document = {"rows": rows, **{f"_{key}": value for key, value in around.items()}}
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode()

    rest, found = split_rows(text, frozenset({"rows"}))

    def same(one: Any, other: Any) -> bool:
        return json.dumps(one) == json.dumps(other)  # also of which type a number is

    assert same([json.loads(row) for row in found], rows)
    assert same([decode_any(row) for row in found], rows)
    assert same(json.loads(rest), {**document, "rows": []})
    assert is_whole(text)


@settings(deadline=None)
@given(st.binary() | st.text('{}[]",:\\1a ').map(str.encode))
def test_whatever_came_ends_in_no_other_error(content: bytes) -> None:
    whole = is_whole(content)
    try:
        _, rows = split_rows(content, frozenset({"a"}))
    except CutOff:
        rows = []
        assert not whole
    for row in [*rows, content]:
        id_of(row)
        with suppress(UnreadableRow):
            decode_any(row)


# --- One value ---


@readable
def test_reads_what_can_be_read(text: bytes, value: Any) -> None:
    assert decode_any(text) == value
    assert decode_any(b'{"a": [%s]}' % text) == {"a": [value]}


def test_what_is_no_number_becomes_a_text() -> None:
    assert decode_any(b"NaN") == "NaN"


@unreadable
def test_tells_what_cannot_be_read_without_its_content(text: bytes) -> None:
    with pytest.raises(UnreadableRow) as caught:
        decode_any(b'{"a": %s}' % text)
    assert len(str(caught.value)) < 200
    assert caught.value.__cause__ is None


# --- Ids ---


@pytest.mark.parametrize(
    ("row", "identifier"),
    [
        (b'{"id": "421"}', "421"),
        (b'{"a": {"id": "no"}, "id" : "421", "b": [{"id": "no"}]}', "421"),
        (b'{"id":421}', "421"),
        (b'{"id":-7 , "a": 1}', "-7"),
        (b'{"id": "a\\u00fc\\"\xff\x01"}', 'aü"\ufffd\x01'),
        (b'{"id": "1", "id": "2"}', "2"),
        (b"{}", None),
        (b'{"id": null}', None),
        (b'{"id": 1.5}', None),
        (b'{"id": 1e5}', None),
        (b'{"id": {"id": "no"}}', None),
        (b'{"id": ["no"]}', None),
        (b'{"id": ""}', None),
        (b'{"id": "\\x"}', None),
        (b'{"id": ' + b"9" * 5_000 + b"}", None),
        (b'{"id": "' + b"9" * 5_000 + b'"}', None),
        (b'[{"id": "no"}]', None),
        (b'["id", "no"]', None),
        (b'{"id": "421"', None),
        (b"null", None),
        (b"", None),
    ],
)
def test_finds_the_objects_own_id(row: bytes, identifier: str | None) -> None:
    assert id_of(row) == identifier


# --- Decoders ---


class Envelope(msgspec.Struct):
    """An answer with one row in it that is not decoded."""

    rows: list[msgspec.Raw]
    total: Any = None


@readable
def test_a_decoder_reads_what_can_be_read(text: bytes, value: Any) -> None:
    is_not_finite = isinstance(value, str) and text == value.encode()
    expected = None if is_not_finite else value

    assert decoder(dict[str, Any])(b'{"a": %s}' % text) == {"a": expected}


@poisons
def test_a_decoder_reads_all_or_says_that_it_cannot(poison: bytes) -> None:
    decode = decoder(Envelope)
    body = b'{"rows": [1, {"a": %s}], "total": 7}' % poison
    try:
        answer = decode(body)
    except UnreadableRow:
        assert poison in UNREADABLE.values()
    else:
        assert answer.total == 7
        assert [len(answer.rows), bytes(answer.rows[0])] == [2, b"1"]


@pytest.mark.parametrize("poison", [b"1", b"NaN", b"1e400"])
def test_a_body_of_another_form_stays_one(poison: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decoder(Envelope)(b'{"rows": 1, "total": %s}' % poison)


@pytest.mark.parametrize("body", [b"", b"{", b"<html></html>", b"\xff\xfe", b'{"a": "\\ud83d'])
def test_what_is_no_json_stays_an_error(body: bytes) -> None:
    with pytest.raises(UnreadableRow):
        decoder(dict[str, Any])(body)
