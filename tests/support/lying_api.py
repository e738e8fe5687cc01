"""A workspace in memory that answers as Intercom's API does, and lies where it is told to.

It stands in for the client, so all of the reading core runs as it is, and no time passes.
"""

from __future__ import annotations

import base64
import random
from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from tap_intercom_conversations.api.body import Body
from tap_intercom_conversations.errors import Refused, Unavailable
from tap_intercom_conversations.reading.collection import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")
Ranked = list[tuple[int, str]]
"""Ids of rows, each behind what it is sorted by."""

LATE_PAGE = 3
"""From the page after this one on, lies that want some depth are told."""
MOST_REQUESTS = 8_000
CAP = 40
"""No count is greater, where counts are capped; no page either, where sizes are."""
SERVED = 4
"""Rows of a page, whatever is asked for, where sizes are ignored."""
FIRST = (-(10**15), "")
"""Before all rows."""

COUNT_LIES = ("count capped", "count zero", "count absent", "count tenfold", "count flickers")
CURSOR_LIES = (
    "cursor refused",
    "cursor refused at late rows",
    "cursor fails",
    "cursor leads back",
    "cursor ignored",
    "cursor opaque",
)
END_LIES = (
    "false end",
    "false end once",
    "chain ends",
    "chain ends empty",
    "chain ends short",
    "empty pages",
    "empty for ever",
)
SIZE_LIES = ("size ignored", "size capped", "size too heavy")
LIST_LIES = (
    "order ignored",
    "order by creation",
    "order ascending",
    "order never turned round",
    "by number",
    "cursor is a number",
)


class Endless(Exception):
    """More requests than any reading needs."""


class _Cursor(NamedTuple):
    """A page's number, and the last row before it."""

    number: int
    after: tuple[int, str]


class LyingApi:
    """A client of a workspace that is not there.

    Args:
        times: When each row changed last, in epoch seconds, in the order of creation.
        lies: What it does not do as documented.
        seed: Of what is drawn.
        inclusive: How it understands `>`.
        days_of: Seconds by which the timezone is ahead of UTC whose days its times are cut to; None
            if it knows seconds.

    Attributes:
        times: As given, and as changed since.
        requests: How many were answered.
        between: Called after each request: the workspace's life goes on.
        max_tries: As `Client` has it: whatever fails goes on failing.
    """

    max_tries = 1

    def __init__(
        self,
        times: Mapping[str, int],
        lies: Iterable[str] = (),
        seed: int = 0,
        *,
        inclusive: bool = False,
        days_of: int | None = None,
    ) -> None:
        self.times = dict(times)
        self.created = {key: number for number, key in enumerate(times, 1)}
        self.lies = frozenset(lies)
        self.inclusive = inclusive
        self.days_of = days_of
        self.requests = 0
        self.between: Callable[[], None] = lambda: None
        self._rng = random.Random(seed)  # noqa: S311  draws lies
        self._places = {key: self._sorted_by(time) for key, time in times.items()}
        self._index: Ranked = sorted((place, key) for key, place in self._places.items())
        self._late: set[str] = set()
        self._first_cursors: dict[object, _Cursor] = {}
        self._lied: set[str] = set()

    # --- Life ---

    def touch(self, key: str, time: int, *, late: bool = False) -> None:
        """Make or change a row; the index follows at once, or when it catches up."""
        self.times[key] = time
        self.created.setdefault(key, len(self.created) + 1)
        self._late.add(key)
        if not late:
            self._move(key)

    def delete(self, key: str) -> None:
        """Take a row away."""
        del self.times[key]
        self._late.discard(key)
        if key in self._places:
            self._index.remove((self._places.pop(key), key))

    def catch_up(self, since: int = 0, until: int = 10**12) -> None:
        """Bring the index up to date, for rows that changed between two moments."""
        for key in sorted(self._late):
            if since <= self.times[key] <= until:
                self._move(key)

    def _move(self, key: str) -> None:
        if key in self._places:
            self._index.remove((self._places[key], key))
        self._places[key] = self._sorted_by(self.times[key])
        insort(self._index, (self._places[key], key))
        self._late.discard(key)

    def _sorted_by(self, time: int) -> int:
        return self._midnight(time) if "sorted by days" in self.lies else time

    # --- Requests ---

    def fetch(
        self,
        method: str,
        path: str,  # noqa: ARG002  there is one search and one list
        *,
        decode: Callable[[bytes], T],
        tries: int | None = None,  # noqa: ARG002  whatever fails goes on failing
        params: Mapping[str, Any],
        json: Mapping[str, Any] | None = None,
    ) -> tuple[T, Body]:
        """Answer as `Client.fetch` does."""
        self.requests += 1
        if self.requests > MOST_REQUESTS:
            raise Endless
        try:
            answer = self._list(params) if json is None else self._search(json)
        finally:
            self.between()
        body = msgspec.json.encode(answer)
        assert method == ("GET" if json is None else "POST")
        return decode(body), Body(body, packed=False)

    def _search(self, body: Mapping[str, Any]) -> dict[str, Any]:
        conditions = body["query"]["value"]
        start = conditions[0]["value"] + (not self.inclusive)
        end = next((each["value"] for each in conditions if each["operator"] == "<"), 10**12)
        if self.days_of is not None:
            # `>` begins on the day after, `<` ends before the day.
            start, end = self._midnight(conditions[0]["value"]) + DAY, self._midnight(end)
        low, high = bisect_left(self._index, (start, "")), bisect_left(self._index, (end, ""))
        return self._page(self._index, low, high, (start, end), body["pagination"])

    def _midnight(self, time: int) -> int:
        offset = self.days_of or 0
        return (time + offset) // DAY * DAY - offset

    def _list(self, params: Mapping[str, Any]) -> dict[str, Any]:
        chain, sign = "list", 1
        if params.get("order") == "asc" and "order never turned round" not in self.lies:
            chain, sign = "list turned round", -1
        ranked = sorted((sign * self._rank(key), key) for key in self.times)
        return self._page(ranked, 0, len(ranked), chain, params)

    def _rank(self, key: str) -> int:
        if "order ignored" in self.lies:
            return int.from_bytes(key[::-1].encode(), "big")
        if "order by creation" in self.lies:
            return -self.created[key]
        return self.times[key] if "order ascending" in self.lies else -self.times[key]

    # --- Pages ---

    def _page(
        self, ranked: Ranked, low: int, high: int, chain: object, asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Answer with a page of the rows from `low` to `high`."""
        size = self._size(int(asked["per_page"]))
        cursor, place = _Cursor(1, FIRST), low
        if "page" in asked:
            cursor = _Cursor(int(asked["page"]), FIRST)
            place = low + (cursor.number - 1) * size
        elif "starting_after" in asked:
            cursor = self._open(asked["starting_after"], chain)
            place = max(bisect_right(ranked, cursor.after), low)
            if "cursor is a number" in self.lies:
                place = low + (cursor.number - 1) * size
            if self._tells("cursor ignored") and cursor.number > LATE_PAGE:
                place = low
        found = ranked[place : min(place + size, high)]
        following = None
        if place + size < high:
            following = _Cursor(cursor.number + 1, found[-1])
            self._first_cursors.setdefault(chain, following)
        found, following = self._end(cursor, found, following)
        rows = [
            {"id": key, "updated_at": self.times[key], "created_at": self.created[key]}
            for _, key in found
        ]
        pages = {"next": None if following is None else self._write(following)}
        count = {} if "count absent" in self.lies else {"total_count": self._count(high - low)}
        return {"conversations": rows, "pages": pages, **count}

    def _tells(self, lie: str, chance: float = 1.0) -> bool:
        return lie in self.lies and self._rng.random() < chance

    def _size(self, asked: int) -> int:
        if asked > SERVED and self._tells("size too heavy", 0.3):
            raise Unavailable("a page", status=502)
        if "size ignored" in self.lies:
            return SERVED
        return min(asked, CAP // 4) if "size capped" in self.lies else asked

    def _open(self, text: str, chain: object) -> _Cursor:
        rank, key, number = msgspec.json.decode(base64.b64decode(text.removeprefix("~")))
        refused = self._tells("cursor refused", 0.1)
        if key in self._late and key not in self._lied:
            refused |= self._tells("cursor refused at late rows")
            self._lied.add(key)
        if refused:
            raise Refused("a page", status=400, code="client_error")
        if self._tells("cursor fails", 0.05):
            raise Unavailable("a page", status=500)
        cursor = _Cursor(number, (rank // 1000, key))
        first = self._first_cursors.get(chain, cursor)
        leads_back = self._tells("cursor leads back", 0.1) and first.after < cursor.after
        return first if leads_back else cursor

    def _write(self, cursor: _Cursor) -> Any:
        if "by number" in self.lies:
            return cursor.number
        rank, key = cursor.after
        content = msgspec.json.encode([rank * 1000, key, cursor.number])
        text = base64.b64encode(content).decode()
        mark = "~" if "cursor opaque" in self.lies else ""
        return {"page": cursor.number, "starting_after": mark + text}

    def _end(
        self, cursor: _Cursor, found: Ranked, following: _Cursor | None
    ) -> tuple[Ranked, _Cursor | None]:
        """Break off the pages, or leave some of them empty, as it is told to."""
        is_late = cursor.number > LATE_PAGE
        if is_late and "false end once" in self.lies and "false end once" not in self._lied:
            self._lied.add("false end once")
            return found, None
        if self._tells("false end", 0.05) or (is_late and self._tells("chain ends")):
            return found, None
        if is_late and self._tells("chain ends empty"):
            return [], None
        if is_late and self._tells("chain ends short"):
            return found[: len(found) // 2], None
        if (is_late and self._tells("empty for ever")) or (
            following is not None and self._tells("empty pages", 0.2)
        ):
            return [], cursor
        return found, following

    def _count(self, total: int) -> int:
        if "count capped" in self.lies:
            return min(total, CAP)
        if "count zero" in self.lies:
            return 0
        if "count tenfold" in self.lies:
            return 10 * total
        if self._tells("count flickers", 0.3):
            return max(0, total - self._rng.randrange(30))
        return total
