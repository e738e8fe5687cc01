"""Results of a list or a search: an ordered run of conversations, cut into pages by cursor."""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.answers import ApiError
from sandbox.conversation import is_ticket
from sandbox.ids import conversation_id, ordinal_of
from sandbox.index import (
    Index,
    key_of,
    moment_in,
    ordinal_in,
    position_after,
    position_before,
)

if TYPE_CHECKING:
    from sandbox.query import Plan
    from sandbox.workspace import Workspace

_KEPT = 32
_MILLIS = 1_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind this conversation, in the order asked for."""

    key: int
    page: int

    def encode(self) -> str:
        """Return the cursor as clients see it."""
        moment, ordinal = moment_in(self.key), ordinal_in(self.key)
        text = json.dumps([moment * _MILLIS, conversation_id(ordinal), self.page])
        return base64.b64encode(text.encode()).decode()

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Read a cursor back; anything else is the client's error."""
        refused = ApiError(400, "client_error", "bad 'starting_after' param")
        try:
            value, identifier, page = json.loads(base64.b64decode(text, validate=True))
            ordinal = ordinal_of(identifier)
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
    """Makes results; those that took a look at each conversation are kept for the next page."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: OrderedDict[object, Result] = OrderedDict()

    def find(self, plan: Plan, sort: str, index: Index, *, tickets: bool, name: str) -> Result:
        """Return what a plan selects, ordered by a moment.

        `name` names the plan, so that the same one need not be gone through again.
        """
        if plan.nothing:
            return Result([], 0, 0)
        simple = not plan.tests and tickets
        if simple and sort == "updated_at" and "created_at" not in plan.bounds:
            return Result(index.keys, *index.between(*plan.bounds.get("updated_at", (None, None))))
        by_creation = self._workspace.by_creation
        if (
            simple
            and sort == "created_at"
            and "updated_at" not in plan.bounds
            and not self._workspace.lagging
        ):
            return Result(
                by_creation.keys, *by_creation.between(*plan.bounds.get("created_at", (None, None)))
            )
        key = (name, sort, tickets, self._workspace.revision)
        result = self._kept.get(key)
        if result is None:
            keys = self._scan(plan, sort, index, tickets=tickets)
            result = self._kept[key] = Result(keys, 0, len(keys))
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return result

    def _scan(self, plan: Plan, sort: str, index: Index, *, tickets: bool) -> list[int]:
        workspace = self._workspace
        start, stop = index.between(*plan.bounds.get("updated_at", (None, None)))
        low, high = plan.bounds.get("created_at", (None, None))
        found = []
        for key in index.keys[start:stop]:
            ordinal = ordinal_in(key)
            created = workspace.created_at(ordinal)
            if (low is not None and created < low) or (high is not None and created >= high):
                continue
            if not tickets and is_ticket(workspace.script_of(ordinal)):
                continue
            moment: int | None = created if sort == "created_at" else moment_in(key)
            if plan.tests or sort not in ("created_at", "updated_at"):
                conversation = workspace.canonical(ordinal)
                if not all(test(conversation) for test in plan.tests):
                    continue
                if sort not in ("created_at", "updated_at"):
                    moment = conversation[sort]
            if moment is not None:
                found.append(key_of(moment, ordinal))
        return sorted(found)
