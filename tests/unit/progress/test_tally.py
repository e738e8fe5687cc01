"""A stream's rows, requests and seconds, while it is read and afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_intercom_conversations.progress.tally import Status, Tally

if TYPE_CHECKING:
    from tests.unit.progress.conftest import Scene


def test_before_it_begins_nothing_is_counted() -> None:
    tally = Tally("tags")

    assert (tally.rows, tally.requests, tally.seconds) == (0, 0, 0)
    assert (tally.status, tally.is_being_read) == (Status.WAITING, False)


def test_it_counts_from_its_beginning_to_its_end(scene: Scene) -> None:
    scene.go_on(5, rows=0, sent=7)
    tally = scene.begun("tags")
    scene.go_on(2, rows=3, sent=4)

    assert (tally.rows, tally.requests, tally.seconds) == (3, 4, 2)
    assert tally.is_being_read

    tally.complete()
    tally.end()
    scene.go_on(10, sent=10)

    assert (tally.rows, tally.requests, tally.seconds) == (3, 4, 2)
    assert (tally.status, tally.is_being_read) == (Status.COMPLETE, False)


def test_what_ends_without_a_word_was_interrupted(scene: Scene) -> None:
    scene.tally.end()

    assert scene.tally.status is Status.RUNNING
    assert scene.tally.status.value == "interrupted"


def test_a_failure_counts_more_than_completeness(scene: Scene) -> None:
    """A last file of `batch_config` may fail after all rows were read."""
    scene.tally.complete()
    scene.tally.fail("no room", "Make room.")

    assert scene.tally.status is Status.FAILED
    assert (scene.tally.why, scene.tally.remedy) == ("no room", "Make room.")
