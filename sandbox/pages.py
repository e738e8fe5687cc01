"""The `pages` block of a list in all the forms it has been seen in, and what goes wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.answers import ApiError
from sandbox.results import Cursor, Page, Result

if TYPE_CHECKING:
    from sandbox.collection import Collection
    from sandbox.lies import Lies
    from sandbox.request import Request
    from sandbox.switches import Switches

Json = dict[str, Any]

_STALE_CODES = {
    "400": "client_error",
    "403": "forbidden",
    "404": "not_found",
    "500": "server_error",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How a page was asked for.

    Attributes:
        size: How many rows it is to have.
        after: The cursor, if there was one.
        by_cursor: Whether a cursor leads to the next page; else a URL with its number.
        counted: Whether the answer says how many rows there are.
    """

    endpoint: str
    request: Request
    size: int
    after: str | None
    by_cursor: bool = True
    counted: bool = True


class Pages:
    """Writes the `pages` block."""

    def __init__(self, collection: Collection, switches: Switches, lies: Lies) -> None:
        self._collection = collection
        self._switches = switches
        self._lies = lies
        self._minted: set[str] = set()
        self._stale: set[str] = set()

    def restart(self) -> None:
        """Begin anew as a server: cursors given out so far are stale ones from now on."""
        self._stale |= self._minted
        self._minted.clear()

    def page(self, asked: Asked, result: Result, after: str, *, descending: bool) -> Page:
        """Return the page behind a cursor, or what a confused server shows in its place."""
        endpoint, size = asked.endpoint, asked.size
        cursor = Cursor.decode(after, self._collection)
        self._check(cursor)
        stale = self._switches.stale_cursors if after in self._stale else ""
        if stale == "empty":
            return Page([], cursor.page, len(result), None, None)
        if stale:
            raise ApiError(int(stale), _STALE_CODES[stale], "bad 'starting_after' param")
        if self._lies.endless(endpoint, cursor.page) or self._lies.empty(endpoint):
            onward = Cursor(cursor.key, cursor.page + 1)
            return Page([], cursor.page, len(result), onward, None)
        shown, said = self._lies.shown(endpoint, cursor.page)
        if shown == cursor.page:
            return result.page(cursor, size, descending=descending)
        first = result.page(None, size, descending=descending)
        following = first.next and Cursor(first.next.key, said + 1)
        return replace(first, number=said, next=following)

    def block(self, asked: Asked, page: Page, count: int | str | None) -> Json:
        """Return the block for a page of a list that is said to have so many rows."""
        size = asked.size
        shown: int | str = str(size) if self._switches.per_page_as_string else size
        block: Json = {"type": "pages", "page": page.number, "per_page": shown}
        block |= self._lies.total_pages(asked.endpoint, count, size)
        cursor = self._following(page, asked.after)
        if cursor is None:
            return block | the_end(self._switches, page.number)
        self._minted.add(cursor)
        self._stale.discard(cursor)
        block["next"] = self._next(asked, page, cursor)
        return block

    def _check(self, cursor: Cursor) -> None:
        """Refuse a cursor, if that is the fault of the day."""
        switches = self._switches
        due = switches.cursor_fault == "refuse" and cursor.page == switches.cursor_fault_page
        if due and self._spend():
            raise ApiError(400, "client_error", "bad 'starting_after' param")

    def _following(self, page: Page, after: str | None) -> str | None:
        """Return the cursor of the next page, or what a confused server gives in its place."""
        fault = self._switches.cursor_fault
        due = page.number == self._switches.cursor_fault_page and page.next is not None
        if fault == "same" and due and after is not None and self._spend():
            return after
        if fault == "alternate" and due and page.previous is not None and self._spend():
            return page.previous.encode(self._collection)
        return None if page.next is None else page.next.encode(self._collection)

    def _spend(self) -> bool:
        """Use up one of the times that a fault is to happen."""
        left = self._switches.cursor_fault_times
        if left > 0:
            self._switches.cursor_fault_times = left - 1
        return left != 0

    def _next(self, asked: Asked, page: Page, cursor: str) -> Json | str | int:
        request, size = asked.request, asked.size
        form = self._switches.next_form
        if form == "auto":
            form = "object" if asked.by_cursor else "page-url"
        if form == "string":
            return cursor
        if form == "page":
            return page.number + 1
        if form == "object":
            return {"page": page.number + 1, "starting_after": cursor}
        where = {"page": page.number + 1} if form == "page-url" else {"starting_after": cursor}
        kept = {key: request.query[key] for key in ("order", "sort") if key in request.query}
        return f"{request.url}?{urlencode({**kept, 'per_page': size, **where})}"


def the_end(switches: Switches, number: int) -> Json:
    """Return what stands in the block of the last page in place of a next one."""
    forms: Json = {
        "null": None,
        "empty-object": {},
        "null-cursor": {"page": number + 1, "starting_after": None},
    }
    form = switches.last_form
    return {"next": forms[form]} if form in forms else {}
