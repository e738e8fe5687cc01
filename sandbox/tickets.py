"""The workspace's tickets. What changes a ticket leaves the conversation that it is as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.collection import Collection
from sandbox.ticket import TicketLife, ticket, ticket_id, ticket_ordinal

if TYPE_CHECKING:
    from array import array

    from sandbox.cast import Cast
    from sandbox.world import World

Json = dict[str, Any]

_NO_PARTS = 3
_LONG = {40: 500, 41: 740}


class Tickets(Collection):
    """Tickets: one has 500 parts and one 740, if there are that many."""

    kinds = ("comment", "note", "assignment", "state", "attribute")

    def __init__(
        self,
        world: World,
        cast: Cast,
        created: array[int],
        updated: array[int],
        deleted: dict[int, int],
    ) -> None:
        self._cast = cast
        self._settled = updated
        super().__init__(world, created, updated[:], deleted)

    def id_of(self, ordinal: int) -> str:
        """Return the id of the n-th ticket."""
        return ticket_id(ordinal)

    def ordinal_of(self, identifier: str) -> int:
        """Return which ticket an id belongs to, or -1 when none can have it."""
        return ticket_ordinal(identifier)

    def canonical(self, ordinal: int) -> Json:
        """Return a ticket in the newest shape, with the parts that the API serves."""
        born_later = ordinal >= len(self._settled)
        created = self._created[ordinal]
        life = TicketLife(
            ordinal,
            created,
            self._updated[ordinal],
            created if born_later else self._settled[ordinal],
            0 if ordinal == _NO_PARTS else _LONG.get(ordinal, -1),
            self._mutations.get(ordinal, ()),
        )
        return ticket(self._cast, life)
