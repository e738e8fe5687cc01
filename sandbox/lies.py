"""What a list says of itself that is not so: its ends, its counts, its page size."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, TypeVar

from sandbox.chance import stream

if TYPE_CHECKING:
    from random import Random

    from sandbox.answers import Json
    from sandbox.switches import Switches

T = TypeVar("T")

_TENFOLD = 10
_FLICKER = 0.3  # how likely a count comes from the replica that knows less
_FLICKER_ROWS = 30  # how many rows that one lacks at most


class Lies:
    """Lies for the endpoints that are to lie, from a seeded stream."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._drawn = 0

    def size(self, endpoint: str, asked: int) -> int:
        """Return how many rows a page has, whatever was asked for."""
        if not self._tells(endpoint):
            return asked
        size = self._switches.page_size_served or asked
        return min(size, self._switches.page_size_cap or size)

    def count(self, endpoint: str, total: int) -> int | str | None:
        """Return how many rows there are said to be."""
        lie = self._switches.count_lie if self._tells(endpoint) else ""
        if lie == "flicker" and (rng := self._draw()).random() < _FLICKER:
            return max(0, total - rng.randrange(_FLICKER_ROWS))
        told: dict[str, int | str | None] = {
            "absent": None,
            "zero": 0,
            "negative": -1,
            "text": str(total),
            "capped": min(total, self._switches.count_cap),
            "tenfold": total * _TENFOLD,
        }
        return told.get(lie, total)

    def total_pages(self, endpoint: str, total: int | str | None, size: int) -> Json:
        """Return what a `pages` block says of the number of pages: nothing without a count."""
        if self._switches.total_pages_said and self._tells(endpoint):
            return {"total_pages": self._switches.total_pages_said}
        return {} if total is None else {"total_pages": ceil(int(total) / size)}

    def endless(self, endpoint: str, number: int) -> bool:
        """Say whether a page is one of those, all empty, that never end."""
        first = self._switches.endless_from
        return 0 < first <= number and self._tells(endpoint)

    def empty(self, endpoint: str) -> bool:
        """Say whether a page is empty, by chance, though the next one is not."""
        likely = self._switches.empty_pages
        return bool(likely) and self._tells(endpoint) and self._draw().random() < likely

    def shown(self, endpoint: str, number: int) -> tuple[int, int]:
        """Return which page is shown, and which it is said to be, where this one is asked for."""
        fault, first = self._switches.cursor_fault, self._switches.cursor_fault_page
        ignored = number >= first and self._tells(endpoint)
        if ignored and fault == "ignore":
            return 1, 1
        return (1, number) if ignored and fault == "ignore-counting" else (number, number)

    def false_end(self, endpoint: str, number: int, size: int) -> str:
        """Return how a page that is not the last one says that it is; empty if it does not.

        Uses up one of the times that this is to happen.
        """
        switches = self._switches
        if not switches.false_end or not self._tells(endpoint) or not switches.false_end_times:
            return ""
        due = switches.false_end_page in (0, number) and number * size >= switches.false_end_rows
        if not due or self._draw().random() >= switches.false_end_probability:
            return ""
        if switches.false_end_times > 0:
            switches.false_end_times -= 1
        return switches.false_end

    def _tells(self, endpoint: str) -> bool:
        named = self._switches.lying_endpoints
        return not named or endpoint in named

    def _draw(self) -> Random:
        self._drawn += 1
        return stream(self._switches.fault_seed, 42, self._drawn)


def left_of(rows: list[T], end: str) -> list[T]:
    """Return what a page with a false end still shows of its rows."""
    kept = {"empty": 0, "short": len(rows) // 2}
    return rows[: kept.get(end, len(rows))]
