"""contact_activities: which contacts were created, merged and deleted when, oldest first."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.api.pagination import parse_next
from tap_intercom_conversations.errors import (
    LostPlace,
    NotFound,
    Refused,
    UnreadableRow,
    UnusableRecord,
)
from tap_intercom_conversations.jsontext import decode_any
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.envelope import envelope_decoder, row_decoder
from tap_intercom_conversations.streams.base import UNREADABLE, IncrementalStream
from tap_intercom_conversations.streams.permissions import READ_PEOPLE
from tap_intercom_conversations.times import NoTime, epoch_seconds, rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.envelope import Envelope
    from tap_intercom_conversations.records import Record

PAGE_SIZE = 150
"""The most that the endpoint allows (API documentation, "List all contact activities")."""


class Activity(msgspec.Struct):
    """What is looked at of an event."""

    id: t.Any = None
    created_at: t.Any = None
    event_type: t.Any = None
    contact_id: t.Any = None
    merge_source_id: t.Any = None


_decode_page = envelope_decoder(msgspec.Raw, ("data",))
_decode_activity = row_decoder(Activity)


class ContactActivitiesStream(IncrementalStream):
    """GET /contacts/activities, on from the cursor where the last sync ended.

    The endpoint takes no times, only the cursor of a page. STATE keeps the cursor of the last page,
    so the next sync begins with that page again. In the documented examples a cursor is an event's
    id, but no document promises it: so the id of the last event is not used as one.
    """

    name = "contact_activities"
    endpoint = "/contacts/activities"
    primary_keys = ("id",)
    replication_key = "created_at"
    since = "Preview"
    permission = READ_PEOPLE
    selected_by_default = False

    def read(self) -> Iterator[Record]:
        """Yield the events, a page at a time.

        Raises:
            ApiError: A page cannot be had.
            LostPlace: The pages lead nowhere.
        """
        position, page = self._first_page()
        passed = {tuple(position.items())}
        while True:
            yield from self._records(page)
            following = parse_next(page.pages.get("next")) if isinstance(page.pages, dict) else {}
            if not following:
                break
            if tuple(following.items()) in passed:
                raise LostPlace(
                    "pages of contact activities lead back to one that was read; the next run goes "
                    "on from the last one"
                )
            position = following
            passed.add(tuple(position.items()))
            self._checkpoint(position)
            page = self._page(position)
        self._checkpoint(position)

    def _first_page(self) -> tuple[Position, Envelope]:
        """Read the last page of the sync before; if its cursor is refused, the first of all."""
        cursor = self.stream_state.get("cursor") if self.is_incremental else None
        position: Position = {"starting_after": cursor} if isinstance(cursor, str) else {}
        try:
            return position, self._page(position)
        except (NotFound, Refused):
            if not position:
                raise
            self.logger.warning("The cursor in STATE is refused: all events are read again")
            return {}, self._page({})

    def _page(self, position: Position) -> Envelope:
        return self.session.workers.result(self.session.workers.submit(self._ask, position))

    def _ask(self, position: Position) -> Envelope:
        parameters = {**position, "per_page": PAGE_SIZE}
        return self.session.client.get(self.endpoint, parameters, decode=_decode_page)

    def _records(self, page: Envelope) -> Iterator[Record]:
        # Like deletions: what happened after `end_date` is true of the contacts before it, too.
        wanted = TimeRange(self.session.settings.start, None)
        latest: int | None = None
        for raw in page.rows:
            activity = _decode_activity(raw)
            time = epoch_seconds(getattr(activity, "created_at", None))
            if not wanted.holds(time):
                continue
            try:
                yield self._record(raw, activity)
            except UnusableRecord as error:
                self.unusable(str(error), error)
            latest = max(filter(None, (latest, time)), default=None)
        if latest is not None and self.is_incremental:
            self.advance_bookmark(rfc3339(min(latest, self.started)))

    def _record(self, raw: msgspec.Raw, activity: t.Any) -> Record:
        if isinstance(activity, Activity) and activity.id is None:
            try:
                fields = decode_any(bytes(raw))
            except UnreadableRow:
                raise UnusableRecord(UNREADABLE) from None
            return self.shape({**fields, "id": _made_id(activity)})
        return self.record(raw)

    def _checkpoint(self, position: Position) -> None:
        """Say where to go on, once all before it has been written."""
        if self.is_incremental and not self.is_held:
            self.stream_state["cursor"] = position.get("starting_after")
            self.emit_state()


def _made_id(activity: Activity) -> str:
    """An id for an event that has none: what happened to whom when."""
    try:
        time = rfc3339(activity.created_at)
    except NoTime:
        time = ""  # it can be no row
    parts = (time, activity.event_type, activity.contact_id, activity.merge_source_id)
    return "/".join(part if isinstance(part, str) else "" for part in parts)
