"""Objects of one kind: found by id, in order, and everything that changes all kinds alike.

An object is made anew from the seed and its changes whenever somebody asks; what is kept for
each is two moments. All methods may be called from any thread.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.chance import hex_id, stream
from sandbox.index import Index, key_of, ordinal_in

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Sequence
    from threading import RLock

    from sandbox.world import World

Json = dict[str, Any]


@dataclass(slots=True)
class Mutation:
    """A change that came after the story as the seed tells it."""

    kind: str
    at: int
    number: int


class Collection(ABC):
    """Objects that are alive, and those that were deleted: {ordinal: moment}.

    Attributes:
        kinds: What can happen to one of them; the first is what does unless something is said.
    """

    kinds: tuple[str, ...] = ("update",)

    def __init__(
        self, world: World, created: array[int], updated: array[int], deleted: dict[int, int]
    ) -> None:
        self.world = world
        self.seed = world.seed
        self._created = created
        self._updated = updated
        self.deleted = deleted
        self._mutations: dict[int, list[Mutation]] = {}
        self._numbers: dict[str, int] = {}
        living = [n for n in range(len(created)) if n not in deleted and not self.hidden(n)]
        self.by_creation = Index(key_of(created[n], n) for n in living)
        self._order = world.order(key_of(updated[n], n) for n in living)
        self.by_update = self._order.by_update
        self.searched = self._order.searched

    def __len__(self) -> int:
        return len(self.by_update.keys)

    @abstractmethod
    def id_of(self, ordinal: int) -> str:
        """Return the id of the n-th object."""

    @abstractmethod
    def ordinal_of(self, identifier: str) -> int:
        """Return which object an id belongs to, or -1 when none can have it."""

    @abstractmethod
    def canonical(self, ordinal: int) -> Json:
        """Return an object in the newest shape."""

    def hidden(self, _ordinal: int) -> bool:
        """Say whether no list and no search shows an object, though it can be asked for by id."""
        return False

    @property
    def lock(self) -> RLock:
        """The workspace's lock."""
        return self.world.lock

    @property
    def now(self) -> int:
        """The workspace's present."""
        return self.world.now

    @now.setter
    def now(self, moment: int) -> None:
        self.world.now = moment

    @property
    def revision(self) -> int:
        """Another one after each change of anything in the workspace."""
        return self.world.revision

    @property
    def lagging(self) -> bool:
        """Whether there are changes that the search does not know of."""
        return self._order.lagging

    @property
    def begun(self) -> int:
        """How many there have ever been."""
        return len(self._created)

    def version_of(self, ordinal: int) -> int:
        """Return how often an object has been changed."""
        return len(self._mutations.get(ordinal, ()))

    def created_at(self, ordinal: int) -> int:
        """Return when an object began."""
        return self._created[ordinal]

    def updated_at(self, ordinal: int) -> int:
        """Return when an object was last updated."""
        return self._updated[ordinal]

    def find(self, identifier: str) -> int | None:
        """Return the ordinal of a living object, or None."""
        ordinal = self.ordinal_of(identifier)
        known = 0 <= ordinal < len(self._created)
        return ordinal if known and ordinal not in self.deleted else None

    def ids(self) -> list[str]:
        """Return the ids of all living objects that lists show, oldest first."""
        return [self.id_of(ordinal_in(key)) for key in self.by_creation.keys]

    def some(self, count: int) -> list[str]:
        """Return the ids of so many objects, chosen by the seed and what happened so far."""
        with self.lock:
            keys = self.by_creation.keys
            chosen = stream(self.seed, 34, self.revision).sample(keys, min(count, len(keys)))
            return [self.id_of(ordinal_in(key)) for key in chosen]

    def touch(
        self,
        ids: Iterable[str],
        at: int | None = None,
        kind: str = "",
        late: float = 0.0,
    ) -> list[tuple[str, int]]:
        """Change objects.

        Args:
            ids: Which ones.
            at: The moment; without, each is changed a second after the one before.
            kind: What happens to them, one of `kinds`; without, the first.
            late: Seconds for which the search has them at their old place, with all that is new;
                `LATE` for until `reindex(everything=True)`, or until they change again.

        Returns:
            (id, moment) pairs.
        """
        kind = kind or self.kinds[0]
        if kind not in self.kinds:
            raise ValueError(f"unknown kind {kind!r}, one of {', '.join(self.kinds)}")
        with self.lock:
            ordinals = [self._require(identifier) for identifier in dict.fromkeys(ids)]
            when = [self.now + n + 1 if at is None else at for n in range(len(ordinals))]
            self._update(list(zip(ordinals, when, strict=True)), kind, late)
            return [(self.id_of(n), at) for n, at in zip(ordinals, when, strict=True)]

    def touch_some(
        self, count: int, at: int | None = None, kind: str = "", late: float = 0.0
    ) -> list[tuple[str, int]]:
        """Change so many objects."""
        with self.lock:
            return self.touch(self.some(count), at, kind, late)

    def create(self, count: int = 1, at: int | None = None) -> list[str]:
        """Begin new objects; without a moment, each a second after the one before."""
        with self.lock:
            first = len(self._created)
            for number in range(count):
                moment = self.now + number + 1 if at is None else at
                self._created.append(moment)
                self._updated.append(moment)
            new = range(first, first + count)
            self._order.move([], [key_of(self._updated[n], n) for n in new])
            self.by_creation.replace([], [key_of(self._created[n], n) for n in new])
            return [self.id_of(ordinal) for ordinal in new]

    def delete(self, ids: Iterable[str], at: int | None = None) -> list[str]:
        """Delete objects: nothing shows them from now on."""
        with self.lock:
            ordinals = [self._require(identifier) for identifier in dict.fromkeys(ids)]
            self._order.move([key_of(self._updated[n], n) for n in ordinals], [])
            self.by_creation.replace([key_of(self._created[n], n) for n in ordinals], [])
            for number, ordinal in enumerate(ordinals):
                self.deleted[ordinal] = self.now + number + 1 if at is None else at
                self.now = max(self.now, self.deleted[ordinal])
            return [self.id_of(ordinal) for ordinal in ordinals]

    def _require(self, identifier: str) -> int:
        ordinal = self.find(identifier)
        if ordinal is None:
            raise KeyError(f"no living object {identifier}")
        return ordinal

    def _update(self, changes: Sequence[tuple[int, int]], kind: str, late: float) -> None:
        shown = [(ordinal, at) for ordinal, at in changes if not self.hidden(ordinal)]
        old = [key_of(self._updated[ordinal], ordinal) for ordinal, _ in shown]
        for ordinal, at in changes:
            history = self._mutations.setdefault(ordinal, [])
            history.append(Mutation(kind, at, len(history) + 1))
            self._updated[ordinal] = at
        self._order.move(old, [key_of(at, ordinal) for ordinal, at in shown], late)


class HexCollection(Collection):
    """Objects whose ids are 24 hexadecimal digits.

    Attributes:
        noun: What they are called; their ids are made from it.
    """

    noun: str

    def id_of(self, ordinal: int) -> str:
        """Return the id of the n-th object."""
        return hex_id(self.seed, self.noun, ordinal)

    def ordinal_of(self, identifier: str) -> int:
        """Return which object an id belongs to, or -1 when none can have it."""
        with self.lock:
            # Found out when somebody asks: a thousand of them take two milliseconds.
            for ordinal in range(len(self._numbers), len(self._created)):
                self._numbers[self.id_of(ordinal)] = ordinal
            return self._numbers.get(identifier, -1)
