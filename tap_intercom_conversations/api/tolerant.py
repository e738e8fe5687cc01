"""JSON that no decoder likes: told apart by brackets and quotes, read as far as it can be.

One row may have 3,000 levels of nesting, a number that no float holds, bytes that are no UTF-8,
NaN, raw control characters or half of an emoji. That must not cost the other rows of its page.
"""

from __future__ import annotations

import json
import math
import re
import typing as t
from collections import deque

import msgspec

from tap_intercom_conversations.errors import UnreadableRow

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = t.TypeVar("T")
NoObject = str | int | float | bool | list[t.Any] | None
"""What JSON has but objects: an entry of a list that is to be counted, not to spoil the list."""

LONGEST_ID_CHARACTERS = 255
"""Ids are kept in STATE and told in logs: what is longer is taken for none."""
CLOSED_BY = {b"{": b"}", b"[": b"]"}
CLOSING = frozenset(CLOSED_BY.values())
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises: for bad text, for what is no UTF-8, and for too many levels."""

_STRING = rb'"(?P<text>[^"\\]*(?:\\.[^"\\]*)*)"'
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?=[{[])")
_TOKEN = re.compile(_STRING + rb'(?P<colon>\s*:)?|[][{},]|"', re.DOTALL)
"""A string, which is a key if a colon follows; a bracket; a comma; the quote of a string that does
not end. What lies in between does not matter here."""
_ID = re.compile(
    rb"\s*(?:(?P<quoted>" + _STRING + rb")|(?P<integer>-?[0-9]+)(?=\s*[,}]))", re.DOTALL
)
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|.)",
    re.DOTALL,
)
"""An escape in a string: both halves of an emoji, one half alone, or any other."""


class CutOff(msgspec.DecodeError):
    """The brackets do not close where the text ends: it is cut off, or no JSON at all."""


def split_rows(content: bytes, keys: frozenset[str]) -> tuple[bytes, list[bytes]]:
    """Cut an answer into its rows and what is around them, without decoding anything.

    The rows are the elements of the first array that is the value of one of the keys, at whatever
    depth.

    Args:
        content: A JSON document, in UTF-8 as far as it goes.
        keys: Names that the array of rows may have.

    Returns:
        The document with that array emptied, and the text of each of its elements. If there is no
        such array: the document as it is, and no rows.

    Raises:
        CutOff: The brackets do not close where the document ends.
    """
    wanted = {key.encode() for key in keys}
    tokens = _tokens(content)
    key = None
    for token, depth in tokens:
        if token[0] == b"[" and key in wanted:
            rows, end = _elements(content, token.end(), depth, tokens)
            deque(tokens, maxlen=0)  # to the end, only to see that all brackets close
            return content[: token.end()] + content[end:], rows
        key = token["text"] if token["colon"] else None
    return content, []


def _elements(
    content: bytes, begin: int, depth: int, tokens: Iterator[tuple[re.Match[bytes], int]]
) -> tuple[list[bytes], int]:
    """Cut the array that begins here into its elements; returns also where it ends."""
    rows, row_begin = [], begin
    for token, level in tokens:
        if level == depth or (level == depth + 1 and token[0] == b","):
            rows.append(content[row_begin : token.start()].strip())
            row_begin = token.end()
        if level == depth:
            break
    return ([] if rows == [b""] else rows), token.start()


def _tokens(content: bytes) -> Iterator[tuple[re.Match[bytes], int]]:
    """Yield what gives a document its form, each with the number of brackets around it.

    Raises:
        CutOff: At the end, if the brackets do not close there.
    """
    begin = _BEGIN.match(content)
    if begin is None:
        raise CutOff("no JSON")
    end = begin.end()
    closing: list[bytes] = []
    for token in _TOKEN.finditer(content, end):
        kind = token[0]
        if kind in CLOSING and (not closing or closing.pop() != kind):
            break
        if kind == b'"':
            break
        yield token, len(closing)
        if kind in CLOSED_BY:
            closing.append(CLOSED_BY[kind])
        elif not closing:
            end = token.end()
            break
    if closing or end == begin.end() or content[end:].strip():
        raise CutOff("cut off")


def is_whole(content: bytes) -> bool:
    """Tell by its brackets whether a body is one JSON object or array from end to end."""
    try:
        deque(_tokens(content), maxlen=0)
    except CutOff:
        return False
    return True


def id_of(row: bytes) -> str | None:
    """Read the key `id` of an object that cannot be decoded, to tell which one it is.

    Returns:
        The value of the object's own key `id`, if it is a string or an integer; None if there is
        none, or if it is too long for an id.
    """
    found = None
    try:
        for token, depth in _tokens(row):
            if depth == 1 and token["colon"] and token["text"] == b"id":
                found = _ID.match(row, token.end())
        value = "" if found is None else str(decode_any(found["quoted"] or found["integer"]))
    except (CutOff, UnreadableRow):
        return None
    return value if 0 < len(value) <= LONGEST_ID_CHARACTERS else None


def decode_any(row: bytes) -> t.Any:
    """Decode one value as leniently as can be.

    What is no UTF-8 becomes U+FFFD, half of an emoji a question mark. NaN, and what is too large
    for a float, stay floats.

    Raises:
        UnreadableRow: It has too many levels or digits, or is no JSON.
    """
    try:
        return msgspec.json.decode(row)
    except UNDECODABLE:
        return _parse(row, float)


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """A decoder of JSON into `kind`, for `Client.get` and `Client.post`.

    What msgspec refuses is read as `decode_any` does it, but NaN and infinities become null.

    Returns:
        A function of the body. It raises `msgspec.ValidationError` for a body of another form, and
        `UnreadableRow` for one that cannot be read.
    """
    decode = msgspec.json.Decoder(kind).decode

    def lenient(body: bytes) -> T:
        try:
            return decode(body)
        except UNDECODABLE:
            value = _parse(body, _finite)
        try:
            return decode(json.dumps(value, ensure_ascii=False).encode())
        except RecursionError:
            raise UnreadableRow from None

    return lenient


def _parse(text: bytes, number: Callable[[str], t.Any]) -> t.Any:
    """Parse with Python's own parser, which minds less; `number` reads all but integers."""
    characters = text.decode("utf-8", "replace").removeprefix("\ufeff")
    whole = _ESCAPE.sub(lambda escape: "?" if escape["half"] else escape[0], characters)
    try:
        return json.loads(whole, strict=False, parse_float=number, parse_constant=number)
    except (ValueError, RecursionError):
        raise UnreadableRow from None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
