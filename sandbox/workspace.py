"""The simulated workspace: its conversations, in order, and everything that changes them.

A conversation is told anew from the seed and its mutations whenever somebody asks; what is kept
for each is two moments. All methods may be called from any thread.
"""

from __future__ import annotations

import time
from array import array
from functools import lru_cache
from math import inf
from threading import RLock
from typing import TYPE_CHECKING, Any

from sandbox import moments
from sandbox.cast import Cast
from sandbox.chance import stream
from sandbox.conversation import list_item
from sandbox.ids import conversation_id, ordinal_of
from sandbox.index import Index, key_of, moment_in, ordinal_in
from sandbox.story import KINDS, Life, Mutation, Tale, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Json = dict[str, Any]

# How many conversations have exactly so many parts, unless somebody asks for something else.
_FEW = 100
_HOUR = 3_600
LONG = (500, 740)
LATE = inf
"""Seconds of lag of a change that the search does not come to know of by itself."""


class Workspace:
    """A workspace of a given size; the same seed always makes the same one.

    Args:
        conversations: How many conversations are alive at the start.
        seed: What all of them are made from.
        exact_parts: How many conversations have exactly so many parts, {parts: conversations}.
        deleted: How many more had been deleted before; by default one for each fifty.
        templates: For benchmarks: so many stories are told, and all conversations share them.
            Ids and moments of conversations are their own, everything inside is the template's.
        activity: How updates are spread over time, one of `moments.ACTIVITIES`; by default as in
            an office, over half a year. With it, each was begun an hour before its last update.
    """

    def __init__(
        self,
        conversations: int = 5_000,
        seed: int = 1,
        *,
        exact_parts: dict[int, int] | None = None,
        deleted: int | None = None,
        templates: int = 0,
        activity: str = "",
    ) -> None:
        self.lock = RLock()
        self.seed = seed
        self.now = moments.EPOCH
        self.cast = Cast(seed, conversations)
        self.revision = 0
        self._templates = templates
        gone = conversations // 50 if deleted is None else deleted
        total = conversations + gone
        if activity:
            self._settled = moments.shaped(seed, total, activity)
            self._created = array("q", [moment - _HOUR for moment in self._settled])
        else:
            self._created = moments.created(seed, total)
            self._settled = moments.settled(seed, self._created)
        self._updated = self._settled[:]
        rng = stream(seed, 33)
        doomed = sorted(rng.sample(range(total), gone))
        self.purged: set[int] = set()  # deleted, and no longer on the list of deleted ones
        self.deleted = {ordinal: self._settled[ordinal] + 60 for ordinal in doomed}
        living = [ordinal for ordinal in range(total) if ordinal not in self.deleted]
        self._exact = _exact_parts(living, exact_parts, rng.sample)
        self._mutations: dict[int, list[Mutation]] = {}
        self.by_update = Index(key_of(self._updated[n], n) for n in living)
        self.by_creation = Index(key_of(self._created[n], n) for n in living)
        # What the search knows: the same, but for what lags behind.
        self.searched = Index()
        self.searched.keys = self.by_update.keys[:]
        self._lag = 0.0
        self._lag_clock: Callable[[], float] = time.monotonic
        self._pending: list[tuple[float, int, bool]] = []
        self.tale = lru_cache(maxsize=2_000)(self._tell)

    def __len__(self) -> int:
        return len(self.by_update.keys)

    def life(self, ordinal: int) -> Life:
        """Return what is known of a conversation without telling its story."""
        script = self.script_of(ordinal)
        return Life(
            script,
            self._created[script],
            self._settled[script],
            self._exact.get(script),
            tuple(self._mutations.get(ordinal, ())),
        )

    def script_of(self, ordinal: int) -> int:
        """Return whose story a conversation has: its own, unless there are templates."""
        if not self._templates or ordinal in self._exact:
            return ordinal
        return ordinal % self._templates

    def canonical(self, ordinal: int) -> Json:
        """Return a conversation in the newest shape, without its parts."""
        conversation = list_item(self.told(ordinal), self._updated[ordinal])
        if self._templates:
            own = {"id": conversation_id(ordinal), "created_at": self._created[ordinal]}
            conversation |= own
        return conversation

    def told(self, ordinal: int) -> Tale:
        """Return a conversation with all that happened in it."""
        return self.tale(ordinal, self.version_of(ordinal))

    def version_of(self, ordinal: int) -> int:
        """Return how often a conversation has been changed."""
        return len(self._mutations.get(ordinal, ()))

    def created_at(self, ordinal: int) -> int:
        """Return when a conversation began."""
        return self._created[ordinal]

    def updated_at(self, ordinal: int) -> int:
        """Return when a conversation was last updated."""
        return self._updated[ordinal]

    def find(self, identifier: str) -> int | None:
        """Return the ordinal of a living conversation, or None."""
        ordinal = ordinal_of(identifier)
        known = 0 <= ordinal < len(self._created)
        return ordinal if known and ordinal not in self.deleted else None

    def ids(self) -> list[str]:
        """Return the ids of all living conversations, oldest first."""
        return [conversation_id(ordinal_in(key)) for key in self.by_creation.keys]

    def exact(self, parts: int) -> list[str]:
        """Return the ids of the conversations that were made to have so many parts."""
        return [conversation_id(n) for n, count in sorted(self._exact.items()) if count == parts]

    @property
    def lagging(self) -> bool:
        """Whether there are changes that the search does not know of."""
        return bool(self._pending)

    def _tell(self, ordinal: int, _version: int) -> Tale:
        return tell(self.cast, self.life(ordinal))

    # What changes.

    def tick(self, seconds: int = 1) -> int:
        """Let time pass, and return the new present."""
        with self.lock:
            self.now += seconds
            return self.now

    def touch(
        self,
        ids: Iterable[str],
        at: int | None = None,
        kind: str = "reply",
        late: float = 0.0,
    ) -> list[tuple[str, int]]:
        """Change conversations: a reply, a note, an edit of an old part...

        Args:
            ids: Which ones.
            at: The moment; without, each is changed a second after the one before.
            kind: What happens to them.
            late: Seconds for which the search has them at their old place, with all that is new;
                `LATE` for until `reindex(everything=True)`, or until they change again.

        Returns:
            (id, moment) pairs.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}, one of {', '.join(KINDS)}")
        with self.lock:
            ordinals = [self._require(identifier) for identifier in dict.fromkeys(ids)]
            when = [self.now + n + 1 if at is None else at for n in range(len(ordinals))]
            self._update(list(zip(ordinals, when, strict=True)), kind, late)
            return [(conversation_id(n), at) for n, at in zip(ordinals, when, strict=True)]

    def some(self, count: int) -> list[str]:
        """Return the ids of so many conversations, chosen by the seed and what happened so far."""
        with self.lock:
            keys = self.by_creation.keys
            chosen = stream(self.seed, 34, self.revision).sample(keys, min(count, len(keys)))
            return [conversation_id(ordinal_in(key)) for key in chosen]

    def touch_some(
        self, count: int, at: int | None = None, kind: str = "reply", late: float = 0.0
    ) -> list[tuple[str, int]]:
        """Change so many conversations."""
        with self.lock:
            return self.touch(self.some(count), at, kind, late)

    def bulk_touch(self, ids: Iterable[str], at: int) -> int:
        """Give many conversations the same moment, as a bulk action does."""
        return len(self.touch(ids, at, "attribute"))

    def close(self, ids: Iterable[str], at: int | None = None) -> list[tuple[str, int]]:
        """Close conversations."""
        return self.touch(ids, at, "close")

    def tag(self, ids: Iterable[str], at: int | None = None) -> list[tuple[str, int]]:
        """Put a tag on conversations."""
        return self.touch(ids, at, "tag")

    def create(self, count: int = 1, at: int | None = None, parts: int = 1) -> list[str]:
        """Begin new conversations."""
        with self.lock:
            first = len(self._created)
            for number in range(count):
                moment = self.now + number + 1 if at is None else at
                self._exact[first + number] = parts
                self._created.append(moment)
                self._settled.append(moment)
                self._updated.append(moment)
            new = range(first, first + count)
            self._move([], [key_of(self._updated[n], n) for n in new])
            self.by_creation.replace([], [key_of(self._created[n], n) for n in new])
            return [conversation_id(ordinal) for ordinal in new]

    def delete(self, ids: Iterable[str], at: int | None = None) -> list[str]:
        """Delete conversations; the list of deleted ones has them from now on."""
        with self.lock:
            ordinals = [self._require(identifier) for identifier in dict.fromkeys(ids)]
            self._move([key_of(self._updated[n], n) for n in ordinals], [])
            self.by_creation.replace([key_of(self._created[n], n) for n in ordinals], [])
            for number, ordinal in enumerate(ordinals):
                self.deleted[ordinal] = self.now + number + 1 if at is None else at
                self.now = max(self.now, self.deleted[ordinal])
            return [conversation_id(ordinal) for ordinal in ordinals]

    def purge(self, ids: Iterable[str]) -> None:
        """Let deleted conversations leave the list of deleted ones."""
        with self.lock:
            self.purged |= {ordinal_of(identifier) for identifier in ids} & self.deleted.keys()
            self.revision += 1

    def _require(self, identifier: str) -> int:
        ordinal = self.find(identifier)
        if ordinal is None:
            raise KeyError(f"no living conversation {identifier}")
        return ordinal

    def _update(self, changes: Sequence[tuple[int, int]], kind: str, late: float) -> None:
        old = [key_of(self._updated[ordinal], ordinal) for ordinal, _ in changes]
        for ordinal, at in changes:
            history = self._mutations.setdefault(ordinal, [])
            history.append(Mutation(kind, at, len(history) + 1))
            self._updated[ordinal] = at
        self._move(old, [key_of(at, ordinal) for ordinal, at in changes], late)

    def _move(self, old: list[int], new: list[int], late: float = 0.0) -> None:
        """Let the lists follow a change at once, and the search when its time has come."""
        self.by_update.replace(old, new)
        for key in new:
            self.now = max(self.now, moment_in(key))
        self.revision += 1
        lag = max(self._lag, late)
        if lag <= 0 and not self._pending:
            self.searched.replace(old, new)
            return
        due = self._lag_clock() + lag
        # What is indexed anew is indexed as it is by now: an older change is no later than this.
        moved = {ordinal_in(key) for key in old}
        self._pending = [
            (min(when, due) if ordinal_in(key) in moved else when, key, is_new)
            for when, key, is_new in self._pending
        ]
        self._pending += [(due, key, False) for key in old]
        self._pending += [(due, key, True) for key in new]
        self.reindex()

    def set_lag(self, seconds: float, clock: str) -> None:
        """Let the search lag behind; with the manual clock until `reindex(everything=True)`."""
        clocks: dict[str, Callable[[], float]] = {
            "real": time.monotonic,
            "simulated": lambda: self.now,
            "manual": lambda: 0.0,
        }
        with self.lock:
            self._lag, self._lag_clock = seconds, clocks[clock]

    def reindex(self, *, everything: bool = False) -> int:
        """Let the search catch up with what is due; returns how many changes still lag."""
        with self.lock:
            if not self._pending:
                return 0
            now = float("inf") if everything else self._lag_clock()
            due = [entry for entry in self._pending if entry[0] <= now]
            if due:
                self._pending = [entry for entry in self._pending if entry[0] > now]
                # In order: what came and went again while it was pending must leave no trace.
                stays = {key: new for _, key, new in due}
                old = [key for key, new in stays.items() if not new]
                # A key that is there already must not be put in twice.
                fresh = [key for key, new in stays.items() if new]
                self.searched.replace([*old, *fresh], fresh)
                self.revision += 1
            return len(self._pending)


def _exact_parts(
    living: list[int],
    wanted: dict[int, int] | None,
    sample: Callable[[list[int], int], list[int]],
) -> dict[int, int]:
    """Choose the conversations that have exactly so many parts: {ordinal: parts}."""
    if wanted is None:
        few = len(living) // _FEW
        wanted = {0: few, 1: few} | ({LONG[0]: 1, LONG[1]: 1} if few else {})
    chosen = sample(living, min(len(living), sum(wanted.values())))
    sizes = [parts for parts, count in wanted.items() for _ in range(count)]
    return dict(zip(chosen, sizes, strict=False))
