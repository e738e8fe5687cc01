"""admin_activity_logs: what teammates did in the workspace, a window of time after another."""

from __future__ import annotations

import typing as t
from itertools import count

import msgspec

from tap_intercom_conversations.api.pagination import parse_numbered
from tap_intercom_conversations.errors import (
    LostPlace,
    Refused,
    Unavailable,
    UnusableRecord,
)
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.envelope import envelope_decoder, row_decoder
from tap_intercom_conversations.settings import at_least
from tap_intercom_conversations.streams.base import IncrementalStream
from tap_intercom_conversations.streams.permissions import READ_ADMIN_ACTIVITY_LOGS
from tap_intercom_conversations.streams.window import Window
from tap_intercom_conversations.times import epoch_seconds, rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.api.pagination import Position
    from tap_intercom_conversations.reading.envelope import Envelope
    from tap_intercom_conversations.records import Record

DAY = 86_400
WINDOW_SECONDS = 30 * DAY
SHORTEST_WINDOW_SECONDS = 3_600
"""Long windows can fail with 500, users say: one that cannot be read to its end is read in halves,
down to this."""
TRIES_OF_LONG_WINDOWS = 2
FIRST_DAY = 1_293_840_000
"""2011-01-01, the year of Intercom's founding: no log is older, and the API wants a beginning."""
MOST_A_PAGE = 250
"""The most that the search allows (API documentation, "Search activity logs")."""
USUAL_A_PAGE = 20
WINDOWS_AHEAD = 4


class Entry(msgspec.Struct):
    """What is looked at of an entry."""

    id: t.Any = None
    created_at: t.Any = None


_decode_page = envelope_decoder(msgspec.Raw, ("activity_logs", "data"))
_decode_entry = row_decoder(Entry)


class AdminActivityLogsStream(IncrementalStream):
    """GET /admins/activity_logs; from 2.16 on POST /admins/activity_logs/search, for larger pages.

    Entries never change, so what matters is when they were created. Windows are read side by side
    and written in order; STATE follows each.
    """

    name = "admin_activity_logs"
    endpoint = "/admins/activity_logs"
    primary_keys = ("id",)
    replication_key = "created_at"
    permission = READ_ADMIN_ACTIVITY_LOGS
    selected_by_default = False

    def read(self) -> Iterator[Record]:
        """Yield the entries, window by window, oldest window first."""
        windows = self.session.workers.ordered_map(
            self._entries, self._windows(), ahead=WINDOWS_AHEAD
        )
        for window, entries in windows:
            for raw in entries.result():
                try:
                    yield self.record(raw)
                except UnusableRecord as error:
                    self.unusable(str(error), error)
            if self.is_incremental:
                self.advance_bookmark(rfc3339(min(window.end, self.started)))
                self.emit_state()

    def _windows(self) -> Iterator[Window]:
        settings = self.session.settings
        start, bookmark = settings.start or FIRST_DAY, self.starting_bookmark()
        if bookmark is not None:
            start = max(start, bookmark - settings.lookback_window)
        end = self.started + max(self.session.clock_ahead, 0) + 1
        end = end if settings.end is None else min(end, settings.end)
        for begin in range(start, end, WINDOW_SECONDS):
            yield Window(begin, min(begin + WINDOW_SECONDS, end))

    def _entries(self, window: Window) -> list[msgspec.Raw]:
        """Read a window's entries, in a worker; a long one that fails in halves."""
        if window.end - window.start <= SHORTEST_WINDOW_SECONDS:
            return list(self._pages(window, None))
        try:
            return list(self._pages(window, TRIES_OF_LONG_WINDOWS))
        except (LostPlace, Refused, Unavailable) as error:
            # A shorter one fares no better where nothing at all is answered; but it has fewer
            # pages, if there is an end to those that may be asked for.
            if isinstance(error, Unavailable) and not error.is_of_its_page:
                return list(self._pages(window, None))
        return [entry for half in window.halves() for entry in self._entries(half)]

    def _pages(self, window: Window, tries: int | None) -> Iterator[msgspec.Raw]:
        """Yield the entries of a window, page by page.

        Raises:
            LostPlace: More pages are named, but they bring nothing new.
        """
        wanted = TimeRange(*window)
        known: set[str] = set()
        position: Position = {"page": 1}
        served = 0  # the most rows that a page had
        for number in count(1):
            page = self._page(window, position, tries)
            entries = [(raw, _decode_entry(raw)) for raw in page.rows]
            new = {str(entry.id) for _, entry in entries if isinstance(entry, Entry)} - known
            for raw, entry in entries:
                if wanted.holds(epoch_seconds(getattr(entry, "created_at", None))):
                    yield raw
            known |= new
            position = parse_numbered(page.pages, number)
            if position and "page" not in position:
                position = {"page": number + 1}  # a cursor, for which it has no parameter
            if position and not new:
                raise LostPlace(
                    "pages of activity logs are named, but bring nothing new; the next run goes on "
                    "from here"
                )
            if not position:
                # A full page may have another one behind it, whatever it says; and nobody promises
                # that it may have more than the usual number.
                if not new or len(entries) < min(served or self._page_size, USUAL_A_PAGE):
                    return
                position = {"page": number + 1}
            served = max(served, len(entries))

    @property
    def _has_search(self) -> bool:
        return at_least(self.session.settings.api_version, "2.16")

    @property
    def _page_size(self) -> int:
        return MOST_A_PAGE if self._has_search else USUAL_A_PAGE

    def _page(self, window: Window, position: Position, tries: int | None) -> Envelope:
        """Ask for a page, a second wider: whether the bounds are inclusive is not documented."""
        asked = {
            "created_at_after": window.start - 1,
            "created_at_before": window.end + 1,
            "page": position["page"],
        }
        client = self.session.client
        if self._has_search:
            path, body = f"{self.endpoint}/search", {**asked, "per_page": MOST_A_PAGE}
            return client.fetch("POST", path, decode=_decode_page, tries=tries, json=body)[0]
        return client.fetch("GET", self.endpoint, decode=_decode_page, tries=tries, params=asked)[0]
