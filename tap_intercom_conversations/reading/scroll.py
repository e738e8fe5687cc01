"""Reads a collection by its scroll: one picture of all rows, page after page.

API documentation, "Scroll over all companies". A scroll is gone when nobody has used it for a
minute, so its pages are fetched as fast as they come, whatever the target does meanwhile, and wait
in a spool. An app has one scroll at a time, and there is no way to close it but to let it be gone.
"""

from __future__ import annotations

import logging
import tempfile
import typing as t
from concurrent.futures import Future  # noqa: TC003  `SpooledPage` is made of it at run time

import msgspec

from tap_intercom_conversations.api.body import Body
from tap_intercom_conversations.api.retries import RetryPolicy
from tap_intercom_conversations.errors import (
    CannotWrite,
    LostPlace,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
)
from tap_intercom_conversations.jsontext import decoder
from tap_intercom_conversations.reading.batch import Batch
from tap_intercom_conversations.reading.envelope import envelope_decoder
from tap_intercom_conversations.reading.spool import Extent, Spool
from tap_intercom_conversations.times import epoch_seconds

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.reading.collection import Collection

logger = logging.getLogger("tap-intercom-conversations.reading")

LIFETIME_SECONDS = 60.0
"""After so long unused, a scroll is gone, and another can begin."""
SCROLL_EXISTS = "scroll_exists"
"""The error code of "scroll already exists for this workspace"."""
MOST_REPEATED = 10_000
"""Rows that may come more than once in one scroll; more of them, and its pages lead back."""


class ScrolledRow(msgspec.Struct):
    """What is looked at of a row."""

    id: t.Any = None
    created_at: t.Any = None


class Head(msgspec.Struct):
    """What is looked at of an answer beside its rows."""

    scroll_param: str | None = None


class SpooledPage(t.NamedTuple):
    """A page that waits in the spool, and the one after it, which is already asked for.

    Attributes:
        extent: Where its body is.
        is_packed: As of `Body`.
        following: The next page; None if this one is the end and has no rows.
    """

    extent: Extent
    is_packed: bool
    following: Future[SpooledPage] | None


class _Page(t.NamedTuple):
    """What is looked at of an answer."""

    rows: list[t.Any]
    scroll_param: str | None


def _decoder(envelope_keys: tuple[str, ...]) -> Callable[[bytes], _Page]:
    decode_rows = envelope_decoder(ScrolledRow, envelope_keys)
    decode_head = decoder(Head)
    return lambda body: _Page(decode_rows(body).rows, decode_head(body).scroll_param)


class Scroll:
    """One reading of a scroll, begun anew as often as that is needed and of use.

    A page is lost with its answer: asked for again, the scroll goes on with the next. So a reading
    in which some answer did not come is followed by another, unless all rows were seen that the API
    counted before. What the list says it has must be more than it serves to be such a count: it may
    count no further than that. Nor is it one if more come: the list leaves out companies without
    users, and nobody says that the scroll does.

    Args:
        client: The API.
        workers: The threads that ask.
        collection: What is read.
        count: How many rows the API counts.
        started: When they were counted, in epoch seconds.
    """

    def __init__(
        self, client: Client, workers: Workers, collection: Collection, count: int, started: int
    ) -> None:
        self._client = client
        self._workers = workers
        self._collection = collection
        self._count = count
        self._started = started
        self._spool = Spool()
        self._decode = _decoder(collection.envelope_keys)
        self._may_lack = False  # an answer of this reading did not come
        self._is_over = False
        self._seen: set[int] = set()
        self._came = 0  # rows of this reading, each as often as it came
        self._counted = 0  # of those seen, how many were there when the rows were counted

    def batches(self) -> Iterator[Batch]:
        """Yield the rows a page at a time, each row once.

        Raises:
            ApiError: A page cannot be had.
            LostPlace: The scroll broke off too often without a new row, or leads back.
        """
        is_counted = self._count > (self._collection.list_most or 0)
        fruitless = 0
        try:
            while fruitless < self._client.max_tries:
                before = len(self._seen)
                is_whole = yield from self._read_once()
                if is_whole or (is_counted and self._counted == self._count):
                    return
                fruitless = fruitless + 1 if len(self._seen) == before else 0
                logger.info("The scroll of %s begins anew: it broke off", self._collection.name)
        finally:
            self._is_over = True
            self._spool.close()
        raise LostPlace(
            f"the scroll of {self._collection.name} keeps breaking off: {len(self._seen):,} came "
            f"of {self._count:,}; the next run begins anew"
        )

    def _read_once(self) -> t.Generator[Batch, None, bool]:
        """Yield what one scroll brings; tell whether that is all there is."""
        self._may_lack, self._came = False, 0
        self._spool.close()
        self._spool = Spool()
        future = self._workers.submit(self._begin)
        while True:
            try:
                page = self._workers.result(future)
            except NotFound:
                return False
            if page.following is None:
                return not self._may_lack
            body = Body(self._spool.take(page.extent), page.is_packed)
            yield Batch(body, self._new_rows(body), None, None, self._count)
            if self._came > len(self._seen) + MOST_REPEATED:
                raise LostPlace(
                    f"the scroll of {self._collection.name} brings the same rows again; the next "
                    "run begins anew"
                )
            future = page.following

    def _new_rows(self, body: Body) -> list[int]:
        """The indexes of the rows that were not seen before; one without an id is always new."""
        new = []
        for index, row in enumerate(self._decode(body.content()).rows):
            self._came += 1
            identifier = getattr(row, "id", None)
            key = hash(str(identifier))
            if identifier is None or key not in self._seen:
                new.append(index)
            if identifier is not None and key not in self._seen:
                self._seen.add(key)
                created = epoch_seconds(getattr(row, "created_at", None))
                self._counted += created is None or created < self._started
        return new

    # In worker threads.

    def _begin(self) -> SpooledPage:
        """Ask for the first page; while somebody else scrolls, wait.

        At least once: it may be the tap's own, of a `--test` or of a sync that was stopped.
        """
        for waits in range(max(self._client.max_tries - 1, 1)):
            try:
                return self._spool_page(None)
            except Refused as error:
                if error.code != SCROLL_EXISTS:
                    raise
            if not waits:
                logger.warning(
                    "There is a scroll of %s already, and an app has one at a time: waiting for it "
                    "to end, which it does when nobody has used it for a minute",
                    self._collection.name,
                )
            self._client.pause(LIFETIME_SECONDS)
        return self._spool_page(None)

    def _spool_page(self, parameter: str | None) -> SpooledPage:
        """Ask for a page, put it into the spool, and have the next one asked for."""
        page, body = self._ask(parameter)
        try:
            extent = self._spool.add(body.wire)
        except OSError as error:
            raise CannotWrite(
                f"no room for pages that wait: {error.strerror}; make room in "
                f"{tempfile.gettempdir()}, or set TMPDIR to another folder"
            ) from None
        is_end = not page.rows or self._is_over
        following = None if is_end else self._workers.submit(self._go_on, page.scroll_param)
        return SpooledPage(extent, body.packed, following)

    def _go_on(self, parameter: str | None) -> SpooledPage:
        """Have the next page, unless an answer with rows does not say how: the scroll broke off."""
        if parameter is None:
            raise NotFound(f"GET {self._collection.scroll_path}", message="without scroll_param")
        return self._spool_page(parameter)

    def _ask(self, parameter: str | None) -> tuple[_Page, Body]:
        parameters = {} if parameter is None else {"scroll_param": parameter}
        policy = RetryPolicy(self._client.max_tries)
        failed = 0
        while True:
            try:
                return self._client.fetch(
                    "GET",
                    self._collection.scroll_path,
                    decode=self._decode,
                    params=parameters,
                    tries=1,
                )
            except Unavailable as error:
                self._may_lack |= not isinstance(error, RateLimited)  # that was never looked at
                failed += 1
                pause = policy.pause_after(failed)
                if pause is None:
                    raise
            self._client.pause(pause)
