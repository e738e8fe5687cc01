"""The simulated workspace: its conversations, and the world that all its objects share."""

from __future__ import annotations

from array import array
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any

from sandbox import moments
from sandbox.activity_logs import ActivityLogs
from sandbox.articles import Articles
from sandbox.cast import Cast
from sandbox.chance import stream
from sandbox.collection import Collection
from sandbox.companies import Companies
from sandbox.contacts import Contacts
from sandbox.conversation import is_ticket, list_item
from sandbox.ids import conversation_id, ordinal_of
from sandbox.lazily import Lazily
from sandbox.story import KINDS, Life, Tale, tell
from sandbox.tickets import Tickets
from sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Json = dict[str, Any]

# How many conversations have exactly so many parts, unless somebody asks for something else.
_FEW = 100
_HOUR = 3_600
_ARTICLES = 60
_LOGS = 400
_TICKET_SEEDS = 1_013
LONG = (500, 740)
OTHERS = ("contacts", "companies", "tickets", "articles", "activity_logs")
LATE = inf
"""Seconds of lag of a change that the search does not come to know of by itself."""


class Workspace(Collection):
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
        contacts: How many contacts there are; by default one for each two conversations.
        companies: How many companies there are; by default one for each ten conversations.
        tickets: How many tickets there are; by default those that are conversations.
    """

    kinds = KINDS

    def __init__(
        self,
        conversations: int = 5_000,
        seed: int = 1,
        *,
        exact_parts: dict[int, int] | None = None,
        deleted: int | None = None,
        templates: int = 0,
        activity: str = "",
        contacts: int | None = None,
        companies: int | None = None,
        tickets: int | None = None,
    ) -> None:
        self.cast = Cast(
            seed,
            max(20, conversations // 2) if contacts is None else contacts,
            max(8, conversations // 10) if companies is None else companies,
        )
        self._activity = activity
        self._ticket_count = tickets
        self._templates = templates
        gone = conversations // 50 if deleted is None else deleted
        total = conversations + gone
        if activity:
            self._settled = moments.shaped(seed, total, activity)
            created = array("q", [moment - _HOUR for moment in self._settled])
        else:
            created = moments.created(seed, total)
            self._settled = moments.settled(seed, created)
        rng = stream(seed, 33)
        doomed = sorted(rng.sample(range(total), gone))
        self.purged: set[int] = set()  # deleted, and no longer on the list of deleted ones
        deletions = {ordinal: self._settled[ordinal] + 60 for ordinal in doomed}
        super().__init__(World(seed), created, self._settled[:], deletions)
        living = [ordinal for ordinal in range(total) if ordinal not in deletions]
        self._exact = _exact_parts(living, exact_parts, rng.sample)
        self.tale = lru_cache(maxsize=2_000)(self._tell)

    def id_of(self, ordinal: int) -> str:
        """Return the id of the n-th conversation."""
        return conversation_id(ordinal)

    def ordinal_of(self, identifier: str) -> int:
        """Return which conversation an id belongs to, or -1 when none can have it."""
        return ordinal_of(identifier)

    @Lazily
    def contacts(self) -> Contacts:
        """The contacts."""
        return Contacts(self.world, self.cast, self.companies, self._activity)

    @Lazily
    def companies(self) -> Companies:
        """The companies."""
        return Companies(self.world, self.cast)

    @Lazily
    def tickets(self) -> Tickets:
        """The tickets."""
        return Tickets(self.world, self.cast, *self._ticket_moments())

    @Lazily
    def articles(self) -> Articles:
        """The articles of the help center."""
        return Articles(self.world, self.cast, _ARTICLES)

    @Lazily
    def activity_logs(self) -> ActivityLogs:
        """The log of what admins did."""
        return ActivityLogs(self.world, self.cast, _LOGS)

    def _ticket_moments(self) -> tuple[array[int], array[int], dict[int, int]]:
        """Return when tickets began, when they were updated, and which are deleted."""
        if self._ticket_count is not None:
            seed = self.seed * _TICKET_SEEDS
            updated = moments.shaped(seed, self._ticket_count, self._activity or "even")
            return array("q", [moment - _HOUR for moment in updated]), updated, {}
        own = [n for n in range(len(self._settled)) if self.is_ticket(n)]
        gone = {place: self.deleted[n] for place, n in enumerate(own) if n in self.deleted}
        created = array("q", [self._created[n] for n in own])
        return created, array("q", [self._settled[n] for n in own]), gone

    def is_ticket(self, ordinal: int) -> bool:
        """Say whether a conversation is a ticket, which not every token may read."""
        return is_ticket(self.script_of(ordinal))

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

    def exact(self, parts: int) -> list[str]:
        """Return the ids of the conversations that were made to have so many parts."""
        return [conversation_id(n) for n, count in sorted(self._exact.items()) if count == parts]

    def _tell(self, ordinal: int, _version: int) -> Tale:
        return tell(self.cast, self.life(ordinal))

    # What changes.

    def tick(self, seconds: int = 1) -> int:
        """Let time pass, and return the new present."""
        with self.lock:
            self.now += seconds
            return self.now

    def set_lag(self, seconds: float, clock: str) -> None:
        """Let all searches lag behind; with the manual clock until `reindex(everything=True)`."""
        self.world.set_lag(seconds, clock)

    def reindex(self, *, everything: bool = False) -> int:
        """Let all searches catch up with what is due; returns how many changes still lag."""
        return self.world.reindex(everything=everything)

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
            self._exact |= dict.fromkeys(range(first, first + count), parts)
            born = super().create(count, at)
            self._settled.extend(self._created[first:])
            return born

    def purge(self, ids: Iterable[str]) -> None:
        """Let deleted conversations leave the list of deleted ones."""
        with self.lock:
            self.purged |= {ordinal_of(identifier) for identifier in ids} & self.deleted.keys()
            self.world.revision += 1


def collection_of(workspace: Workspace, name: str) -> Collection:
    """Return the workspace's objects of a kind by its name.

    Raises:
        ValueError: There is no such kind.
    """
    if name == "conversations":
        return workspace
    if name not in OTHERS:
        raise ValueError(f"no such objects: {name}, one of conversations, {', '.join(OTHERS)}")
    found: Collection = getattr(workspace, name)
    return found


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
