"""Reads a list that serves so many rows at most; if there may be more, its scroll."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.errors import Refused
from tap_intercom_conversations.reading.bounds import TimeRange
from tap_intercom_conversations.reading.pages import PageReader
from tap_intercom_conversations.reading.scroll import Scroll

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.reading.collection import Collection


def read_list_or_scroll(
    client: Client,
    workers: Workers,
    collection: Collection,
    listed: Iterator[Batch],
    started: int,
) -> Iterator[Batch]:
    """Yield all rows of a collection; the list's first page says how many there are.

    Args:
        client: The API.
        workers: The threads that ask.
        collection: What is read.
        listed: What reading the list yields.
        started: When the sync began, in epoch seconds.
    """
    read = PageReader(client, collection).read
    first = workers.result(workers.submit(read, TimeRange(None, None), {}))
    count, most = first.count or 0, collection.list_most or 0
    if count < most:  # just so many may be a count that goes no further
        try:
            yield from listed
        except Refused:
            pass  # there are more than it counts
        else:
            return
    yield from Scroll(client, workers, collection, count, started).batches()
