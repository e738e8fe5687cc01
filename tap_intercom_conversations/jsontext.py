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
DEEPEST_LEVELS = 200
"""How far Python code can follow a value. Decoders in C may go deeper, how far depends on Python's
version; no object of the API has ten."""
MOST_COUNTED = 2**53
"""From here on a number is no count: not every program can hold it."""
CLOSED_BY = {b"{": b"}", b"[": b"]"}
UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises: for bad text, for what is no UTF-8, and for too many levels."""

_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?=[{[])")
_MARK = re.compile(rb'"[^"\\]*"|[][{},"]')
"""A string without escapes, a bracket, a comma, or the quote that begins any other string."""
_ID = re.compile(rb'\s*:\s*(?:(?P<quote>")|(?P<integer>-?[0-9]+)(?=\s*[,}]))')
_PLAIN_ID = re.compile(
    r"[0-9]{1,20}|[0-9a-fA-F]{24}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
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


_Token = tuple[bytes, int, int, int]
"""What gives a document its form: a bracket, a comma, or the quote that begins a whole string; the
number of brackets around it; the place of its first byte, and the place behind its last."""


def split_rows(
    content: bytes, keys: frozenset[str], *, depth: int = 1
) -> tuple[bytes, list[bytes]]:
    """Cut an answer into its rows and what is around them, without decoding anything.

    The rows are the elements of the first array that is the value of one of the keys.

    Args:
        content: A JSON document, in UTF-8 as far as it goes.
        keys: Names that the array of rows may have.
        depth: How many brackets stand around the array.

    Returns:
        The document with that array emptied, and the text of each of its elements. If there is no
        such array: the document as it is, and no rows.

    Raises:
        CutOff: The brackets do not close where the document ends.
    """
    names = {f'"{key}"'.encode() for key in keys}
    tokens = _tokens(content)
    string = slice(0)
    for kind, level, start, end in tokens:
        if level != depth:
            continue
        if kind == b'"':
            string = slice(start, end)
        elif kind == b"[" and content[string] in names and _follows(content, string.stop, start):
            rows, rows_end = _elements(content, end, level, tokens)
            deque(tokens, maxlen=0)  # to the end, only to see that all brackets close
            return content[:end] + content[rows_end:], rows
    return content, []


def _follows(content: bytes, key_end: int, start: int) -> bool:
    """Tell whether what starts here is the value of the key that ends there."""
    return content[key_end:start].strip() == b":"


def _elements(
    content: bytes, begin: int, outside: int, tokens: Iterator[_Token]
) -> tuple[list[bytes], int]:
    """Cut an array into its elements; returns also where it is closed.

    Args:
        content: The document.
        begin: The place behind the opening bracket.
        outside: The number of brackets around the array.
        tokens: What follows after the opening bracket.
    """
    rows: list[bytes] = []
    start = begin
    for kind, depth, start, end in tokens:
        if depth == outside or (kind == b"," and depth == outside + 1):
            rows.append(content[begin:start].strip())
            begin = end
        if depth == outside:
            break
    return ([] if rows == [b""] else rows), start


def _tokens(content: bytes) -> Iterator[_Token]:
    """Yield what gives a document its form.

    Raises:
        CutOff: At the end, if the brackets do not close there.
    """
    begin = _BEGIN.match(content)
    end = begin.end() if begin else len(content)
    closing: list[bytes] = []
    while mark := _MARK.search(content, end):
        kind, start, end = mark[0], mark.start(), mark.end()
        if kind in CLOSED_BY:
            yield kind, len(closing), start, end
            closing.append(CLOSED_BY[kind])
            continue
        if kind[:1] == b'"':
            end = end if len(kind) > 1 else _string_end(content, end)
            kind = b'"'
        elif kind != b"," and closing.pop() != kind:
            raise CutOff("a bracket is closed by another")
        yield kind, len(closing), start, end
        if not closing:
            break
    else:
        raise CutOff("the text ends before its brackets do, or has none")
    if content[end:].strip():
        raise CutOff("more follows after the end")


def _string_end(content: bytes, begin: int) -> int:
    """Find the place behind the quote that ends a string: one without a backslash that counts."""
    while (quote := content.find(b'"', begin)) >= 0:
        before = content[begin:quote]
        begin = quote + 1
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
            return begin
    raise CutOff("a string does not end")


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
    value = ""
    try:
        for _, depth, start, end in _tokens(row):
            if depth == 1 and row[start:end] == b'"id"' and (found := _ID.match(row, end)):
                value = _id_value(row, found)
    except (CutOff, UnreadableRow):
        return None
    return value if 0 < len(value) <= LONGEST_ID_CHARACTERS else None


def is_id(text: str) -> bool:
    """Tell an id, a number, 24 hexadecimal digits or a UUID, from words in its place."""
    return _PLAIN_ID.fullmatch(text) is not None


def _id_value(row: bytes, found: re.Match[bytes]) -> str:
    if found["integer"]:
        return found["integer"].decode()
    return str(decode_any(row[found.start("quote") : _string_end(row, found.end())]))


def decode_any(row: bytes) -> t.Any:
    """Decode one value as leniently as can be.

    What is no UTF-8 becomes U+FFFD, half of an emoji a question mark. NaN, and what is too large
    for a float, become texts of the same characters.

    Raises:
        UnreadableRow: It has too many levels or digits, or is no JSON.
    """
    if _is_too_deep(row):
        raise UnreadableRow
    try:
        return msgspec.json.decode(row)
    except UNDECODABLE:
        return _parse(row, _finite_or_text)


def _is_too_deep(row: bytes) -> bool:
    if row.count(b"[") + row.count(b"{") < DEEPEST_LEVELS:
        return False
    try:
        return any(
            kind in CLOSED_BY and depth >= DEEPEST_LEVELS for kind, depth, *_ in _tokens(row)
        )
    except CutOff:
        return False


def whole_number(value: t.Any) -> int | None:
    """Read a count, which the API may send as a text.

    Returns:
        The number; None if it is none, or negative, or larger than any count can be.
    """
    try:
        number = int(value)
    except (OverflowError, TypeError, ValueError):
        return None
    return number if 0 <= number < MOST_COUNTED else None


def check_encodable(value: t.Any) -> None:
    """See that a decoded value can be written, and read by a target.

    Raises:
        UnreadableRow: It has too many levels, a number of more digits than Python writes, or half a
            character.
    """
    try:
        text = msgspec.json.encode(value)
    except (RecursionError, ValueError):
        raise UnreadableRow from None
    if _is_too_deep(text):
        raise UnreadableRow


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """A decoder of JSON into `kind`, for `Client.get` and `Client.fetch`.

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


def _finite_or_text(text: str) -> float | str:
    number = _finite(text)
    return text if number is None else number


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
