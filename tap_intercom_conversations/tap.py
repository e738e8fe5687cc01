"""The tap: what it offers, which streams, how it ends."""

from __future__ import annotations

import gc
import logging
import os
import signal
import time
import typing as t
from collections import Counter
from functools import cached_property

from singer_sdk import Tap
from singer_sdk.exceptions import ConfigValidationError, MappingError

from tap_intercom_conversations.errors import FAILED, InvalidSettings, MissingStream
from tap_intercom_conversations.progress.choice import watcher_for
from tap_intercom_conversations.progress.pace import Pace
from tap_intercom_conversations.progress.table import table_of
from tap_intercom_conversations.session import Session
from tap_intercom_conversations.settings import (
    CONFIG_SCHEMA,
    NEWEST,
    Settings,
    at_least,
    environment_complaints,
    is_later,
    unknown_settings,
)
from tap_intercom_conversations.singer.command import TapCommand
from tap_intercom_conversations.singer.files import read_catalog, read_config, read_state_file
from tap_intercom_conversations.singer.sdk import SingerTap
from tap_intercom_conversations.singer.state import read_state
from tap_intercom_conversations.singer.writer import Writer, write_out
from tap_intercom_conversations.streams.changed_objects import ChangedObjectsStream
from tap_intercom_conversations.streams.registry import STREAMS

if t.TYPE_CHECKING:
    import click
    from singer_sdk.plugin_base import _ConfigInput
    from singer_sdk.streams import Stream

    from tap_intercom_conversations.progress.watcher import Watcher
    from tap_intercom_conversations.streams.base import IntercomStream

SIGALRM = getattr(signal, "SIGALRM", None)
"""Windows has none."""
SECONDS_TO_END = 8.0
"""How long a last STATE may take after a signal: an orchestrator waits ten seconds as a rule."""
SAME_REQUEST_SECONDS = 1.0
"""Signals that come so soon after the first are one request: Meltano adds a SIGTERM to Ctrl-C."""


class TapIntercomConversations(SingerTap):
    """Every Intercom conversation, with its messages and everything around them."""

    name = "tap-intercom-conversations"
    config_jsonschema = CONFIG_SCHEMA
    message_writer_class = Writer
    may_display: t.ClassVar[bool] = True
    """Whether a terminal gets a live display, or log lines as everybody else."""

    def __init__(self, **kwargs: t.Any) -> None:
        self._reads_environment = kwargs.get("parse_env_config", False)
        self._stopped_at = 0.0
        self._watcher: Watcher | None = None
        try:
            super().__init__(**kwargs)
        except ValueError:
            # The SDK's reading of the environment: it does not say which variable it was.
            self._check_environment()
            raise

    @cached_property
    def session(self) -> Session:
        """What the streams share."""
        started = self.initialized_at // 1000
        return Session(self.config, started=started, abandon=self.deselect_all)

    # What the SDK asks for.

    def check_settings(self, *, needs_token: bool) -> None:
        """Check the settings, and warn of those that are odd.

        Raises:
            InvalidSettings: They are wrong.
        """
        self._check_environment()
        # First: the setting that is missing next may be the one that is misspelt here.
        for line in unknown_settings(self.config, os.environ, self._env_var_prefix):
            self.logger.warning("%s", line)
        settings = Settings.parse(self.config, needs_token=needs_token)
        if is_later(settings.api_version):
            self.logger.warning(
                "api_version %s is later than this tap: it is taken for 2.%d, the newest known",
                settings.api_version,
                NEWEST,
            )

    def _check_environment(self) -> None:
        """Look at the environment as it stands: what is no truth value, the SDK takes for false."""
        if not self._reads_environment:
            return
        if lines := list(environment_complaints(os.environ, self._env_var_prefix)):
            raise InvalidSettings(lines) from None

    def setup_mapper(self) -> None:
        """Set up the stream maps and flattening.

        Raises:
            InvalidSettings: They are wrong.
        """
        # First apply the catalog: streams keep their keys selected, and the SCHEMA is made here.
        _ = self.streams
        try:
            super().setup_mapper()
        except ConfigValidationError as error:
            raise InvalidSettings(error.errors) from None
        except MappingError as error:
            raise InvalidSettings([f"stream_maps: {error}"]) from None
        except IndexError:
            raise InvalidSettings(["stream_maps: an expression is empty"]) from None
        except ValueError as error:
            raise InvalidSettings([_mapping_complaint(error)]) from None

    def discover_streams(self) -> list[IntercomStream]:
        """The streams that the chosen API version has."""
        version = self.session.settings.api_version
        offered = [stream for stream in STREAMS if at_least(version, stream.since)]
        return [stream.for_version(version)(self, self.session) for stream in offered]

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams in the order in which they are read: README's, not the alphabet's."""
        found = super().streams
        return {kind.name: found[kind.name] for kind in STREAMS if kind.name in found}

    def run_discovery(self) -> str:
        """Write the catalog; the SDK's `print` passes over a closed stdout in silence."""
        catalog: str = self.catalog_json_text
        write_out(bytearray(f"{catalog}\n".encode()))
        return catalog

    def load_state(self, state: dict[str, t.Any]) -> None:
        """Take over a state, whichever tap wrote it.

        Raises:
            TapError: It is none.
        """
        keys = {name: stream.replication_key for name, stream in self.streams.items()}
        selected = [name for name, stream in self.streams.items() if stream.selected]
        super().load_state(read_state(state, keys, selected))

    # How it ends.

    def deselect_all(self) -> None:
        """Let the SDK pass over the streams that are still to come, without a line for each."""
        for stream in self.streams.values():
            stream.selected = False
        self.logger.addFilter(_is_above_info)

    def stop(self, signum: int) -> None:
        """Note the signal; the main flow then stops, emits STATE and ends.

        A target that is busy with a batch does not read meanwhile, and fails if its last line is
        cut off. So the line that is being written gets some seconds. But the main flow may also be
        waiting for what never comes. So a later signal ends the process at once, and an alarm is
        that signal if the user sends none. What is half-written then has no line break.
        """
        if self.session.signal is not None:
            if signum == SIGALRM or time.monotonic() - self._stopped_at > SAME_REQUEST_SECONDS:
                os._exit(128 + self.session.signal)
            return
        self._stopped_at = time.monotonic()
        self.session.stop(signum)
        if SIGALRM is not None:
            signal.signal(SIGALRM, self._handle_termination)
            signal.setitimer(signal.ITIMER_REAL, SECONDS_TO_END)

    def watch(self) -> Watcher:
        """Show how far the sync is, in a `with` around it; `close` tells what came of it."""
        settings = self.session.settings
        pace = Pace(
            self.session.client,
            share=settings.rate_limit_share,
            max_concurrency=settings.max_concurrency,
            largest_concurrency=CONFIG_SCHEMA["properties"]["max_concurrency"]["maximum"],
        )
        self._watcher = watcher_for(self.session.tallies, pace, may_display=self.may_display)
        return self._watcher

    def close(self) -> int:
        """End all threads and connections.

        Returns:
            The exit status: 0 only if all selected streams are complete.
        """
        self.logger.removeFilter(_is_above_info)
        self.session.close()
        if self.session.signal is not None:
            if SIGALRM is not None:
                signal.setitimer(signal.ITIMER_REAL, 0)
            self.logger.warning("Stopped by %s", signal.Signals(self.session.signal).name)
        if self._watcher is not None:
            self._watcher.tell(table_of(list(self.session.tallies.values())))
        if self.session.signal is not None:
            return 128 + self.session.signal
        return FAILED if self.session.failures else 0

    def try_streams(self) -> None:
        """Read a little of each stream, and say of each whether it can be read.

        What is off by default may be refused: a first run needs no permission for it.
        """
        failures, refused = self.session.failures, []
        for stream in self.streams.values():
            failed = len(failures)
            self.run_sync_dry_run(streams=[stream])
            if self.session.stopping:
                return
            if len(failures) == failed:
                self.logger.info("%s: can be read", stream.name)
            elif not stream.selected_by_default:
                del failures[failed:]
                refused.append(stream.name)
        if not failures:
            able = len(self.streams) - len(refused)
            but = f"; not {', '.join(refused)}, off by default" if refused else ""
            self.logger.info("The test succeeded: %d streams can be read%s", able, but)

    def prepare(self) -> None:
        """Look over what is selected, before the sync: fail, warn, and keep pages as it needs."""
        self._fail_missing_streams()
        selected = [stream for stream in self.streams.values() if stream.selected]
        for stream in selected:
            self.session.tally(stream.name)
        if not selected:
            self.logger.warning("No stream is selected: there is nothing to do")
        readers = [stream for stream in selected if isinstance(stream, ChangedObjectsStream)]
        times_read = Counter(stream.collection.name for stream in readers)
        shared = frozenset(name for name, times in times_read.items() if times > 1)
        self.session.kept_pages.shared = shared

    def _fail_missing_streams(self) -> None:
        """Fail for each stream that the catalog selects but the API version lacks."""
        for entry in (self.input_catalog or {}).values():
            selected = entry.metadata.root.selected
            if selected and entry.tap_stream_id not in self.streams:
                known = {stream.name: stream.since for stream in STREAMS}
                since = known.get(entry.tap_stream_id)
                why = (
                    f"needs api_version {since} or later, not {self.session.settings.api_version}"
                    if since
                    else "is no stream of this tap"
                )
                self.session.fail(
                    entry.tap_stream_id,
                    MissingStream(f"{why}; deselect it, or discover the catalog anew"),
                )

    # The command line.

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The SDK's command, with ends that tell the truth in one line."""
        return TapCommand.of(super().get_singer_command(), cls.logger)

    @classmethod
    def invoke(  # type: ignore[override]  # as the SDK's own does
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: _ConfigInput,
        state: t.IO[str] | None = None,
        catalog: t.IO[str] | None = None,
    ) -> None:
        """Run a sync; the SDK's own knows only one way to end."""
        super(Tap, cls).invoke(about=about, about_format=about_format)
        gc.freeze()  # what start-up made stays, so no collection need look at it again
        cls.print_version(print_fn=cls.logger.info)
        tap = cls(
            config=config.config,
            state=read_state_file(state),
            catalog=read_catalog(catalog),
            parse_env_config=config.parse_env,
        )
        try:
            tap.prepare()
            with tap.watch():
                tap.sync_all()
        finally:
            status = tap.close()
        raise SystemExit(status)

    @classmethod
    def cb_config(
        cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]
    ) -> _ConfigInput:
        """Read the configuration's files our way: the SDK's takes a list of pairs for one, too."""
        merged = super().cb_config(ctx, param, tuple(path for path in value if path == "ENV"))
        for path in value:
            if path != "ENV":
                merged.config |= read_config(path)
        return merged

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:  # noqa: ARG003
        """Run `--test`: a record of each stream, or its schema."""
        if value == "disabled":
            return
        config = ctx.params["config"]
        tap = cls(config=config.config, parse_env_config=config.parse_env)
        try:
            if value == "schema":
                tap.write_schemas()
            else:
                tap.try_streams()
        finally:
            status = tap.close()
        ctx.exit(status)


# The SDK adds its own settings as late as in a tap's making; the checks need them sooner.
TapIntercomConversations.append_builtin_config(CONFIG_SCHEMA)


def _mapping_complaint(error: ValueError) -> str:
    """Say what the SDK could not map; what it raises for a column that is there twice is bare.

    Flattened, the field `type` of `source` is `source__type`: a stream map may add just that name.
    """
    _, is_column, column = str(error).partition("Duplicate column name produced in schema: ")
    if is_column:
        return (
            f"flattening_enabled: two fields become the column {column!r}; give one that "
            "stream_maps adds another name, or set another flattening_separator"
        )
    return f"stream_maps: {error}"


def _is_above_info(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO
