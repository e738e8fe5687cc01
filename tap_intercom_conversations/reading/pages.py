"""One page of a collection: asked for, shrunk if it fails, looked over, and kept packed.

Called from worker threads. What is looked at of each row is its id and when it changed; all else is
decoded when the row's turn to be written has come, so that pages read ahead stay small.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import requests

from tap_intercom_conversations.api.pagination import parse_next
from tap_intercom_conversations.errors import (
    AnswerTooLarge,
    ApiError,
    NotFound,
    Unavailable,
)
from tap_intercom_conversations.jsontext import whole_number
from tap_intercom_conversations.reading.envelope import Poison, envelope_decoder
from tap_intercom_conversations.times import epoch_seconds

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from tap_intercom_conversations.api.body import Body
    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.bounds import TimeRange
    from tap_intercom_conversations.reading.collection import Collection

SHRINK = 3
"""A page that keeps failing is asked for at a third of its size: 150, 50, 16, 5, 1."""
TRIES_PER_SIZE = 3
GROW_AFTER = 4
"""Pages that must succeed at a smaller size before a larger one is asked for again."""


class Row(t.NamedTuple):
    """What is known of a row before its turn.

    Attributes:
        key: A hash of its id.
        time: When it changed, in epoch seconds; None if that cannot be read.
    """

    key: int
    time: int | None


@dataclass(frozen=True)
class Page:
    """One page as it came, packed.

    Attributes:
        body: The answer.
        rows: Its rows.
        count: How many rows the query finds in all, as the API counts.
        next: The next page's position; empty if there is none.
        is_full: As many rows came as this server serves at once: there may be more.
        size: How many rows such a page has.
        is_by_change: Of a list: a row stands above one that was created after it, so the order is
            not that of creation.
    """

    body: Body
    rows: list[Row]
    count: int | None
    next: Position
    is_full: bool
    size: int
    is_by_change: bool = False


class PageReader:
    """Asks for pages of a collection."""

    def __init__(self, client: Client, collection: Collection) -> None:
        self._client = client
        self._collection = collection
        self._most_tries = client.max_tries
        self._decode = _decoder(collection)
        self._size = collection.page_size
        self._succeeded = 0  # pages in a row that came at `_size`
        self._served = 0  # the most rows that a page with one after it had

    def read(self, query: TimeRange, position: Position) -> Page:
        """Read one page; one that keeps failing is asked for at smaller sizes.

        Steady 502 and 504 at 150 rows that pass at fewer have been reported, and a 404 from the
        search itself, because one of its rows is being deleted.

        Args:
            query: From when until when; the list takes no notice.
            position: Where the page begins.

        Raises:
            ApiError: As `Client.fetch`, once the smallest page has failed.
        """
        size, tried = self._size, 0
        while True:
            left = self._most_tries - tried
            tries = left if tried or size == 1 else min(TRIES_PER_SIZE, left)
            try:
                page = self._ask(query, position, size, tries)
            except (AnswerTooLarge, NotFound, Unavailable) as error:
                self._succeeded = 0
                tried += tries
                if size > 1 and _may_be_its_size(error):
                    size, tried = max(size // SHRINK, 1), 0
                elif tried >= self._most_tries or isinstance(error, AnswerTooLarge):
                    raise
            else:
                self._keep_to(size)
                return page

    def _keep_to(self, size: int) -> None:
        """Keep to a size that works, and try a larger one after a while."""
        self._succeeded += 1
        self._size = size
        if size < self._collection.page_size and self._succeeded >= GROW_AFTER:
            self._size = min(size * SHRINK + SHRINK - 1, self._collection.page_size)
            self._succeeded = 0

    def _ask(self, query: TimeRange, position: Position, size: int, tries: int) -> Page:
        page = self._page(*self._fetch(query, _for_size(position, size), size, tries), size)
        if len(page.rows) > size and "page" in position:
            # This server takes no notice of `per_page`, so the number that was given is right.
            page = self._page(*self._fetch(query, position, size, tries), size)
        return page

    def _fetch(
        self, query: TimeRange, position: Position, size: int, tries: int
    ) -> tuple[_Answer, Body]:
        collection = self._collection
        where = {name: value for name, value in position.items() if name in _PARAMETERS}
        content: dict[str, t.Any] = {"params": dict(collection.parameters)}
        if collection.search_path is not None:
            method, path = "POST", collection.search_path
            content["json"] = self._search(query) | {"pagination": {"per_page": size, **where}}
        else:
            method, path = "GET", collection.list_path
            content["params"] |= {**collection.list_order, **where, "per_page": size}
        return self._client.fetch(method, path, decode=self._decode, tries=tries, **content)

    def _search(self, query: TimeRange) -> dict[str, t.Any]:
        """The search's body, see the API documentation, "Search for conversations"."""
        name = self._collection.time_field
        start = max((query.start or 0) - self._collection.widening, 0)
        conditions: list[t.Any] = [{"field": name, "operator": ">", "value": start}]
        if query.end is not None:
            conditions.append({"field": name, "operator": "<", "value": query.end})
        conditions += self._collection.filters
        return {
            "query": {"operator": "AND", "value": conditions},
            "sort": {"field": name, "order": "ascending"},
        }

    def _page(self, answer: _Answer, body: Body, size: int) -> Page:
        following = parse_next(answer.next)
        came = len(answer.rows)
        if following:
            self._served = max(self._served, came)
        if "page" in following:
            following |= {"per_page": size, "served": max(came, 1)}
        served = min(size, self._served or size)
        return Page(
            body=body,
            rows=answer.rows,
            count=_least_count(answer, served) if answer.total is None else answer.total,
            next=following,
            is_full=came >= served,
            size=served,
            is_by_change=answer.is_by_change,
        )


_PARAMETERS = frozenset({"page", "starting_after"})


def _for_size(position: Position, size: int) -> Position:
    """Turn a page's number into that of a page of this size.

    One that begins no later: rows may come twice, none is passed over.
    """
    number, asked = position.get("page"), position.get("per_page", size)
    served = position.get("served", asked)
    if not isinstance(number, int) or asked == size:
        return position
    first = (number - 1) * min(int(asked), int(served))
    return {"page": first // size + 1}


def _may_be_its_size(error: ApiError) -> bool:
    """Tell whether a smaller page may come: not if there was no connection, or no budget left."""
    if isinstance(error, AnswerTooLarge) or error.slow:
        return True
    return error.status not in {None, requests.codes.too_many_requests}


class _Answer(t.NamedTuple):
    """What is looked at of an answer."""

    rows: list[Row]
    total: int | None
    total_pages: int | None
    next: t.Any
    is_by_change: bool


def _decoder(collection: Collection) -> Callable[[bytes], _Answer]:
    """Make what turns an answer's body into what is looked at of it."""
    dated = msgspec.defstruct(
        "Dated",
        [("id", t.Any, None), ("created_at", t.Any, None), ("changed_at", t.Any, None)],
        rename={"changed_at": collection.time_field},
    )
    decode = envelope_decoder(dated, collection.envelope_keys)

    def look_over(body: bytes) -> _Answer:
        envelope = decode(body)
        objects = [row if isinstance(row, dated | Poison) else dated() for row in envelope.rows]
        created = [epoch_seconds(getattr(row, "created_at", None)) for row in objects]
        known = [time for time in created if time is not None]
        # Deletions do not say when they were created: their list has no such order.
        has_other_order = bool(known) or not objects
        pages = envelope.pages if isinstance(envelope.pages, dict) else {}
        return _Answer(
            rows=[_row(row, place) for place, row in enumerate(objects)],
            total=whole_number(envelope.total_count),
            total_pages=whole_number(pages.get("total_pages")),
            next=pages.get("next"),
            is_by_change=not has_other_order
            or any(above < below for above, below in pairwise(known)),
        )

    return look_over


def _row(row: t.Any, place: int) -> Row:
    """Look over a row; of what is no object, or cannot be read, the place is all that is known."""
    time = epoch_seconds(getattr(row, "changed_at", None))
    identity = place if row.id is None else str(row.id)
    return Row(hash(identity), time)


def _least_count(answer: _Answer, size: int) -> int | None:
    """How many rows there are at least: the list of 2.0 to 2.5 only counts its pages."""
    pages = answer.total_pages
    return None if pages is None else max(pages - 1, 0) * size
