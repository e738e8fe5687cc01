"""Watches a sync from a thread of its own: what is looked at costs the sync nothing."""

from __future__ import annotations

import abc
import logging
import threading
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_intercom_conversations.progress.pace import Pace
    from tap_intercom_conversations.progress.table import Line
    from tap_intercom_conversations.progress.tally import Tally

logger = logging.getLogger("tap-intercom-conversations")


class Watcher(abc.ABC):
    """Shows how far a sync is, from `with` to its end; then tells what came of it.

    Args:
        tallies: The sync's streams in their order, by name.
        pace: How fast it goes.
    """

    seconds_between_looks: t.ClassVar[float]

    def __init__(self, tallies: Mapping[str, Tally], pace: Pace) -> None:
        self.tallies = tallies
        self.pace = pace
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(self.seconds_between_looks):
            self.look()

    def look(self) -> None:
        """Look at the stream that is being read, if there is one, and show it."""
        # A copy: the main thread may add a stream meanwhile.
        for tally in list(self.tallies.values()):
            if tally.is_being_read:
                self.pace.look(tally)
                if advice := self.pace.advice():
                    logger.info("%s: %s", tally.stream, advice)
                self.show(tally)

    @abc.abstractmethod
    def show(self, tally: Tally) -> None:
        """Show how far a stream is."""

    @abc.abstractmethod
    def tell(self, table: list[Line]) -> None:
        """Tell what came of the sync, once it is over."""
