"""The workspace's contacts: those that conversations carry, and those that went before.

A merged or deleted contact leaves list and search without a trace; conversations go on naming it.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from sandbox import moments
from sandbox.chance import every, stream
from sandbox.collection import HexCollection
from sandbox.contact import ContactLife, company_ordinals, contact

if TYPE_CHECKING:
    from sandbox.cast import Cast
    from sandbox.companies import Companies
    from sandbox.world import World

Json = dict[str, Any]

_GONE_SHARE = 50  # one was merged and one deleted before, for each so many
_SEED_STEP = 1_009
_LONGEST = 300 * 86_400
_MOST_HOPS = 3


class Contacts(HexCollection):
    """Contacts.

    Attributes:
        merged: Which was merged into which, and when: {ordinal: (ordinal, moment)}.
    """

    noun = "contact"
    kinds = ("attribute", "tag", "company")

    def __init__(self, world: World, cast: Cast, companies: Companies, activity: str) -> None:
        self._cast = cast
        self._companies = companies
        seed, living = world.seed, cast.contact_count
        gone = living // _GONE_SHARE
        total = living + 2 * gone
        updated = moments.shaped(seed * _SEED_STEP, total, activity or "even")
        rng = stream(seed, 13)
        # None of them began after the first conversation did.
        created = array(
            "q",
            [min(at, moments.BEGINNING) - int(rng.random() * _LONGEST) for at in updated],
        )
        # In the order of the moments, but not of the people.
        places = rng.sample(range(total), total)
        created = array("q", [created[place] for place in places])
        updated = array("q", [updated[place] for place in places])
        left = range(living, total)
        self.merged = {n: (rng.randrange(living), updated[n] + 60) for n in left[:gone]}
        self._sources: dict[int, list[int]] = {}
        for source, (target, _) in self.merged.items():
            self._sources.setdefault(target, []).append(source)
        super().__init__(world, created, updated, {n: updated[n] + 60 for n in left})

    def life(self, ordinal: int) -> ContactLife:
        """Return what is known of a contact before it is made."""
        return ContactLife(
            ordinal,
            self._created[ordinal],
            self._updated[ordinal],
            self._mutations.get(ordinal, ()),
        )

    def companies_of(self, ordinal: int) -> list[int]:
        """Return the living companies of a contact, by their ordinals."""
        found = company_ordinals(self._cast, self.life(ordinal))
        return [number for number in found if number not in self._companies.deleted]

    def canonical(self, ordinal: int) -> Json:
        """Return a contact in the newest shape."""
        companies = [self._companies.id_of(number) for number in self.companies_of(ordinal)]
        made = contact(self._cast, self.life(ordinal), companies)
        return {**made, "merge_history": self._history(ordinal, made["role"])}

    def _history(self, ordinal: int, role: str) -> list[Json] | None:
        if role != "user":
            return None
        return [
            {
                "type": "merge_history",
                "source_contact_id": self.id_of(source),
                "source_contact_role": self.role_of(source),
                "merged_at": self.merged[source][1],
            }
            for source in self._sources.get(ordinal, ())
        ]

    def external_id_of(self, ordinal: int) -> str | None:
        """Return the id by which the workspace's owner knows a contact."""
        known: str | None = self._cast.contact(ordinal)["external_id"]
        return known

    def role_of(self, ordinal: int) -> str:
        """Return what a contact is: user or lead."""
        role: str = self._cast.contact(ordinal)["type"]
        return role

    def began_as(self, ordinal: int) -> str:
        """Return what a contact was at first: some users were leads."""
        return "lead" if every(ordinal, 11, 4) else self.role_of(ordinal)

    def merge(self, source: str, target: str, at: int | None = None) -> int:
        """Merge a contact into another; the one is gone, the other is updated. Returns when."""
        with self.lock:
            gone, stays = self._require(source), self._require(target)
            moment = self.now + 1 if at is None else at
            self.delete([source], moment)
            self.merged[gone] = (stays, moment)
            self._sources.setdefault(stays, []).append(gone)
            self.touch([target], moment)
            return moment

    def heir_of(self, identifier: str) -> str | None:
        """Return the id of the contact that a merged one lives on in, over three hops at most."""
        ordinal = self.ordinal_of(identifier)
        if ordinal not in self.merged:
            return None
        for _ in range(_MOST_HOPS):
            if ordinal in self.merged:
                ordinal = self.merged[ordinal][0]
        return self.id_of(ordinal)
