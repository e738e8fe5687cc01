"""Which objects of a collection changed between two moments: by its search, or by its list."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.reading.listing import Listing
from tap_intercom_conversations.reading.pages import PageReader
from tap_intercom_conversations.reading.search import Search

if t.TYPE_CHECKING:
    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.reading.batch import Reading
    from tap_intercom_conversations.reading.bounds import Bounds
    from tap_intercom_conversations.reading.checkpoint import Checkpoint
    from tap_intercom_conversations.reading.collection import Collection


def read_changes(
    client: Client,
    workers: Workers,
    collection: Collection,
    bounds: Bounds,
    resume: Checkpoint | None = None,
) -> Reading:
    """Read the objects that changed within the bounds.

    Args:
        client: The API.
        workers: The threads that ask for pages.
        collection: What is read.
        bounds: From when until when.
        resume: Where an earlier reading was broken off.
    """
    reader = PageReader(client, collection)
    kind = Listing if collection.search_path is None else Search
    return kind(reader, collection, workers, bounds, resume)
