"""Which objects of a collection changed between two moments: by its search, or by its list."""

from __future__ import annotations

import typing as t

from tap_intercom_conversations.reading.checkpoint import Checkpoint
from tap_intercom_conversations.reading.listing import ListWalk
from tap_intercom_conversations.reading.pages import PageReader
from tap_intercom_conversations.reading.schedule import Reading
from tap_intercom_conversations.reading.spans import Span
from tap_intercom_conversations.reading.walk import Shared
from tap_intercom_conversations.reading.whole_list import read_list_or_scroll

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_intercom_conversations.api.client import Client
    from tap_intercom_conversations.api.workers import Workers
    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.reading.bounds import Bounds
    from tap_intercom_conversations.reading.collection import Collection
    from tap_intercom_conversations.reading.walk import Walk


def read_changes(
    client: Client,
    workers: Workers,
    collection: Collection,
    bounds: Bounds,
    resume: Checkpoint | None = None,
) -> Iterator[Batch]:
    """Read the objects that changed within the bounds, as `Reading.batches`.

    Args:
        client: The API.
        workers: The threads that ask for pages.
        collection: What is read.
        bounds: From when until when.
        resume: Where an earlier reading was broken off.
    """
    resume = resume or Checkpoint(start=bounds.start)
    walks = _down_the_list if collection.search_path is None else _up_the_search
    reader, shared = PageReader(client, collection), Shared(collection, bounds)
    batches = Reading(reader, workers, bounds, walks(resume, shared), resume.watermark).batches()
    if collection.scroll_path:
        return read_list_or_scroll(client, workers, collection, batches, bounds.end)
    return batches


def _up_the_search(resume: Checkpoint, shared: Shared) -> Iterator[Walk]:
    """What is to be read: the rest of an earlier walk, the indexed part, the tail, what is new."""
    bounds, precision = shared.bounds, shared.collection.precision
    start, horizon = resume.goes_on_from or 0, min(bounds.horizon, bounds.end)
    if resume.has_walk:
        yield Span.resumed(resume, shared)
    if horizon - start >= precision.shortest_span:
        yield Span(start, horizon, shared)
        start = horizon
    if start < bounds.end:
        yield Span(start, bounds.end, shared, is_tail=True)
    beyond = bounds.end + precision.above
    if bounds.user.end is None or bounds.user.end > beyond:
        yield Span(beyond, bounds.user.end, shared)


def _down_the_list(resume: Checkpoint, shared: Shared) -> Iterator[Walk]:
    """What is to be read: the rest of an earlier walk, and what has changed since."""
    if resume.has_walk:
        rest = ListWalk(resume.start, shared, then=resume.then)
        rest.resume(resume)
        yield rest
    yield ListWalk(resume.goes_on_from, shared)
