"""How one search reads a query: its fields, and how finely it tells moments apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.fieldset import ANY, DATE, INTEGER, STRING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from sandbox.fieldset import Getter

TEXTUAL = ("~", "!~", "^", "$")
LISTED = ("IN", "NIN")
_EQUAL = ("=", "!=")
_ORDERED = ("<", ">")
SECONDS = (*_EQUAL, *_ORDERED, *LISTED)
WIDE_SECONDS = (*SECONDS, ">=", "<=")
DAYS = ("=", *_ORDERED)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a search takes, and what it means by it.

    Attributes:
        lookup: Returns a field's type and how to get at it, or None for no such field.
        moments: The operators that go with a moment.
        inclusive: Whether > means >=, and < means <=.
        days: The timezone in which a moment is cut to its day; without, the second counts.
    """

    lookup: Callable[[str], tuple[str, Getter] | None]
    moments: tuple[str, ...] = SECONDS
    inclusive: bool = False
    days: tzinfo | None = None

    def takes(self, kind: str, operator: str) -> bool:
        """Say whether an operator goes with fields of a type."""
        if kind == DATE:
            return operator in self.moments
        if operator in _ORDERED:
            return kind in (INTEGER, ANY)
        if operator in TEXTUAL:
            return kind in (STRING, ANY)
        return operator in (*_EQUAL, *LISTED)

    def period(self, operator: str, moment: int) -> tuple[int | None, int | None]:
        """Return from when (included) until when (left out) a comparison with a moment holds."""
        first, after = self._unit(moment)
        periods = {
            "=": (first, after),
            ">": (first if self.inclusive else after, None),
            "<": (None, after if self.inclusive else first),
            ">=": (first, None),
            "<=": (None, after),
        }
        return periods[operator]

    def _unit(self, moment: int) -> tuple[int, int]:
        if self.days is None:
            return moment, moment + 1
        there = datetime.fromtimestamp(moment, self.days)
        midnight = there.replace(hour=0, minute=0, second=0, fold=0)
        following = midnight + timedelta(days=1)
        return int(midnight.timestamp()), int(following.timestamp())
