"""The tap as a source of Airbyte's: checked, discovered, and read from its catalog and state."""

from __future__ import annotations

import dataclasses
import typing as t
from functools import cached_property

from tap_intercom_conversations.airbyte import messages
from tap_intercom_conversations.airbyte.catalog import describe, singer_catalog
from tap_intercom_conversations.airbyte.spec import check_settings, with_lists
from tap_intercom_conversations.airbyte.state import resumable
from tap_intercom_conversations.airbyte.writer import AirbyteWriter, write
from tap_intercom_conversations.errors import Fault
from tap_intercom_conversations.tap import TapIntercomConversations

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.singerlib import Catalog
    from singer_sdk.streams import Stream

    from tap_intercom_conversations.airbyte.catalog import ConfiguredStream
    from tap_intercom_conversations.session import Failure

Json = dict[str, t.Any]

CHECK_RETRIES = 1
"""Tries after the first in a check: somebody waits for it, and may press the button again."""


class IntercomSource(TapIntercomConversations):
    """The tap, with Airbyte's catalog, state and messages in place of Singer's.

    Args:
        config: The settings.
        configured: The configured catalog, as `check_configured` returns it.
        state: Singer's state, as `read_state_file` returns it.
        for_discovery: Whether only the streams are asked for; then a token is not needed.

    Raises:
        TapError: One of them is wrong.
    """

    may_display = False  # log lines are messages here

    def __init__(
        self,
        config: Json,
        *,
        configured: Mapping[str, ConfiguredStream] | None = None,
        state: Json | None = None,
        for_discovery: bool = False,
    ) -> None:
        check_settings(config)
        self._configured = configured
        self._out = AirbyteWriter()
        super().__init__(
            config=with_lists(config),
            state=resumable(state or {}, configured or {}),
            message_writer=self._out,
            validate_config=not for_discovery,
            setup_mapper=not for_discovery,
        )

    @cached_property
    def input_catalog(self) -> Catalog | None:
        """The configured catalog, as Singer's."""
        if self._configured is None:
            return None
        return singer_catalog(self._configured, self.discover_streams())

    def discover(self) -> list[Json]:
        """Describe the streams that the API version has."""
        return [describe(stream) for stream in self.streams.values()]

    def check(self) -> str | None:
        """Read one conversation.

        Returns:
            What is wrong, and what to do about it; None if nothing is.
        """
        settings = self.session.settings
        retries = min(settings.max_retries, CHECK_RETRIES)
        # A page of one is light; larger ones that fail would be asked for in smaller sizes, too.
        self.session.settings = dataclasses.replace(settings, max_retries=retries, page_size=1)
        conversations = self.streams["conversations"]
        next(iter(conversations.get_records(None)), None)
        return self.session.failures[0].line if self.session.failures else None

    def read(self) -> None:
        """Read what is configured, one stream after the other."""
        self.prepare()
        configured = self._configured or {}
        self.session.replaced = frozenset(
            name for name, stream in configured.items() if stream.is_full_refresh
        )
        for failure in self.session.failures:
            _tell(failure)
            write(messages.stream_status(failure.stream, messages.INCOMPLETE))
        with self.watch():
            for stream in [stream for stream in self.streams.values() if stream.selected]:
                if self.session.stopping:
                    write(messages.stream_status(stream.name, messages.INCOMPLETE))
                else:
                    self._read(stream)

    def _read(self, stream: Stream) -> None:
        failures = self.session.failures
        failed_before, is_complete = len(failures), False
        self._out.begin(
            stream.name,
            has_bookmark=stream.replication_key is not None,
            is_full_refresh=stream.name in self.session.replaced,
        )
        try:
            stream.sync()
            is_complete = len(failures) == failed_before and not self.session.stopping
        finally:
            for failure in failures[failed_before:]:
                _tell(failure)
            self._out.end(stream.stream_state, is_complete=is_complete)


def _tell(failure: Failure) -> None:
    kind = messages.failure_type(failure.error)
    trace = failure.error.trace if isinstance(failure.error, Fault) else ""
    write(messages.trace_error(failure.line, kind, failure.stream, stack_trace=trace))
