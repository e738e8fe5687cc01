"""What stands in a spool comes out as it went in, and what was taken leaves its room."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_intercom_conversations.reading import spool as module
from tap_intercom_conversations.reading.spool import Extent, Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST, LONGEST = 100, 20


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """A small limit for all tests of this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_BYTES", MOST)
        yield


@given(st.lists(st.one_of(st.none(), st.integers(1, LONGEST)), max_size=80))
def test_what_is_taken_in_order_is_what_was_added(steps: list[int | None]) -> None:
    """A step adds so many bytes, or takes the oldest."""
    spool, waiting = Spool(), deque[tuple[Extent, bytes]]()
    for number, step in enumerate(steps):
        if step is None:
            if waiting:
                extent, content = waiting.popleft()
                assert spool.take(extent) == content
        else:
            content = bytes([number]) * step
            try:
                waiting.append((spool.add(content), content))
            except OSError:
                # A page is never divided: at worst the room at both ends is a little too short.
                assert MOST - spool.size <= 2 * LONGEST
        assert spool.size == sum(len(content) for _, content in waiting) <= MOST
        assert all(extent.start + extent.size <= MOST for extent, _ in waiting)
    assert all(spool.read(extent) == content for extent, content in waiting)
    spool.close()


def test_what_is_read_stays() -> None:
    spool = Spool()
    extents = [spool.add(bytes([number]) * LONGEST) for number in range(MOST // LONGEST)]
    for _ in range(2):
        assert [spool.read(extent)[:1] for extent in extents] == [bytes([n]) for n in range(5)]
    with pytest.raises(OSError, match="more than 100 bytes"):
        spool.add(b"1")
    spool.close()
