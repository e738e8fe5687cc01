"""What all streams share: a schema, a shaper, the API, and an end that tells the truth."""

from __future__ import annotations

import abc
import typing as t
from datetime import datetime, timezone
from importlib import import_module
from itertools import islice
from types import MappingProxyType

from singer_sdk import metrics
from singer_sdk.exceptions import MappingError
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.singerlib import RecordMessage
from singer_sdk.streams import Stream

from tap_intercom_conversations.api.tolerant import decoder
from tap_intercom_conversations.errors import CannotWrite, InvalidSettings, Stopped, TapError
from tap_intercom_conversations.records.careful import RecordShaper, UnusableRecord
from tap_intercom_conversations.records.documented import DocumentedObjects
from tap_intercom_conversations.schemas import load_schema
from tap_intercom_conversations.singer.writer import Writer
from tap_intercom_conversations.times import epoch_seconds

if t.TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    import msgspec
    from singer_sdk import Tap
    from singer_sdk.helpers._batch import BaseBatchFileEncoding, BatchConfig
    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import Catalog, CatalogEntry

    from tap_intercom_conversations.session import Session


CLOCK_TOLERANCE = 3600
"""Seconds by which a bookmark may lie ahead: written on a machine whose clock was."""
NOTHING: Mapping[str, t.Any] = MappingProxyType({})
NO_OBJECT = "null or of another type than an object"
"""Why an entry of one of the API's lists cannot be a row."""

_decode_any = decoder(t.Any)


class IntercomStream(Stream, abc.ABC):
    """A stream of Intercom's API.

    Attributes:
        endpoint: What most of its requests go to; the name under which they are counted.
        since: The first API version that has it.
        permission: What the token must be allowed to do, in the words of Intercom's Developer Hub.
    """

    name: str = ""
    endpoint: t.ClassVar[str]
    since: t.ClassVar[str] = "1.0"
    permission: t.ClassVar[str] = "Read conversations"

    # `records.py` makes records valid; the SDK's own pass would cost as much as all the rest.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap=tap, schema=load_schema(self.name))
        self.session = session
        self._writer = tap.message_writer
        self._shaper: RecordShaper | None = None
        self._documented: DocumentedObjects | None = None
        self._unusable: dict[str, int] = {}
        self._map_error: TapError | None = None

    def apply_catalog(self, catalog: Catalog) -> None:
        """Follow a catalog as far as this stream can.

        Raises:
            TapError: It asks for what this stream has not.
        """
        own = self.replication_key
        super().apply_catalog(catalog)
        entry = catalog.get_stream(self.name)
        if entry is None or not self.selected:
            return
        if self.forced_replication_method == "INCREMENTAL" and self.replication_key is None:
            self.replication_key = own
        if complaint := self._complaint(entry, own):
            raise TapError(
                f"The catalog's stream {self.name!r} {complaint}: correct it, or discover it anew"
            )

    def _complaint(self, entry: CatalogEntry, own: str | None) -> str | None:
        """What is wrong with the catalog's entry, if anything is."""
        columns = entry.schema.properties or {}
        keys = self.primary_keys
        if entry.stream not in (None, self.name):
            return f"is called {entry.stream!r} there"
        if self.replication_method not in {"FULL_TABLE", "INCREMENTAL" if own else "FULL_TABLE"}:
            return f"cannot be replicated by {self.replication_method}"
        if self.replication_key not in (None, own):
            return f"has the replication key {self.replication_key!r}, which cannot be followed"
        if not isinstance(keys, (list, tuple)) or not all(isinstance(key, str) for key in keys):
            return "has key_properties that are no list of columns"
        missing = [key for key in (*keys, own) if key is not None and key not in columns]
        return f"lacks {', '.join(missing)} in its schema" if missing else None

    @property
    def shaper(self) -> RecordShaper:
        """The shaper for this stream's schema and selection, compiled at first use."""
        if self._shaper is None:
            self._shaper = RecordShaper(self.schema, self.mask)
        return self._shaper

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002  no partitions
        """Yield records; a failure ends the stream, and is told at the end of the sync.

        It must not be raised through the SDK: that would end the other streams, too, and lose the
        STATE of what has been written.
        """
        if self.session.stopping:
            return
        sent = self.session.client.sent
        try:
            # A limit is `--test`'s. The SDK keeps it, too, but with "An unhandled error occurred".
            for record in islice(self.read(), self.ABORT_AT_RECORD_COUNT):
                yield record
                if self._map_error is not None:
                    raise self._map_error
            self._tell_losses()
            if self._stream_version is not None:
                super()._write_activate_version_message(self._stream_version)
        except Stopped:
            self.session.abandon()
        except TapError as error:
            self.session.fail(self.name, error, permission=self.permission)
        finally:
            if isinstance(self._writer, Writer):
                self._writer.flush()
            with metrics.http_request_counter(self.name, self.endpoint) as counter:
                counter.increment(self.session.client.sent - sent)

    @property
    def emit_activate_version_messages(self) -> bool:
        """Whether a target is told to drop the rows that a full load no longer has.

        Not after a part of one, as `--test` reads; nor after files, whose rows carry no version.
        """
        whole = self.ABORT_AT_RECORD_COUNT is None and not self.config.get("batch_config")
        return whole and bool(super().emit_activate_version_messages)

    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Do not write it yet, but once all records are: `get_records` does.

        The SDK's comes first. A target then drops all rows at once, and if the API fails after that
        it has none.
        """

    @abc.abstractmethod
    def read(self) -> Iterator[Record]:
        """Yield the stream's records; raises `TapError` where it has to end."""

    def record(self, raw: msgspec.Raw, added: Mapping[str, t.Any] = NOTHING) -> Record | None:
        """Make the record of an object of the API, as JSON.

        Args:
            raw: The object.
            added: Columns that the stream adds, as the record shall have them.

        Returns:
            The record; None if there can be none, which is told at the end.
        """
        if self._documented is None:
            self._documented = DocumentedObjects(self.schema, self.mask, frozenset(added))
        record = self._documented.read(raw, added)
        if record is not None:
            return record
        obj = _decode_any(bytes(raw))
        return self.shape({**obj, **added} if isinstance(obj, dict) else obj)

    def shape(self, obj: t.Any) -> Record | None:
        """Make the record of a decoded object of the API; see `record`."""
        if not isinstance(obj, dict):
            self.unusable(NO_OBJECT)
            return None
        try:
            return self.shaper.shape(obj)
        except UnusableRecord as error:
            self.unusable(f"without {error.field}")
            return None

    def unusable(self, why: str) -> None:
        """Count what cannot be a row; the stream goes on, and fails at its end."""
        self._unusable[why] = self._unusable.get(why, 0) + 1

    def _process_record(
        self,
        record: Record,
        child_context: Context | None = None,
        partition_context: Context | None = None,
    ) -> None:
        """Do nothing: there are no child streams, and no partitions to add columns of."""

    def _generate_record_messages(self, record: Record) -> Generator[RecordMessage, None, None]:
        """Make the record's messages: the SDK's own way, less two walks over the whole record.

        `records.py` has dropped what is not selected and put all types right; stream maps and
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

    def _cannot_map(self, record: Record, error: Exception) -> TapError:
        """Name the record; an error that is not the SDK's own may have a message's text in it."""
        key = ", ".join(f"{name} {record.get(name)}" for name in self.primary_keys)
        what = str(error).rstrip(".") if isinstance(error, MappingError) else type(error).__name__
        return TapError(f"stream_maps fails on the record of {key}: {what}; correct the expression")

    def get_batch_config(self, config: Mapping[str, t.Any]) -> BatchConfig | None:
        """See that files can be made as `batch_config` says, before any request."""
        batch_config = super().get_batch_config(config)
        if batch_config is not None:
            try:
                if batch_config.encoding.format == "parquet":
                    import_module("pyarrow")
                batch_config.storage.get_url(self.name)
            except (ImportError, TypeError, ValueError) as error:
                raise InvalidSettings([f"batch_config: {error}"]) from None
        return batch_config

    def get_batches(
        self, batch_config: BatchConfig, context: Context | None = None
    ) -> Iterator[tuple[BaseBatchFileEncoding, list[str]]]:
        """Write the files; if that fails there is no STATE, which would be ahead of them."""
        try:
            yield from super().get_batches(batch_config, context)
        except (ImportError, OSError) as error:
            why = f"batch_config: its files cannot be written: {error}"
            self.session.fail(self.name, CannotWrite(why))

    def _tell_losses(self) -> None:
        if self._shaper is not None and self._shaper.unreadable_times:
            self.logger.warning(
                "%d times could not be read; they are null, and kept under undocumented_fields",
                self._shaper.unreadable_times,
            )
        if self._unusable:
            reasons = ", ".join(f"{count} {why}" for why, count in self._unusable.items())
            raise TapError(f"the API sent what cannot be a row: {reasons}")


class IncrementalStream(IntercomStream):
    """A stream that moves its bookmark itself.

    The SDK's way with rows in no order is to note the greatest value and to promote it when
    `get_records` ends, which ours also does when the stream has failed.
    """

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """No signpost: the bookmark never passes the sync's own upper bound."""

    @property
    def started(self) -> int:
        """When the sync started, not this stream of it: all of them show the same moment."""
        return self.session.started

    def bookmark(self) -> int | None:
        """The bookmark, in epoch seconds."""
        return epoch_seconds(self.stream_state.get("replication_key_value"))

    def starting_bookmark(self) -> int | None:
        """The bookmark that this sync begins with; None if it is to read everything.

        Raises:
            TapError: It lies in the future, and would hide all that changes until then.
        """
        bookmark = self.bookmark() if self.replication_method == "INCREMENTAL" else None
        if bookmark is not None and bookmark > self.started + CLOCK_TOLERANCE:
            raise TapError(
                f"its bookmark {self.stream_state['replication_key_value']} lies in the future, "
                "so nothing would ever be loaded; correct it in the state, or remove it to load "
                "from start_date"
            )
        return bookmark

    def advance_bookmark(self, value: str) -> None:
        """Move the bookmark up to an RFC 3339 date-time, never back."""
        state = self.stream_state
        if value > state.get("replication_key_value", ""):
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = value

    def _increment_stream_state(
        self,
        latest_record: Record,
        *,
        context: Context | None = None,
    ) -> None:
        """Leave the bookmark alone until the stream is complete."""
