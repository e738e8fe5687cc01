"""The `pages` block of a list in all the forms it has been seen in, and what goes wrong with it."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.answers import ApiError

if TYPE_CHECKING:
    from sandbox.lists import Request
    from sandbox.results import Cursor, Page
    from sandbox.switches import Switches

Json = dict[str, Any]


class Pages:
    """Writes the `pages` block."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def block(
        self, request: Request, page: Page, size: int, after: str | None, *, by_cursor: bool
    ) -> Json:
        """Return the block for a page that was asked for with this cursor.

        Without `by_cursor`, the next page is pointed to by a URL with its number.
        """
        shown: int | str = str(size) if self._switches.per_page_as_string else size
        total = ceil(page.total / size)
        block: Json = {"type": "pages", "page": page.number, "per_page": shown}
        block["total_pages"] = total
        cursor = self._following(page, after)
        if cursor is None:
            return block | the_end(self._switches, page.number)
        auto = "object" if by_cursor else "page-url"
        block["next"] = self._next(request, page, size, cursor, auto)
        return block

    def check(self, cursor: Cursor) -> None:
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
            return page.previous.encode()
        return None if page.next is None else page.next.encode()

    def _spend(self) -> bool:
        """Use up one of the times that a fault is to happen."""
        left = self._switches.cursor_fault_times
        if left > 0:
            self._switches.cursor_fault_times = left - 1
        return left != 0

    def _next(
        self, request: Request, page: Page, size: int, cursor: str, auto: str
    ) -> Json | str | int:
        form = self._switches.next_form
        if form == "auto":
            form = auto
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


def clamp(value: Any, default: int, biggest: int, switches: Switches) -> int:
    """Return a page size; one that is too big is an error, or cut back if that is switched on."""
    if value is None:
        return default
    size = whole_number(value, "per_page")
    if size <= biggest:
        return size
    if switches.over_max == "clamp":
        return biggest
    raise ApiError(400, "parameter_invalid", f"per_page must be at most {biggest}", "per_page")


def whole_number(value: Any, name: str) -> int:
    """Return a number from 1 upwards."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ApiError(400, "parameter_invalid", f"{name} must be a positive number", name)
    return int(text)


def flag(value: str | None) -> bool:
    """Say whether a query parameter is switched on."""
    return value is not None and value.lower() in ("true", "1")
