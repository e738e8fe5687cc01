"""One page of conversations from either endpoint: asked for, shrunk if it fails, decoded.

Called from worker threads; what it returns holds the answer's bytes, and each conversation is
decoded in full only when its turn to be emitted has come, so that pages read ahead stay small.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import msgspec
import requests

from tap_intercom_conversations.api.pagination import parse_next
from tap_intercom_conversations.api.tolerant import NoObject, decoder
from tap_intercom_conversations.errors import (
    ApiError,
    NotFound,
    Refused,
    Unavailable,
    UnreadableAnswer,
)
from tap_intercom_conversations.times import epoch_seconds

if t.TYPE_CHECKING:
    from tap_intercom_conversations.api.body import Body
    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.settings import Settings

T = t.TypeVar("T")

SHRINK = 3
"""A page that keeps failing is asked for at a third of its size: 150, 50, 16, 5, 1."""
TRIES_PER_SIZE = 3
GROW_AFTER = 4
"""Pages that must succeed at a smaller size before a larger one is asked for again."""


UNCOUNTABLE = 2**53
"""From here on it is no count; and to divide it is no longer exact."""
NEWEST_FIRST = {"order": "desc", "sort": "updated_at"}
"""The list's parameters: undocumented from 2.7 on, but harmless where they are not honoured."""


class Dated(msgspec.Struct):
    """What is looked at of a conversation before its turn has come."""

    updated_at: t.Any = None
    created_at: t.Any = None


class Envelope(msgspec.Struct, t.Generic[T]):
    """The answer of the list and of the search. Some versions' descriptions say `data`."""

    conversations: list[T] | None = None
    data: list[T] | None = None
    total_count: t.Any = None
    pages: t.Any = None

    def rows(self, request: str) -> list[T]:
        """The conversations; if both keys are missing it is an error, never the end."""
        rows = self.data if self.conversations is None else self.conversations
        if rows is None:
            raise UnreadableAnswer(request, message="the answer holds no conversations")
        return rows


_decode_dated = decoder(Envelope[Dated | NoObject])


@dataclass
class Query:
    """What a walk over pages asks for.

    Attributes:
        start: The earliest `updated_at`, inclusive, in epoch seconds; None for no bound.
        end: The latest, exclusive.
    """

    start: int | None
    end: int

    def up_to(self, end: int) -> Query:
        """The same from the same start to another end."""
        return Query(self.start, end)


class Count(t.NamedTuple):
    """How many rows a query finds, and when the last of them changed, in epoch seconds."""

    rows: int
    last: int | None


@dataclass
class Page:
    """One page as it came, packed.

    Attributes:
        body: The answer.
        moments: The conversations' `updated_at`, in epoch seconds; None where that is no time.
        total: How many the query finds in all.
        pages: What the answer says of the next page.
        size: How many were asked for.
        older_above: Of a list: some conversation stands above one that was created after it.
    """

    body: Body
    moments: list[int | None]
    total: int | None
    pages: t.Any
    size: int
    older_above: bool = False

    def within(self, query: Query) -> list[int]:
        """The places on the page whose conversations lie within the bounds, or cannot be placed."""
        start = -(2**63) if query.start is None else query.start
        return [
            place
            for place, moment in enumerate(self.moments)
            if moment is None or start <= moment < query.end
        ]

    def conversations(self, kind: type[T]) -> list[T]:
        """Decode the page's conversations, in full or as far as `kind` has fields."""
        decode: t.Callable[[bytes], Envelope[T]] = _decoder_of(t.cast("t.Any", kind))
        return decode(self.body.content()).rows("page")


@cache
def _decoder_of(kind: t.Hashable) -> t.Callable[[bytes], t.Any]:
    return decoder(Envelope[kind])  # type: ignore[valid-type]  # a type that is known at run time


class PageReader:
    """Asks for pages of conversations, each walk with its own query and position."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self.searches = settings.conversations_endpoint == "search"
        self.size = settings.page_size
        self._good = 0  # pages in a row that came at `size`

    def read(self, query: Query, position: Position) -> Page:
        """Read one page; one that keeps failing is asked for at smaller sizes.

        Steady 502 and 504 at 150 rows that pass at fewer have been reported, and a 404 from the
        search itself, because one of its rows is being deleted.

        Raises:
            ApiError: As `Client.get`, once the smallest page has failed; `Refused` also if a
                search's page was asked for by a number that may mean another place by now.
        """
        size, tried = self.size, 0
        most = self._settings.max_retries + 1
        while True:
            tries = most - tried if tried or size == 1 else min(TRIES_PER_SIZE, most)
            try:
                page = self._ask(query, position, size, tries)
            except (Unavailable, NotFound) as error:
                self._good = 0
                tried += tries
                if size > 1 and _may_be_its_size(error):
                    size, tried = max(size // SHRINK, 1), 0
                elif tried >= most:
                    raise
            else:
                self._settle(size)
                return page

    def count(self, query: Query) -> Count | None:
        """Count what a search finds, by a page of one row, its last; None if that fails.

        It only helps to place cuts, which wait for it, so it is tried once.
        """
        body = self._search_body(query, {}, 1)
        body["sort"]["order"] = "descending"
        try:
            answer = self._client.post("/conversations/search", body, decode=_decode_dated, tries=1)
            rows = answer.rows("POST /conversations/search")
        except ApiError:
            return None
        total = _count(answer.total_count)
        if total is None:
            return None
        return Count(total, _moment(rows[0]) if rows else None)

    def _settle(self, size: int) -> None:
        """Keep to a size that works, and try a larger one after a while."""
        self._good += 1
        self.size = size
        if size < self._settings.page_size and self._good >= GROW_AFTER:
            self.size = min(size * SHRINK + SHRINK - 1, self._settings.page_size)
            self._good = 0

    def _ask(self, query: Query, position: Position, size: int, tries: int) -> Page:
        method, path = "GET", "/conversations"
        content: dict[str, t.Any] = {"params": self._qa()}
        if self.searches:
            method, path = "POST", "/conversations/search"
            content["json"] = self._search_body(query, _in_pages_of(size, position), size)
        else:
            content["params"] |= {**NEWEST_FIRST, **_in_pages_of(size, position), "per_page": size}
        answer, body = self._client.fetch(
            method, path, decode=_decode_dated, tries=tries, **content
        )
        rows, total = answer.rows(f"{method} {path}"), _count(answer.total_count)
        if self.searches and "page" in position and _may_have_slid(position, total):
            message = "rows came or went while pages were counted by number"
            raise Refused(f"{method} {path}", message=message)
        if total is None and not self.searches and _by_number(position, answer.pages):
            total = self._count_list(tries)
        moments = [_moment(row) for row in rows]
        older_above = not self.searches and _older_above(rows)
        return Page(body, moments, total, _counted(answer.pages, size, total), size, older_above)

    def _count_list(self, tries: int) -> int | None:
        """How many there are where the list does not say: as many as it has pages of one row.

        Up to 2.5 it goes by page number and has no `total_count`; without one, nobody could tell
        that rows have vanished and that others moved up, on to pages that were read already.
        """
        parameters = {**NEWEST_FIRST, "per_page": 1}
        answer = self._client.get("/conversations", parameters, decode=_decode_dated, tries=tries)
        return _count(answer.pages.get("total_pages")) if isinstance(answer.pages, dict) else None

    def _search_body(self, query: Query, position: Position, size: int) -> dict[str, t.Any]:
        """The search between two moments.

        The documents call `>` "greater (or equal)", users measured it strict: so one second more is
        asked for at the lower end, and rows are filtered on arrival. `>=` is not documented.
        """
        conditions = [
            {"field": "updated_at", "operator": ">", "value": max((query.start or 0) - 1, 0)},
            {"field": "updated_at", "operator": "<", "value": query.end},
            *map(msgspec.to_builtins, self._settings.search_filters),
        ]
        return {
            "query": {"operator": "AND", "value": conditions},
            "sort": {"field": "updated_at", "order": "ascending"},
            "pagination": {"per_page": size, **position},
        }

    def _qa(self) -> dict[str, str]:
        if not self._settings.include_qa:
            return {}
        return {"include_monitors": "true", "include_scorecards": "true"}


def _moment(row: Dated | NoObject) -> int | None:
    """When it changed; None also for what is no conversation: it is met again, and counted."""
    return epoch_seconds(row.updated_at) if isinstance(row, Dated) else None


def _older_above(rows: list[Dated | NoObject]) -> bool:
    """Tell whether they are in another order than newest first by `created_at`."""
    created = [epoch_seconds(row.created_at) for row in rows if isinstance(row, Dated)]
    known = [moment for moment in created if moment is not None]
    return any(above < below for above, below in pairwise(known))


def _in_pages_of(size: int, position: Position) -> Position:
    """The position as parameters; a page's number becomes that of a page of this size.

    One that begins no later: rows may come twice, none is passed over.
    """
    number, counted = position.get("page"), position.get("per_page", size)
    if isinstance(number, int) and isinstance(counted, int):
        return {"page": (number - 1) * counted // size + 1}
    return position


def _by_number(position: Position, pages: t.Any) -> bool:
    """Tell whether a walk goes by page number."""
    following = parse_next(pages.get("next")) if isinstance(pages, dict) else None
    return "page" in position or "page" in (following or {})


def _counted(pages: t.Any, size: int, total: int | None) -> t.Any:
    """The answer's `pages`, with what a page's number counts by as it was asked and answered."""
    if not isinstance(pages, dict):
        return pages
    return {**pages, "per_page": size} | ({} if total is None else {"total_count": total})


def _may_have_slid(position: Position, total: int | None) -> bool:
    """Tell whether a page's number may mean other rows than when it was given.

    A row that changes leaves the search's span, and all behind it move up, some on to pages that
    were read already. (A list has it at its top again; what moves there moves down.)
    """
    return total is None or position.get("total_count") != total


def _may_be_its_size(error: Unavailable | NotFound) -> bool:
    """Tell whether a smaller page may come: not if there was no connection, or no budget left."""
    return error.slow or error.status not in {None, requests.codes.too_many_requests}


def _count(value: t.Any) -> int | None:
    try:
        count = int(value)
    except (OverflowError, TypeError, ValueError):
        return None
    return count if 0 <= count < UNCOUNTABLE else None
