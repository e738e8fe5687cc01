"""A workspace of a few objects, sent just as a test gives them, by an API that works."""

from __future__ import annotations

import json
import operator
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW
from tests.support.serving import Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.serving import Asked

NO_OBJECTS = [
    None,
    5,
    *(pytest.param(value, marks=pytest.mark.thorough) for value in ("a", ["a"], True)),
]
"""What may stand in a list in place of an object."""
LATELY = NOW - 5_000
"""When a row changed that does not say so in epoch seconds: it stands there in the index."""
NO_SUCH = {"type": "error.list", "errors": [{"code": "not_found", "message": "Not found"}]}
"""What the API says of a conversation that is not there, with a 404."""


def nothing_else(asked: Asked) -> Said | None:
    """Answer nothing in another way."""


class Few:
    """Answers to searches within their bounds, to the list newest first, and to each one's own GET.

    Args:
        rows: The objects; bytes are sent as they are, whatever else there is as JSON.
        else_where: Answers first; None where it has nothing to say.
        path: Where they are listed; a search is below it.
        key: Under which key of an answer they are.
    """

    def __init__(
        self,
        *rows: Any,
        else_where: Callable[[Asked], Said | None] = nothing_else,
        path: str = "/conversations",
        key: str = "conversations",
    ) -> None:
        self.rows = list(rows)
        self.else_where = else_where
        self.path = path
        self._key = key

    def __call__(self, asked: Asked) -> Said:
        """Answer a request."""
        if said := self.else_where(asked):
            return said
        if asked.path == f"{self.path}/search":
            filters = asked.body["query"]["value"]
            found = [row for row in self.rows if all(_holds(row, one) for one in filters)]
            return self._page(sorted(found, key=moment_of), asked.body["pagination"])
        if asked.path == self.path:
            return self._page(sorted(self.rows, key=moment_of, reverse=True), asked.query)
        if asked.path.startswith(f"{self.path}/"):
            return self._one(asked.path.rpartition("/")[2])
        return Said()

    def _one(self, identifier: str) -> Said:
        for row in self.rows:
            if isinstance(row, dict) and str(row.get("id")) == identifier:
                parts = {"type": "conversation_part.list", "conversation_parts": []}
                return Said({"conversation_parts": parts, **row})
        return Said(NO_SUCH, 404)

    def _page(self, rows: list[Any], place: dict[str, Any]) -> Said:
        size, begin = int(place["per_page"]), int(place.get("starting_after", 0))
        shown = rows[begin : begin + size]
        texts = (row if isinstance(row, bytes) else json.dumps(row).encode() for row in shown)
        following = {"starting_after": str(begin + size)} if begin + size < len(rows) else None
        around = json.dumps({"pages": {"next": following}, "total_count": len(rows)}).encode()
        return Said(b'{"%b": [%b], %b' % (self._key.encode(), b", ".join(texts), around[1:]))


_COMPARISONS = {">": operator.gt, "<": operator.lt, "!=": operator.ne}


def moment_of(row: Any) -> int:
    """When a row changed."""
    text = row if isinstance(row, bytes) else json.dumps(row).encode()
    found = re.search(rb'"updated_at": ?(\d+)', text)
    return int(found[1]) if found else LATELY


def _holds(row: Any, condition: dict[str, Any]) -> bool:
    holds: bool = _COMPARISONS[condition["operator"]](moment_of(row), condition["value"])
    return holds
