"""What all streams of one sync share: settings, client, workers, failures, whether to stop."""

from __future__ import annotations

import logging
import typing as t
from functools import cached_property

from tap_intercom_conversations.api.client import Client
from tap_intercom_conversations.api.workers import Workers
from tap_intercom_conversations.errors import (
    ApiError,
    CannotWrite,
    Fault,
    PermissionDenied,
    Unauthorized,
    Unavailable,
    as_told,
)
from tap_intercom_conversations.progress.tally import Tally
from tap_intercom_conversations.reading.kept_pages import KeptPages
from tap_intercom_conversations.records.redaction import Redaction
from tap_intercom_conversations.settings import Settings

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_intercom_conversations.errors import TapError

logger = logging.getLogger("tap-intercom-conversations")


class Failure(t.NamedTuple):
    """Why a stream is not complete; `line` is for the user, and begins with the stream's name."""

    stream: str
    error: TapError
    line: str


class Session:
    """One sync's shared things, each made when it is first asked for; discovery needs none.

    Args:
        config: The settings as the user gave them; a token may be missing.
        started: When the sync started, in epoch seconds.
        abandon: Called once there is no use in reading any further stream.

    Attributes:
        failures: What ended the streams that are not complete.
        kept_pages: What streams have read, for those that read the same.
        replaced: Incremental streams whose table will hold what this sync brings, and nothing else.
        signal: The number of the signal that asked the process to end.
        tallies: What each stream has done, by name, in the order in which they are read.
    """

    def __init__(
        self, config: Mapping[str, t.Any], *, started: int, abandon: Callable[[], None]
    ) -> None:
        self.started = started
        self.failures: list[Failure] = []
        self.replaced: frozenset[str] = frozenset()
        self.signal: int | None = None
        self.tallies: dict[str, Tally] = {}
        self.abandon = abandon
        self._config = config
        self._is_abandoned = False
        self._client: Client | None = None
        self._workers: Workers | None = None
        self.kept_pages = KeptPages()

    @cached_property
    def settings(self) -> Settings:
        """The settings, checked."""
        return Settings.parse(self._config, needs_token=False)

    @cached_property
    def redaction(self) -> Redaction:
        """What becomes of personal data, in all streams alike."""
        return Redaction(self.settings.privacy_rules, self.settings.privacy_key)

    @property
    def client(self) -> Client:
        """The API."""
        if self._client is None:
            self._client = Client(self.settings)
        return self._client

    @property
    def workers(self) -> Workers:
        """The worker threads."""
        if self._workers is None:
            self._workers = Workers(self.settings.max_concurrency)
        return self._workers

    @cached_property
    def clock_ahead(self) -> int:
        """Seconds by which the API's clock is ahead of the machine's; one figure for all streams.

        The API is asked for its time; whatever else it has to say is the first page's business.

        Raises:
            Unauthorized: It does not know the token.
        """
        try:
            self.workers.result(self.workers.submit(self.client.ask_time))
        except Unauthorized:
            raise
        except ApiError:
            pass
        return round(self.client.clock_ahead or 0)

    def tally(self, stream: str) -> Tally:
        """What a stream has done."""
        return self.tallies.setdefault(stream, Tally(stream))

    @property
    def stopping(self) -> bool:
        """No further stream is to be read."""
        return self.signal is not None or self._is_abandoned

    def stop(self, signum: int) -> None:
        """Have whatever the main thread waits for end; a signal's handler calls this."""
        self.signal = signum
        if self._workers is not None:
            self._workers.stop()

    def fail(self, stream: str, ended_by: Exception, *, permission: str = "") -> None:
        """Note that a stream is not complete; the others go on if there is any use in it.

        Args:
            stream: The stream's name.
            ended_by: What ended it; a `Fault`, if it is no error that was foreseen.
            permission: What the token must be allowed to do, in Intercom's words.
        """
        error = as_told(ended_by)
        line = f"{stream}: {error}"
        if isinstance(error, PermissionDenied) and error.code != "api_plan_restricted":
            line += f' It needs the permission "{permission}".'
        self.failures.append(Failure(stream, error, line))
        self.tally(stream).fail(error.what, error.remedy)
        logger.error("%s", line)
        if isinstance(error, Fault):
            logger.debug("%s", error.trace)
        unreachable = isinstance(error, Unavailable) and not self.client.answered
        if unreachable or isinstance(error, (Unauthorized, CannotWrite)):
            # No other stream would fare better.
            self._is_abandoned = True
            self.abandon()

    def close(self) -> None:
        """End all threads and connections."""
        if self._client is not None:
            self._client.close()
        if self._workers is not None:
            self._workers.close()
        self.kept_pages.close()
