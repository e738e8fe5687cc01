"""An answer's rows, in any envelope; a row that no decoder reads costs no other."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tap_intercom_conversations.errors import UnreadableAnswer
from tap_intercom_conversations.reading.envelope import Poison, envelope_decoder

KEYS = ("conversations", "data")
POISON = {
    "deep": b'{"id": "9", "x": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
    "long number": b'{"id": "9", "updated_at": ' + b"9" * 5_000 + b"}",
    "infinity": b'{"id": "9", "x": 1e400}',
    "NaN": b'{"id": "9", "x": NaN}',
    "no UTF-8": b'{"id": "9", "x": "\xff"}',
    "raw control character": b'{"id": "9", "x": "a\nb"}',
    "half an emoji": b'{"id": "9", "x": "\\ud83d"}',
}


class Wanted(msgspec.Struct):
    """What is looked at."""

    id: Any = None
    x: Any = None


def decoded(body: bytes, kind: Any = Wanted) -> list[Any]:
    return envelope_decoder(kind, KEYS)(body).rows


def test_rows_counts_and_pages() -> None:
    body = json.dumps({"data": [{"id": 1}, {"id": 2}], "total_count": 7, "pages": {"next": "a"}})
    found = envelope_decoder(Wanted, KEYS)(body.encode())

    assert [row.id for row in found.rows] == [1, 2]
    assert (found.total_count, found.pages) == (7, {"next": "a"})


def test_the_first_key_that_is_there_counts() -> None:
    assert [row.id for row in decoded(b'{"data": [], "conversations": [{"id": 1}]}')] == [1]
    assert decoded(b'{"data": [{"id": 1}], "conversations": []}') == []


@pytest.mark.parametrize("body", [b"{}", b'{"conversations": null}', b'{"rows": []}'])
def test_no_rows_at_all_is_an_error_never_the_end(body: bytes) -> None:
    with pytest.raises(UnreadableAnswer, match="no rows"):
        decoded(body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"7", b'{"data": [{"id": 1}', b'{"data": [{"id'])
def test_what_is_cut_off_is_told_apart(body: bytes) -> None:
    """It is asked for again."""
    with pytest.raises(msgspec.DecodeError):
        decoded(body)


@pytest.mark.parametrize("body", [b"[]", b'{"data": {}}', b'{"data": "x"}'])
def test_another_form_is_told_apart(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decoded(body)


@pytest.mark.parametrize("odd", [b"null", b"7", b'"x"', b"[]", b"true", b"1.5"])
def test_an_entry_that_is_no_object_keeps_its_place(odd: bytes) -> None:
    rows = decoded(b'{"data": [{"id": 1}, ' + odd + b', {"id": 2}]}')

    assert [getattr(row, "id", "none") for row in rows] == [1, "none", 2]


@pytest.mark.parametrize("bad", [pytest.param(row, id=name) for name, row in POISON.items()])
@pytest.mark.parametrize("kind", [Wanted, msgspec.Raw])
def test_a_bad_row_costs_no_other(kind: Any, bad: bytes) -> None:
    body = b'{"data": [{"id": "1"}, ' + bad + b', {"id": "2"}], "total_count": 3, "pages": {}}'
    found = envelope_decoder(kind, KEYS)(body)

    assert len(found.rows) == 3
    assert found.total_count == 3
    if kind is Wanted:
        first, poison, last = found.rows
        assert (first.id, last.id) == ("1", "2")
        assert poison.id == "9"


def test_numbers_that_no_float_holds_around_the_rows() -> None:
    body = b'{"data": [{"id": 1}], "total_count": 1e400, "pages": {"x": 1e400, "next": "a"}}'
    found = envelope_decoder(Wanted, KEYS)(body)

    assert [row.id for row in found.rows] == [1]
    assert found.pages["next"] == "a"


def test_a_bad_row_without_an_id_has_its_place_only() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000  # from Python 3.12 on, 3,000 can be read

    assert decoded(b'{"data": [{"id": "1"}, {"x": ' + deep + b"}]}")[1] == Poison(None)


@pytest.mark.parametrize(
    "body",
    [
        b'{"conversations": null, "x": NaN}',
        b'{"total_count": 7, "x": NaN, "meta": {"data": [{"id": "1"}]}}',
    ],
)
def test_no_rows_beside_poison_are_no_empty_page(body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        decoded(body)


def test_rows_are_not_looked_for_inside_other_objects() -> None:
    body = b'{"x": NaN, "meta": {"data": []}, "conversations": [{"id": "1"}]}'

    assert [row.id for row in decoded(body)] == ["1"]
