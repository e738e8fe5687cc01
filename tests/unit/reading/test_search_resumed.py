"""A search that was broken off: it goes on from anywhere, and loses nothing."""

from __future__ import annotations

import pytest

from tests.conftest import NOW
from tests.support.lying_api import LyingApi
from tests.support.readings import (
    DAY,
    LOOKBACK,
    Table,
    VirtualWorkers,
    bounds,
    read,
    rows_of,
    spread,
)


@pytest.mark.parametrize("threads", [1, 16])
def test_a_reading_goes_on_from_any_batch(threads: int) -> None:
    """What was written, and what a reading from there finds, is everything; little of it twice."""
    times = spread(300)
    whole = list(read(LyingApi(times), bounds(), workers=VirtualWorkers(threads)))
    assert whole[-1].checkpoint is None
    for number, batch in enumerate(whole[:-1]):
        written, resume = rows_of(whole[: number + 1]), batch.checkpoint
        assert resume is not None
        rest = rows_of(read(LyingApi(times), bounds(resume.goes_on_from), resume))

        assert dict(written) | dict(rest) == times
        assert len(written) + len(rest) <= 300 + 2 * 15


def test_a_checkpoint_never_passes_the_horizon_of_its_sync() -> None:
    """What stands at its old place in the index yet would be passed over."""
    times = {f"{number:03d}": NOW - 2 * LOOKBACK + 5 * number for number in range(240)}
    checkpoints = [batch.checkpoint for batch in read(LyingApi(times), bounds(whole=True))]
    kept = [checkpoint for checkpoint in checkpoints if checkpoint is not None]

    assert len(kept) > 10
    assert all((checkpoint.start or 0) <= NOW - LOOKBACK for checkpoint in kept)
    assert all(
        (checkpoint.then or 0) <= NOW - LOOKBACK
        for checkpoint in kept
        if (checkpoint.end or NOW) >= NOW
    )


@pytest.mark.parametrize("lies", [(), ("count absent",), ("cursor opaque",)])
def test_killed_after_each_page_inside_ties_it_still_gets_on(lies: tuple[str, ...]) -> None:
    """The bookmark alone could not say where among 600 rows of one second."""
    api = LyingApi({f"{number:03d}": NOW - DAY for number in range(600)}, lies)
    table = Table(api)
    for kill in range(85):
        assert not table.sync(NOW + kill, kill_after=1)
    assert table.missing() == set()
    # The last page is full, so all was looked at twice; now nothing is left.
    assert table.written <= 2 * 600 + 15 * 3
    before = api.requests
    assert table.sync(NOW + 100)

    assert api.requests - before <= 4


def test_a_kill_in_the_tail_and_then_none() -> None:
    """The second sync's clock is behind: its horizon lies before the first one's."""
    times = {f"{number:03d}": NOW - LOOKBACK + 2 * number for number in range(300)}
    api = LyingApi(times)
    table = Table(api)
    assert not table.sync(NOW, kill_after=5)
    assert not table.sync(NOW - 100, kill_after=5)
    assert table.sync(NOW + 10)

    assert table.missing() == set()
