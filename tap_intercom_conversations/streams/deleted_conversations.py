"""deleted_conversations: which conversations are gone since when, newest first."""

from __future__ import annotations

import typing as t

import msgspec

from tap_intercom_conversations.api.pagination import NextPage, Position
from tap_intercom_conversations.api.tolerant import decoder
from tap_intercom_conversations.streams.base import IncrementalStream
from tap_intercom_conversations.times import epoch_seconds, rfc3339

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk.helpers.types import Record


class DeletedPage(msgspec.Struct):
    """A page of the list; `next` is a URL with a page number."""

    conversations: list[t.Any]
    pages: t.Any = None


_decode = decoder(DeletedPage)


class DeletedConversationsStream(IncrementalStream):
    """GET /conversations/deleted, down to the bookmark.

    `end_date` bounds the `updated_at` of conversations, not when they were deleted: one of the span
    that is gone is gone, however much later. `start_date` bounds both, as none is deleted before it
    last changed.

    Deletions that come in while it is read push rows on to later pages, where they come a second
    time; none is pushed out of sight.

    The bookmark moves when all have been written: a first load that is killed begins anew, at 60 a
    request. `order=asc` would let it follow each page, but pages have only numbers there, no
    "since": to go on, the bookmark's page had to be searched for, and a row that leaves the list
    would move all that follow up, one of them on to a page that was read already.
    """

    name = "deleted_conversations"
    endpoint = "/conversations/deleted"
    primary_keys = ("id",)
    replication_key = "deleted_at"
    since = "2.16"

    PAGE_SIZE = 60
    """The most that the endpoint allows."""

    def read(self) -> Iterator[Record]:
        """Yield the deletions since the bookmark, each once."""
        floor = self._floor()
        newest: int | None = None
        seen: set[str] = set()  # of the page before: rows slide by no more than a few
        for page in self._pages():
            moments = [epoch_seconds(_field(row, "deleted_at")) for row in page]
            ids = [_field(row, "id") for row in page]
            for row, key, moment in zip(page, ids, moments, strict=True):
                if str(key) in seen or (moment is not None and moment < floor):
                    continue
                newest = max(filter(None, (newest, moment)), default=None)
                if (record := self.shape(row)) is not None:
                    yield record
            seen = {str(key) for key in ids if key is not None}
            if moments and moments[-1] is not None and moments[-1] < floor:
                break
        if newest is not None and self.replication_method == "INCREMENTAL":
            # Not past the start of the sync: a clock that is wrong would hide what comes after.
            self.advance_bookmark(rfc3339(min(newest, self.started)))

    def _floor(self) -> int:
        settings = self.session.settings
        bookmark = self.starting_bookmark()
        if bookmark is None:
            return settings.start or 0
        return max(bookmark - settings.lookback_window, settings.start or 0)

    def _pages(self) -> Iterator[list[t.Any]]:
        """The pages one after another, each asked for while the one before is written."""
        paginator = NextPage({})
        future = self.session.workers.submit(self._ask, paginator.current_value)
        while True:
            page = self.session.workers.result(future)
            paginator.advance(page.pages)
            if not paginator.finished:
                future = self.session.workers.submit(self._ask, paginator.current_value)
            yield page.conversations
            if paginator.finished:
                return

    def _ask(self, position: Position) -> DeletedPage:
        parameters = {"order": "desc", "per_page": self.PAGE_SIZE, **position}
        return self.session.client.get(self.endpoint, parameters, decode=_decode)


def _field(row: t.Any, name: str) -> t.Any:
    return row.get(name) if isinstance(row, dict) else None
