"""What the reader must know of a collection of the API: a description, no code."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Mapping


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
        list_order: The list's parameters for "newest first".
        parameters: What else goes into the query string.
        object_path: Where one object is asked for, with `{}` for its id; empty if it cannot be.
        only_alone: Fields that an object has only when it is asked for by itself.
        widening: Seconds by which a search is asked wider at its lower end: the documents call `>`
            "greater (or equal)", users measured it strict (API documentation, "Search for
            conversations").
    """

    name: str
    envelope_keys: tuple[str, ...]
    time_field: str
    page_size: int
    search_path: str | None = None
    filters: tuple[Mapping[str, t.Any], ...] = ()
    list_path: str = ""
    list_order: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    object_path: str = ""
    only_alone: tuple[str, ...] = ()
    widening: int = 1
