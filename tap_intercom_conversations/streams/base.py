"""What all streams share: a schema, the making of records, and an end that tells the truth."""

from __future__ import annotations

import abc
import typing as t
from itertools import islice
from types import MappingProxyType

from singer_sdk import metrics

from tap_intercom_conversations.errors import (
    CannotWrite,
    Fault,
    Stopped,
    TapError,
    UnreadableRow,
    UnusableRecord,
)
from tap_intercom_conversations.jsontext import check_encodable, decode_any
from tap_intercom_conversations.records.careful import RecordShaper
from tap_intercom_conversations.records.documented import DocumentedObjects
from tap_intercom_conversations.schemas import load_marked_schema, load_schema
from tap_intercom_conversations.singer.sdk import SingerStream
from tap_intercom_conversations.singer.writer import Writer
from tap_intercom_conversations.streams.permissions import READ_CONVERSATIONS
from tap_intercom_conversations.times import epoch_seconds

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import msgspec
    from singer_sdk import Tap
    from singer_sdk.helpers._batch import BaseBatchFileEncoding, BatchConfig
    from singer_sdk.helpers.types import Context

    from tap_intercom_conversations.records import Record
    from tap_intercom_conversations.session import Session


CLOCK_TOLERANCE = 3600
"""Tolerated clock skew in seconds: how far ahead of this machine's clock a bookmark may lie."""
NO_COLUMNS: Mapping[str, t.Any] = MappingProxyType({})
NO_OBJECT = "null or of another type than an object"
"""Why an entry of one of the API's lists cannot be a row."""
UNREADABLE = "JSON that no decoder reads"
"""Why an object is no row that is nested too deeply, or holds too long a number."""


class IntercomStream(SingerStream, abc.ABC):
    """A stream of Intercom's API.

    Attributes:
        endpoint: What most of its requests go to; the name under which they are counted.
        since: The first API version that has it.
        permission: What the token must be allowed to do; see `permissions`.
        is_held: STATE stays where it is: a bug has met what cannot be asked for again by its id.
    """

    name: str = ""
    endpoint: t.ClassVar[str]
    since: t.ClassVar[str] = "1.0"
    permission: t.ClassVar[str] = READ_CONVERSATIONS

    @classmethod
    def for_version(cls, version: str) -> type[IntercomStream]:  # noqa: ARG003  overridden
        """The stream as an API version has it; as a rule it is the same in all."""
        return cls

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, load_schema(self.name))
        self.session = session
        self._writer = tap.message_writer
        self._shaper: RecordShaper | None = None
        self._documented: DocumentedObjects | None = None
        self._unusable: dict[str, int] = {}
        self.is_held = False

    @abc.abstractmethod
    def read(self) -> Iterator[Record]:
        """Yield the stream's records.

        Raises:
            TapError: It has to end before it is complete.
        """

    def get_records(self, context: Context | None) -> Iterator[Record]:  # type: ignore[override]  # noqa: ARG002  no partitions; a struct is as good as a dict
        """Yield records; whatever fails ends the stream, and nothing but the stream.

        It must not be raised through the SDK: that would end the other streams, too, and lose the
        STATE of what has been written. That holds for a bug of ours as well.
        """
        if self.session.stopping:
            return
        tally = self.session.tally(self.name)
        tally.begin(self.session.client, self.row_counter)
        try:
            # A limit is `--test`'s. The SDK keeps it, too, but with "An unhandled error occurred".
            for record in islice(self.read(), self.ABORT_AT_RECORD_COUNT):
                yield record
                if self._map_error is not None:
                    raise self._map_error  # noqa: TRY301  told as all else is
            self._tell_losses()
            self.complete()
            self._flush()
            tally.complete()
        except Stopped:
            self.session.abandon()
        except Exception as error:  # noqa: BLE001  a bug must not cost the other streams
            self.fail(error)
        finally:
            self._flush()
            tally.end()
            with metrics.http_request_counter(self.name, self.endpoint) as counter:
                counter.increment(tally.requests)

    def _flush(self) -> None:
        if isinstance(self._writer, Writer):
            self._writer.flush()

    def fail(self, error: Exception) -> None:
        """End this stream and no other: it is told at the end of the sync."""
        self.session.fail(self.name, error, permission=self.permission)

    def record(self, raw: bytes | msgspec.Raw, added: Mapping[str, t.Any] = NO_COLUMNS) -> Record:
        """Make the record of an object of the API, as JSON.

        Args:
            raw: The object's JSON.
            added: Columns that the stream adds, as the record shall have them: the same columns in
                each call.

        Returns:
            The record.

        Raises:
            UnusableRecord: There can be none.
        """
        if self._documented is None:
            self._documented = DocumentedObjects(
                load_marked_schema(self.name),
                self.mask,
                added=tuple(added),
                as_dicts=self.needs_dicts,
                redaction=self.session.redaction,
            )
        try:
            record = self._documented.read(raw, added)
        except Exception as error:  # noqa: BLE001  a bug that one object meets must cost no other
            raise self._stumbled(error) from None
        if record is not None:
            return record
        try:
            obj = decode_any(bytes(raw))
        except UnreadableRow:
            raise UnusableRecord(UNREADABLE) from None
        return self.shape({**obj, **added} if isinstance(obj, dict) else obj)

    def shape(self, obj: t.Any) -> Record:
        """Make the record of a decoded object of the API; see `record`.

        Args:
            obj: The object, which is changed.

        Returns:
            The record.

        Raises:
            UnusableRecord: There can be none.
        """
        if not isinstance(obj, dict):
            raise UnusableRecord(NO_OBJECT)
        try:
            record = self.shaper.shape(obj)
            check_encodable(record)  # better one row is refused than that its message fails
        except (RecursionError, UnreadableRow):
            raise UnusableRecord(UNREADABLE) from None
        except UnusableRecord:
            raise
        except Exception as error:  # noqa: BLE001  as in `record`
            raise self._stumbled(error) from None
        return record

    def _stumbled(self, error: Exception) -> UnusableRecord:
        """Say that there can be no record because of a bug."""
        fault = Fault(error)
        self.logger.debug("%s", fault.trace)
        unusable = UnusableRecord(str(fault))
        unusable.is_fault = True
        return unusable

    @property
    def shaper(self) -> RecordShaper:
        """The shaper for this stream's schema and selection, compiled at first use."""
        if self._shaper is None:
            self._shaper = RecordShaper(
                load_marked_schema(self.name), self.mask, self.session.redaction
            )
        return self._shaper

    def unusable(self, why: str, error: TapError | None = None) -> None:
        """Count what cannot be a row; the stream goes on, and fails at its end.

        Args:
            why: As `UnusableRecord` says it.
            error: What it ran into, if that may be a bug.
        """
        self.is_held |= isinstance(error, Fault) or (
            isinstance(error, UnusableRecord) and error.is_fault
        )
        self._unusable[why] = self._unusable.get(why, 0) + 1

    def _tell_losses(self) -> None:
        if self._shaper is not None and self._shaper.unreadable_times:
            is_kept = not self.session.redaction.drops_free
            self.logger.warning(
                "%d times could not be read; they are null%s",
                self._shaper.unreadable_times,
                ", and kept under undocumented_fields" if is_kept else "",
            )
        if self._unusable:
            reasons = ", ".join(f"{count} {why}" for why, count in self._unusable.items())
            raise TapError(
                f"the API sent what cannot be a row: {reasons}; all other rows are written"
            )

    def get_batches(
        self, batch_config: BatchConfig, context: Context | None = None
    ) -> Iterator[tuple[BaseBatchFileEncoding, list[str]]]:
        """Write the files; if that fails there is no STATE, which would be ahead of them."""
        try:
            yield from super().get_batches(batch_config, context)
        except Exception as error:  # noqa: BLE001  each format has a library of its own
            # What a library says may quote a record.
            is_of_system = isinstance(error, (ImportError, OSError))
            why = error if is_of_system else type(error).__name__
            line = f"batch_config: its files cannot be written: {why}"
            self.fail(CannotWrite(line))


class IncrementalStream(IntercomStream):
    """A stream that moves its bookmark itself.

    The SDK's way with rows in no order is to note the greatest value and to promote it when
    `get_records` ends, which ours also does when the stream has failed.
    """

    def __init__(self, tap: Tap, session: Session) -> None:
        super().__init__(tap, session)
        # In batch mode records wait in a file that no message has named yet: STATE is the SDK's.
        self._writes_files = self.get_batch_config(self.config) is not None

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """No signpost: the bookmark never passes the sync's own upper bound."""

    @property
    def is_incremental(self) -> bool:
        """The bookmark is followed, and moved."""
        return self.replication_method == "INCREMENTAL"

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
        bookmark = self.bookmark() if self.is_incremental else None
        latest = self.started + CLOCK_TOLERANCE
        if bookmark is not None and bookmark > latest:
            latest += max(self.session.clock_ahead, 0)  # it is this machine's clock that is behind
        if bookmark is not None and bookmark > latest:
            raise TapError(
                f"its bookmark {self.stream_state['replication_key_value']} lies in the future, "
                "so nothing would ever be loaded; correct it in the state, or remove it to load "
                "from start_date"
            )
        return bookmark

    def advance_bookmark(self, value: str) -> None:
        """Move the bookmark up to an RFC 3339 date-time, never back; not while it is held."""
        state = self.stream_state
        if not self.is_held and value > state.get("replication_key_value", ""):
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = value

    def emit_state(self) -> None:
        """Write a STATE message: all that it stands for has been written."""
        if not self._writes_files:
            self.state_manager.is_flushed = False
            self._write_state_message()
