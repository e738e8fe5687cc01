"""What this tap and its streams do otherwise than the SDK's `Tap` and `Stream`, with the reasons.

All overrides of the SDK's private methods stand here, as an update of the SDK may break them. A
test holds their signatures to the SDK's.
"""

from __future__ import annotations

import abc
import typing as t
from datetime import datetime, timezone
from importlib import import_module

from singer_sdk import Tap, metrics
from singer_sdk.exceptions import MappingError
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import CustomStreamMap
from singer_sdk.singerlib import RecordMessage
from singer_sdk.singerlib.catalog import Metadata
from singer_sdk.streams import Stream

from tap_intercom_conversations.errors import InvalidSettings, TapError
from tap_intercom_conversations.singer.writer import Writer

if t.TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from types import FrameType

    from singer_sdk.helpers._batch import BatchConfig
    from singer_sdk.helpers.types import Context
    from singer_sdk.singerlib import Catalog, CatalogEntry


class RowCounter(metrics.Counter):
    """The SDK's counter of rows, which starts anew with each log line; this one also has the sum.

    So rows are counted once, and a look at their number costs nothing.
    """

    _logged = 0

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return self._logged + self.value

    def _pop(self) -> None:
        """Log the rows since the last line."""
        self._logged += self.value
        super()._pop()


class SingerTap(Tap, abc.ABC):
    """The SDK's tap, with settings that are checked our way and an end that tells the truth."""

    @abc.abstractmethod
    def check_settings(self, *, needs_token: bool) -> None:
        """Check the settings.

        Raises:
            InvalidSettings: They are wrong.
        """

    @abc.abstractmethod
    def stop(self, signum: int) -> None:
        """Note the signal: the main flow then stops, emits STATE and ends."""

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings in one line each, and never with a token in it.

        The SDK's own messages repeat the value. Discovery (`raise_errors` false) needs no token.
        """
        self.check_settings(needs_token=raise_errors)
        return []

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Let the main flow end.

        The SDK's own handler writes STATE from here, in the middle of whatever line is being
        written, and exits with 0 as if all were well.
        """
        self.stop(signum)


class SingerStream(Stream, abc.ABC):
    """The SDK's stream, for records that are right and complete as `get_records` yields them.

    Attributes:
        has_gaps: Some rows could not be had, and that is accepted: what a target has of them stays.
        row_counter: Counts the rows of the current sync.
    """

    # `records/` makes records valid; the SDK's own pass would cost as much as all the rest.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    def __init__(self, tap: Tap, schema: dict[str, t.Any]) -> None:
        super().__init__(tap=tap, schema=schema)
        self._sync_timer: metrics.Timer | None = None
        self.row_counter = RowCounter(metrics.Metric.RECORD_COUNT)
        self._map_error: TapError | None = None
        self.has_gaps = False

    # The catalog.

    def apply_catalog(self, catalog: Catalog) -> None:
        """Follow a catalog as far as this stream can.

        Raises:
            TapError: It asks for what this stream has not.
        """
        default_keys, default_replication_key = self.primary_keys, self.replication_key
        super().apply_catalog(catalog)
        entry = catalog.get_stream(self.name)
        if entry is None or not entry.metadata.resolve_selection()[()]:
            return
        if self.forced_replication_method == "INCREMENTAL" and self.replication_key is None:
            self.replication_key = default_replication_key
        if complaint := self._complaint(entry, default_replication_key):
            raise TapError(
                f"The catalog's stream {self.name!r} {complaint}: correct it, or discover it anew"
            )
        self._keep_keys(entry, {*default_keys, *self.primary_keys, default_replication_key})

    def _complaint(self, entry: CatalogEntry, default_replication_key: str | None) -> str | None:
        """What is wrong with the catalog's entry, if anything is."""
        columns = entry.schema.properties or {}
        keys = self.primary_keys
        methods = {"FULL_TABLE", "INCREMENTAL" if default_replication_key else "FULL_TABLE"}
        if entry.stream not in (None, self.name):
            return f"is called {entry.stream!r} there"
        if self.replication_method not in methods:
            return f"cannot be replicated by {self.replication_method}"
        if self.replication_key not in (None, default_replication_key):
            return f"has the replication key {self.replication_key!r}, which cannot be followed"
        if not isinstance(keys, (list, tuple)) or not all(isinstance(key, str) for key in keys):
            return "has key_properties that are no list of columns"
        needed = (*keys, default_replication_key)
        missing = [key for key in needed if key is not None and key not in columns]
        return f"lacks {', '.join(missing)} in its schema" if missing else None

    def _keep_keys(self, entry: CatalogEntry, keys: set[str | None]) -> None:
        """Select the keys even so, if a catalog without `inclusion` deselects them.

        A target needs them in each row and in the SCHEMA message, which the SDK makes of the same
        metadata.
        """
        selection = entry.metadata.resolve_selection()
        columns = entry.schema.properties or {}
        lost = [key for key in columns if key in keys and not selection["properties", key]]
        for key in lost:
            entry.metadata["properties", key].inclusion = Metadata.InclusionType.AUTOMATIC
        if lost:
            self.logger.warning(
                "The catalog deselects %s, which no row can be without: loaded all the same",
                ", ".join(lost),
            )

    # What a sync counts, and its end.

    def get_record_counter(
        self, *, endpoint: str | None = None, log_interval: float = metrics.DEFAULT_LOG_INTERVAL
    ) -> metrics.Counter:
        """Return the counter of rows."""
        theirs = super().get_record_counter(endpoint=endpoint, log_interval=log_interval)
        self.row_counter = RowCounter(theirs.metric, theirs.tags, log_interval)
        return self.row_counter

    def get_sync_timer(self) -> metrics.Timer:
        """Return the timer of `sync_duration`, which says "failed" until `complete` is called.

        The SDK's own goes by the exception that ends a stream, and ours do not raise any.
        """
        self._sync_timer = super().get_sync_timer()
        self._sync_timer.tags[metrics.Tag.STATUS] = metrics.Status.FAILED
        return self._sync_timer

    def complete(self) -> None:
        """Tell that all records are written: to the target, and to the metrics."""
        if self._stream_version is not None and not self.has_gaps:
            super()._write_activate_version_message(self._stream_version)
        if self._sync_timer is not None:
            self._sync_timer.tags.pop(metrics.Tag.STATUS, None)

    @property
    def emit_activate_version_messages(self) -> bool:
        """Whether a target is told to drop the rows that a full load no longer has.

        Not after a part of one, as `--test` reads; nor after files, whose rows carry no version.
        """
        whole = self.ABORT_AT_RECORD_COUNT is None and not self.config.get("batch_config")
        return whole and bool(super().emit_activate_version_messages)

    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Do not write it yet, but once all records are: `complete` does.

        The SDK's comes first. A target then drops all rows at once, and if the API fails after that
        it has none.
        """

    # Records.

    @abc.abstractmethod
    def fail(self, error: Exception) -> None:
        """End this stream and no other."""

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, t.Any], t.Any, t.Any]:
        """Write the records; what fails there, such as encoding a message, ends this stream only.

        Raised through the SDK, it would end the others, too.
        """
        try:
            yield from super()._sync_records(context, write_messages=write_messages)
        except Exception as error:  # noqa: BLE001  a bug must not cost the other streams
            self.fail(error)

    @property
    def needs_dicts(self) -> bool:
        """Whether a stream map, flattening, files or a writer of the SDK's need records as dicts.

        Our writer, and what else of the SDK a record passes on its way there, take structs, too.
        """
        if self.config.get("batch_config") or not isinstance(self._tap.message_writer, Writer):
            return True
        return any(
            isinstance(stream_map, CustomStreamMap) or stream_map.flattening_enabled
            for stream_map in self.stream_maps
        )

    def _process_record(
        self,
        record: t.Any,
        child_context: Context | None = None,
        partition_context: Context | None = None,
    ) -> None:
        """Do nothing: there are no child streams, and no partitions to add columns of."""

    def _generate_record_messages(
        self,
        record: t.Any,
    ) -> Generator[RecordMessage, None, None]:
        """Make the record's messages: the SDK's own way, less two walks over the whole record.

        `records/` has dropped what is not selected and put all types right; stream maps and
        flattening are applied as ever.
        """
        for stream_map in self.stream_maps:
            try:
                mapped = stream_map.transform(record)
            except Exception as error:  # noqa: BLE001  whatever a user's expression runs into
                self._map_error = self._cannot_map(record, error)
                return
            if mapped is not None:
                yield RecordMessage(
                    stream=stream_map.stream_alias,
                    record=mapped,
                    version=self._stream_version,
                    time_extracted=datetime.now(timezone.utc),
                )

    def _cannot_map(self, record: dict[str, t.Any], error: Exception) -> TapError:
        """Name the record; an error that is not the SDK's own may have a message's text in it."""
        key = ", ".join(f"{name} {record.get(name)}" for name in self.primary_keys)
        what = str(error).rstrip(".") if isinstance(error, MappingError) else type(error).__name__
        return TapError(f"stream_maps fails on the record of {key}: {what}; correct the expression")

    def _increment_stream_state(
        self,
        latest_record: t.Any,
        *,
        context: Context | None = None,
    ) -> None:
        """Leave the bookmark alone: a stream moves it itself, when all up to it is written."""

    # Files.

    def get_batch_config(self, config: Mapping[str, t.Any]) -> BatchConfig | None:
        """See that files can be made as `batch_config` says, before any request.

        Raises:
            InvalidSettings: They cannot.
        """
        batch_config = super().get_batch_config(config)
        if batch_config is not None:
            try:
                if batch_config.encoding.format == "parquet":
                    import_module("pyarrow")
                batch_config.storage.get_url(self.name)
            except (ImportError, TypeError, ValueError) as error:
                raise InvalidSettings([f"batch_config: {error}"]) from None
        return batch_config
