"""What all objects of a workspace share: the seed, the present, the lock, and the search's lag."""

from __future__ import annotations

import time
from math import inf
from threading import RLock
from typing import TYPE_CHECKING

from sandbox import moments
from sandbox.index import Index, moment_in, ordinal_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class World:
    """The workspace's own clock and lock; `revision` is another one after each change."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.lock = RLock()
        self.now = moments.EPOCH
        self.revision = 0
        self.lag = 0.0
        self.lag_clock: Callable[[], float] = time.monotonic
        self._orders: list[Order] = []

    def order(self, keys: Iterable[int]) -> Order:
        """Return an order of objects that lags as the workspace does."""
        order = Order(self, keys)
        self._orders.append(order)
        return order

    def set_lag(self, seconds: float, clock: str) -> None:
        """Let the search lag behind; with the manual clock until `reindex(everything=True)`."""
        clocks: dict[str, Callable[[], float]] = {
            "real": time.monotonic,
            "simulated": lambda: self.now,
            "manual": lambda: 0.0,
        }
        with self.lock:
            self.lag, self.lag_clock = seconds, clocks[clock]

    def reindex(self, *, everything: bool = False) -> int:
        """Let the search catch up with what is due; returns how many changes still lag."""
        with self.lock:
            return sum(order.reindex(everything=everything) for order in self._orders)


class Order:
    """Objects in the order of their last update: as lists have them, and as the search does."""

    def __init__(self, world: World, keys: Iterable[int]) -> None:
        self._world = world
        self.by_update = Index(keys)
        # What the search knows: the same, but for what lags behind.
        self.searched = Index()
        self.searched.keys = self.by_update.keys[:]
        self._pending: list[tuple[float, int, bool]] = []

    @property
    def lagging(self) -> bool:
        """Whether there are changes that the search does not know of."""
        return bool(self._pending)

    def move(self, old: list[int], new: list[int], late: float = 0.0) -> None:
        """Let the lists follow a change at once, and the search when its time has come."""
        world = self._world
        self.by_update.replace(old, new)
        for key in new:
            world.now = max(world.now, moment_in(key))
        world.revision += 1
        lag = max(world.lag, late)
        if lag <= 0 and not self._pending:
            self.searched.replace(old, new)
            return
        due = world.lag_clock() + lag
        # What is indexed anew is indexed as it is by now: an older change is no later than this.
        moved = {ordinal_in(key) for key in old}
        self._pending = [
            (min(when, due) if ordinal_in(key) in moved else when, key, is_new)
            for when, key, is_new in self._pending
        ]
        self._pending += [(due, key, False) for key in old]
        self._pending += [(due, key, True) for key in new]
        self.reindex()

    def reindex(self, *, everything: bool = False) -> int:
        """Let the search catch up with what is due; returns how many changes still lag."""
        if not self._pending:
            return 0
        now = inf if everything else self._world.lag_clock()
        due = [entry for entry in self._pending if entry[0] <= now]
        if due:
            self._pending = [entry for entry in self._pending if entry[0] > now]
            # In order: what came and went again while it was pending must leave no trace.
            stays = {key: new for _, key, new in due}
            old = [key for key, new in stays.items() if not new]
            # A key that is there already must not be put in twice.
            fresh = [key for key, new in stays.items() if new]
            self.searched.replace([*old, *fresh], fresh)
            self._world.revision += 1
        return len(self._pending)
