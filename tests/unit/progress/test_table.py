"""The table says of each stream what came of it, and in its last line what to do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations import errors
from tap_intercom_conversations.progress.table import table_of
from tap_intercom_conversations.progress.tally import Tally

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.unit.progress.conftest import Scene


@pytest.fixture
def parts(scene: Scene) -> Tally:
    """A stream with something to show, that has not ended."""
    scene.go_on(33.94, rows=1_252_210, sent=12_012)
    scene.tally.end()
    return scene.tally


def complete(scene: Scene, stream: str) -> Tally:
    tally = Tally(stream)
    tally.begin(scene.traffic, SimpleNamespace(rows=14))
    scene.go_on(0.25, sent=1)
    tally.complete()
    tally.end()
    return tally


def failed(stream: str, error: errors.TapError) -> Tally:
    tally = Tally(stream)
    tally.fail(error.what, error.remedy)
    return tally


def text_of(*tallies: Tally) -> str:
    return "\n".join(line.text for line in table_of(tallies))


DENIED = errors.PermissionDenied(
    "GET /tags", status=403, code="forbidden", message="No. " * 30, request_id="x"
)
UNREADABLE = errors.TapError("1 could not be read: 17", "Each sync asks for them again.")
LOST = errors.LostPlace("the pages lead nowhere; set page_size to 50")
DOWN = errors.Unavailable("GET /teams", status=503)


def test_all_is_well(scene: Scene, parts: Tally, snapshot: SnapshotAssertion) -> None:
    parts.complete()
    table = table_of([parts, complete(scene, "tags")])

    assert "\n".join(line.text for line in table) == snapshot
    assert all(line.is_good for line in table)


def test_what_is_not_complete(scene: Scene, parts: Tally, snapshot: SnapshotAssertion) -> None:
    tallies = [complete(scene, "admins"), parts, failed("tags", DENIED), Tally("teams")]
    table = table_of(tallies)

    assert "\n".join(line.text for line in table) == snapshot
    assert [line.is_good for line in table] == [True, True, False, False, False, False, False]


def test_one_stream_needs_no_sum(scene: Scene) -> None:
    assert text_of(complete(scene, "tags")).splitlines() == [
        "stream  rows  requests  seconds  outcome",
        "tags      14         1      0.2  complete",
    ]


def test_without_streams_there_is_no_table() -> None:
    assert table_of([]) == []


@pytest.mark.parametrize(
    ("ends", "steps"),
    [
        ([], ["The next run goes on from the last STATE."]),
        ([DENIED], [DENIED.remedy]),
        ([DENIED, DENIED, UNREADABLE], [DENIED.remedy, UNREADABLE.remedy]),
        ([DOWN], ["Intercom or the network has a problem; the next run goes on from here."]),
        ([LOST, LOST], ["What to do about stream0, stream1 is in the errors above."]),
        ([LOST, DENIED], [DENIED.remedy, "What to do about stream0 is in the errors above."]),
    ],
)
def test_the_last_line_says_what_to_do(
    parts: Tally, ends: list[errors.TapError], steps: list[str]
) -> None:
    tallies = [failed(f"stream{number}", error) for number, error in enumerate(ends)]

    assert text_of(parts, *tallies).splitlines()[-1] == " ".join(steps)
