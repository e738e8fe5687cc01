"""What the reader must know of a collection of the API: a description, no code."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86_400


class Precision(t.NamedTuple):
    """How finely a search compares times; all in seconds.

    Attributes:
        below: By how much it is asked wider at its lower end.
        above: By how much at its upper end.
        shortest_span: What is shorter is not worth a search of its own.
    """

    below: int
    above: int
    shortest_span: int


SECONDS = Precision(below=1, above=0, shortest_span=1)
"""The documents call `>` "greater (or equal)", users measured it strict (API documentation, "Search
for conversations")."""
DAYS = Precision(below=2 * DAY, above=2 * DAY, shortest_span=10 * DAY)
"""Times are cut to days of the workspace's timezone, which nobody knows, and `>` begins on the day
after (API documentation, "Search contacts")."""


@dataclass(frozen=True)
class Collection:
    """A collection of objects that change, and how the API lets them be read.

    Attributes:
        name: What its objects are called, in the plural, for messages.
        envelope_keys: Under which keys an answer may hold its rows; the first that is there counts.
        time_field: The field that says when an object last changed.
        page_size: How many rows to ask for at once.
        search_path: Where it is searched; None if it is read from its list.
        filters: What else must hold of a row, in the search's own terms.
        list_path: Where it is listed.
        list_method: How the list is asked for; a POST whose parameters stand in the query string.
        list_order: The list's parameters for "newest first".
        list_most: How many rows the list serves; None if all.
        scroll_path: Where `list_most` rows or more can be had.
        parameters: What else goes into the query string.
        object_path: Where one object is asked for, with `{}` for its id; empty if it cannot be.
        only_alone: Fields that an object has only when it is asked for by itself.
        precision: How finely its search compares times.
    """

    name: str
    envelope_keys: tuple[str, ...]
    time_field: str
    page_size: int
    search_path: str | None = None
    filters: tuple[Mapping[str, t.Any], ...] = ()
    list_path: str = ""
    list_method: str = "GET"
    list_order: Mapping[str, str] = field(default_factory=dict)
    list_most: int | None = None
    scroll_path: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    object_path: str = ""
    only_alone: tuple[str, ...] = ()
    precision: Precision = SECONDS
