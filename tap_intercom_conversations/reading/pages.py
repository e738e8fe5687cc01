"""One page of a collection: asked for, shrunk if it fails, looked over, and kept packed.

Called from worker threads. What is looked at of each row is its id and when it changed; all else is
decoded when the row's turn to be written has come, so that pages read ahead stay small.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from tap_intercom_conversations.api.pagination import parse_next
from tap_intercom_conversations.errors import AnswerTooLarge, NotFound, Unavailable
from tap_intercom_conversations.jsontext import whole_number
from tap_intercom_conversations.reading.envelope import envelope_decoder
from tap_intercom_conversations.times import epoch_seconds

if t.TYPE_CHECKING:
    from tap_intercom_conversations.api.body import Body
    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.bounds import TimeRange
    from tap_intercom_conversations.reading.collection import Collection
    from tap_intercom_conversations.reading.envelope import Envelope

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
        is_not_by_creation: Of a list: it cannot be in the order of creation, newest first.
    """

    body: Body
    rows: list[Row]
    count: int | None
    next: Position
    is_full: bool
    size: int
    is_not_by_creation: bool = False


class PageReader:
    """Asks for pages of a collection."""

    def __init__(self, client: Client, collection: Collection) -> None:
        self._client = client
        self._collection = collection
        looked_at = {"id": "id", "created_at": "created_at", "time": collection.time_field}
        fields = [(name, t.Any, None) for name in looked_at]
        dated = msgspec.defstruct("Dated", fields, rename=looked_at)
        self._decode = envelope_decoder(dated, collection.envelope_keys)
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
            left = self._client.max_tries - tried
            tries = left if tried or size == 1 else min(TRIES_PER_SIZE, left)
            try:
                page = self._ask(query, position, size, tries)
            except (AnswerTooLarge, NotFound, Unavailable) as error:
                self._succeeded = 0
                tried += tries
                is_too_large = isinstance(error, AnswerTooLarge)
                if size > 1 and (is_too_large or error.is_of_its_page):
                    size, tried = max(size // SHRINK, 1), 0
                elif is_too_large or tried >= self._client.max_tries:
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
            self._succeeded = self._served = 0

    def _ask(self, query: TimeRange, position: Position, size: int, tries: int) -> Page:
        page = self._fetch(query, _for_size(position, size), size, tries)
        if len(page.rows) > size and "page" in position:
            # This server takes no notice of `per_page`, so the number that was given is right.
            page = self._fetch(query, position, size, tries)
        return page

    def _fetch(self, query: TimeRange, position: Position, size: int, tries: int) -> Page:
        collection = self._collection
        paging = {**position, "per_page": size}
        paging.pop("served", None)  # what else a position has are the API's own parameters
        content: dict[str, t.Any] = {"params": dict(collection.parameters)}
        if collection.search_path is not None:
            method, path = "POST", collection.search_path
            content["json"] = self._search(query) | {"pagination": paging}
        else:
            method, path = collection.list_method, collection.list_path
            content["params"] |= {**collection.list_order, **paging}
        answer, body = self._client.fetch(method, path, decode=self._decode, tries=tries, **content)
        return self._page(answer, body, size)

    def _search(self, query: TimeRange) -> dict[str, t.Any]:
        """The search's body.

        API documentation, "Search conversations":
        https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations
        """
        name, precision = self._collection.time_field, self._collection.precision
        start = max((query.start or 0) - precision.below, 0)
        conditions: list[t.Any] = [{"field": name, "operator": ">", "value": start}]
        if query.end is not None:
            end = query.end + precision.above
            conditions.append({"field": name, "operator": "<", "value": end})
        return {
            "query": {"operator": "AND", "value": [*conditions, *self._collection.filters]},
            "sort": {"field": name, "order": "ascending"},
        }

    def _page(self, answer: Envelope, body: Body, size: int) -> Page:
        pages = answer.pages if isinstance(answer.pages, dict) else {}
        following, came = parse_next(pages.get("next")), len(answer.rows)
        if following:
            self._served = max(self._served, came)
        if "page" in following:
            following |= {"per_page": size, "served": max(came, 1)}
        served = min(size, self._served or size)
        count, page_count = whole_number(answer.total_count), whole_number(pages.get("total_pages"))
        if count is None and page_count is not None:
            # The list of 2.0 to 2.5 only counts its pages: there are so many rows at least.
            count = max(page_count - 1, 0) * served
        rows = [_row(row, index) for index, row in enumerate(answer.rows)]
        by_other = _is_not_by_creation(answer.rows)
        return Page(body, rows, count, following, came >= served, served, by_other)


def _for_size(position: Position, size: int) -> Position:
    """Turn a page's number into that of a page of this size.

    One that begins no later: rows may come twice, none is passed over.
    """
    asked = position.get("per_page", size)
    if "page" not in position or asked == size:
        return position
    first = (position["page"] - 1) * min(asked, position.get("served", asked))
    return {"page": first // size + 1}


def _row(row: t.Any, index: int) -> Row:
    """Look over a row; of what is no object, or cannot be read, its index is all that is known."""
    identifier = getattr(row, "id", None)
    key = hash(index if identifier is None else str(identifier))
    return Row(key, epoch_seconds(getattr(row, "time", None)))


def _is_not_by_creation(rows: list[t.Any]) -> bool:
    """Tell whether rows cannot be in the order of creation: one created earlier stands above.

    Deletions do not say when they were created: their list cannot be in that order.
    """
    created = [epoch_seconds(getattr(row, "created_at", None)) for row in rows]
    known = [time for time in created if time is not None]
    return any(above < below for above, below in pairwise(known)) if known else bool(rows)
