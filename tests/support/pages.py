"""Pages as a reader hands them over, made from ids and times."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import msgspec

from tap_intercom_conversations.api.body import Body
from tap_intercom_conversations.reading.bounds import Bounds, TimeRange
from tap_intercom_conversations.reading.collection import Collection
from tap_intercom_conversations.reading.pages import Page, Row
from tap_intercom_conversations.reading.walk import Shared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_intercom_conversations.api.pagination import Position

SIZE = 5
"""Rows of a full page."""


def rows(*times: int | None, first: int = 0) -> list[Row]:
    """Rows with these times; their ids are numbers from `first` on."""
    return [row(number, time) for number, time in enumerate(times, first)]


def row(key: int, time: int | None = None) -> Row:
    """A row with an id."""
    return Row(key, time)


def page(
    found: Iterable[Row] = (),
    following: Any = None,
    count: int | None = None,
    *,
    full: bool | None = None,
) -> Page:
    """A page; `following` is a cursor, a page's number, or None at the end."""
    listed = list(found)
    position: Position = {}
    if isinstance(following, int):
        position = {"page": following, "per_page": SIZE, "served": max(len(listed), 1)}
    elif following is not None:
        position = {"starting_after": following}
    is_full = len(listed) >= SIZE if full is None else full
    return Page(Body(b"", packed=False), listed, count, position, is_full, SIZE)


def cursor_at(time: int) -> str:
    """A cursor that says where the index is."""
    return base64.b64encode(msgspec.json.encode([time * 1000, "an id", 2])).decode()


def shared(sync_end: int) -> Shared:
    """What the walks of a reading share that ends at a moment, with all in the index."""
    what = Collection("conversations", ("conversations",), "updated_at", SIZE, "/x/search")
    return Shared(what, Bounds(None, sync_end, sync_end, TimeRange(None, None)))
