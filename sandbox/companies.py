"""The workspace's companies, in two orders: of their update, and of their last request."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from sandbox.cast import UPDATED_AFTER, first_seen, last_request_at
from sandbox.chance import every, stream
from sandbox.collection import HexCollection
from sandbox.index import key_of, ordinal_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.cast import Cast
    from sandbox.world import World

Json = dict[str, Any]

_EMPTY_SHARE = 25  # one without users for each so many
_GONE_SHARE = 50


class Companies(HexCollection):
    """Companies; those without users are in no list and no search."""

    noun = "company"
    kinds = ("attribute", "plan")

    def __init__(self, world: World, cast: Cast) -> None:
        self._cast = cast
        count = cast.company_count
        self._empty = range(count, count + max(1, count // _EMPTY_SHARE))
        gone = range(self._empty.stop, self._empty.stop + count // _GONE_SHARE)
        created = array("q", [first_seen(stream(world.seed, 12, n)) for n in range(gone.stop)])
        updated = array("q", [at + UPDATED_AFTER for at in created])
        self._requested: dict[int, int] = {}
        self._listed: tuple[int, list[int]] = (-1, [])
        super().__init__(world, created, updated, {n: updated[n] + 60 for n in gone})

    def hidden(self, ordinal: int) -> bool:
        """Say whether a company has no users."""
        return ordinal in self._empty

    def canonical(self, ordinal: int) -> Json:
        """Return a company in the newest shape."""
        made = self._cast.company(ordinal)
        history = self._mutations.get(ordinal, ())
        bare = every(ordinal, 9, 4) ^ any(mutation.kind == "plan" for mutation in history)
        synced = {"Synced": len(history)} if history else {}
        return {
            **made,
            "created_at": self._created[ordinal],
            "updated_at": self._updated[ordinal],
            "last_request_at": self.last_request_at(ordinal),
            "user_count": 0 if self.hidden(ordinal) else made["user_count"],
            "plan": {} if bare else made["plan"],
            "custom_attributes": {**made["custom_attributes"], **synced},
        }

    def last_request_at(self, ordinal: int) -> int:
        """Return when somebody of a company was last seen."""
        return self._requested.get(ordinal) or last_request_at(ordinal, self._created[ordinal])

    def visit(self, ids: Iterable[str], at: int | None = None) -> None:
        """Let somebody of each company come by: their place in the list moves, and no update."""
        with self.lock:
            moment = self.now + 1 if at is None else at
            self._requested |= {self._require(identifier): moment for identifier in ids}
            self.now = max(self.now, moment)
            self.world.revision += 1

    def by_request(self) -> list[int]:
        """Return the ordinals of all listed companies, the one last seen first."""
        if self._listed[0] != self.revision:
            living = (ordinal_in(key) for key in self.by_creation.keys)
            keys = sorted((key_of(self.last_request_at(n), n) for n in living), reverse=True)
            self._listed = (self.revision, [ordinal_in(key) for key in keys])
        return self._listed[1]
