"""What a workspace makes when somebody asks for it, and then keeps: most tests ask for little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.collection import Collection

C = TypeVar("C", bound="Collection")
T = TypeVar("T")


class Lazily(Generic[C, T]):
    """A property that is made once, under the workspace's lock as any thread may ask."""

    def __init__(self, make: Callable[[C], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, owner: C, _: type[C] | None = None) -> T:
        with owner.lock:
            kept = vars(owner)
            if self._name not in kept:
                kept[self._name] = self._make(owner)
            made: T = kept[self._name]
            return made
