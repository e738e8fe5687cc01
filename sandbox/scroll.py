"""The scroll over all companies: one at a time, and gone when nobody has used it for a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.answers import ApiError
from sandbox.chance import likely, stream, uuid_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.switches import Switches
    from sandbox.world import World

_BROKEN = "Request failed due to an internal network error. Please restart the scroll operation."


@dataclass(slots=True)
class Scroll:
    """A scroll that somebody has begun: what is left of it, and when it was used last."""

    parameter: str
    left: list[int]
    used: float


class Scrolls:
    """The app's scrolls, of which there is never more than one."""

    def __init__(self, world: World, switches: Switches) -> None:
        self._world = world
        self._switches = switches
        self._open: Scroll | None = None
        self._begun = 0
        self._pages = 0

    def page(self, parameter: str | None, rows: Callable[[], list[int]]) -> tuple[str, list[int]]:
        """Return the scroll's parameter and its next rows; none means that it has ended.

        Args:
            parameter: The scroll's, or none to begin one.
            rows: Returns all rows, as they are when it begins.

        Raises:
            ApiError: There is one already, or this one has gone, or it breaks.
        """
        self._forget()
        scroll = self._open
        if not parameter:
            if scroll is not None:
                raise ApiError(400, "scroll_exists", "scroll already exists for this workspace")
            scroll = self._begin(rows())
        elif scroll is None or scroll.parameter != parameter:
            raise ApiError(404, "not_found", "scroll parameter not found")
        self._pages += 1
        if likely(stream(self._switches.fault_seed, 43, self._pages), self._switches.scroll_fault):
            # Its client has no other way than to begin anew, so it must be able to.
            self._open = None
            raise ApiError(500, "server_error", _BROKEN)
        size = self._switches.scroll_size
        shown, scroll.left, scroll.used = scroll.left[:size], scroll.left[size:], self._now()
        if not shown:
            self._open = None
        return scroll.parameter, shown

    def _begin(self, rows: list[int]) -> Scroll:
        self._begun += 1
        parameter = uuid_id(self._world.seed, "scroll", self._begun)
        self._open = Scroll(parameter, rows, self._now())
        return self._open

    def _forget(self) -> None:
        scroll = self._open
        if scroll and self._now() - scroll.used >= self._switches.scroll_lifetime:
            self._open = None

    def _now(self) -> float:
        simulated = self._switches.scroll_clock == "simulated"
        return self._world.now if simulated else time.monotonic()
