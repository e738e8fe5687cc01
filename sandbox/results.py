"""Results of a list or a search: an ordered run of objects, cut into pages by cursor."""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.answers import ApiError
from sandbox.index import (
    Index,
    key_of,
    moment_in,
    ordinal_in,
    position_after,
    position_before,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.collection import Collection
    from sandbox.query import Plan

_KEPT = 32
_MILLIS = 1_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind this object, in the order asked for."""

    key: int
    page: int

    def encode(self, collection: Collection) -> str:
        """Return the cursor as clients see it."""
        moment, ordinal = moment_in(self.key), ordinal_in(self.key)
        text = json.dumps([moment * _MILLIS, collection.id_of(ordinal), self.page])
        return base64.b64encode(text.encode()).decode()

    @classmethod
    def decode(cls, text: str, collection: Collection) -> Cursor:
        """Read a cursor back; anything else is the client's error."""
        refused = ApiError(400, "client_error", "bad 'starting_after' param")
        try:
            value, identifier, page = json.loads(base64.b64decode(text, validate=True))
            ordinal = collection.ordinal_of(identifier)
            cursor = cls(key_of(int(value) // _MILLIS, max(0, ordinal)), int(page))
        except (ValueError, TypeError, AttributeError):
            raise refused from None
        if ordinal < 0:
            raise refused
        return cursor


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a result, and what is needed to point to the next."""

    ordinals: list[int]
    number: int
    total: int
    next: Cursor | None
    # Where the page before this one began: what a confused cursor goes back to.
    previous: Cursor | None


@dataclass(frozen=True, slots=True)
class Result:
    """Keys in ascending order, of which those from start to stop belong to the result."""

    keys: list[int]
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def page(self, cursor: Cursor | None, size: int, *, descending: bool) -> Page:
        """Return the page behind a cursor."""
        first, number = 0, 1
        if cursor is not None:
            number = cursor.page
            if descending:
                position = position_before(self.keys, cursor.key)
                first = self.stop - min(max(position, self.start), self.stop)
            else:
                position = position_after(self.keys, cursor.key)
                first = min(max(position, self.start), self.stop) - self.start
        return self.cut(first, number, size, descending=descending)

    def cut(self, first: int, number: int, size: int, *, descending: bool) -> Page:
        """Return the page that begins at a place in the result; past its end, an empty one."""
        first = min(first, len(self))
        last = min(first + size, len(self))
        if descending:
            keys = self.keys[self.stop - last : self.stop - first][::-1]
        else:
            keys = self.keys[self.start + first : self.start + last]
        following = Cursor(keys[-1], number + 1) if keys and last < len(self) else None
        before = first - size - 1
        previous = None
        if before >= 0:
            place = self.stop - 1 - before if descending else self.start + before
            previous = Cursor(self.keys[place], number - 1)
        ordinals = [ordinal_in(key) for key in keys]
        return Page(ordinals, number, len(self), following, previous)


class Results:
    """Makes results; those that took a look at each object are kept for the next page."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._kept: OrderedDict[object, Result] = OrderedDict()

    def find(
        self,
        plan: Plan,
        sort: str,
        index: Index,
        *,
        name: str,
        left_out: Callable[[int], bool] | None = None,
    ) -> Result:
        """Return what a plan selects, ordered by a moment.

        Args:
            plan: What is asked for.
            sort: The moment's field.
            index: The objects in the order of their update.
            name: Names the plan, so that the same one need not be gone through again.
            left_out: Whether an object, by its ordinal, is none of those that may be seen.
        """
        if plan.nothing:
            return Result([], 0, 0)
        collection = self._collection
        simple = not plan.tests and left_out is None
        if simple and sort == "updated_at" and "created_at" not in plan.bounds:
            return Result(index.keys, *index.between(*plan.bounds.get("updated_at", (None, None))))
        if (
            simple
            and sort == "created_at"
            and "updated_at" not in plan.bounds
            and not collection.lagging
        ):
            by_creation = collection.by_creation
            return Result(
                by_creation.keys, *by_creation.between(*plan.bounds.get("created_at", (None, None)))
            )
        key = (name, sort, left_out is None, collection.revision)
        result = self._kept.get(key)
        if result is None:
            keys = self._scan(plan, sort, index, left_out or (lambda _: False))
            result = self._kept[key] = Result(keys, 0, len(keys))
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return result

    def _scan(
        self, plan: Plan, sort: str, index: Index, left_out: Callable[[int], bool]
    ) -> list[int]:
        collection = self._collection
        start, stop = index.between(*plan.bounds.get("updated_at", (None, None)))
        low, high = plan.bounds.get("created_at", (None, None))
        found = []
        for key in index.keys[start:stop]:
            ordinal = ordinal_in(key)
            created = collection.created_at(ordinal)
            if (low is not None and created < low) or (high is not None and created >= high):
                continue
            if left_out(ordinal):
                continue
            moment: int | None = created if sort == "created_at" else moment_in(key)
            if plan.tests or sort not in ("created_at", "updated_at"):
                item = collection.canonical(ordinal)
                if not all(test(item) for test in plan.tests):
                    continue
                if sort not in ("created_at", "updated_at"):
                    moment = item[sort]
            if moment is not None:
                found.append(key_of(moment, ordinal))
        return sorted(found)
