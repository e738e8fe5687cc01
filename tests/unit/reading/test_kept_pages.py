"""Pages are read once per sync: replayed as they came, on disk as far as there is room."""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.api.body import Body
from tap_intercom_conversations.errors import LostPlace
from tap_intercom_conversations.reading import kept_pages as module
from tap_intercom_conversations.reading.batch import Batch
from tap_intercom_conversations.reading.checkpoint import Checkpoint
from tap_intercom_conversations.reading.kept_pages import KeptPages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHAT = ("conversations", 1)


def batches(number: int = 6, size: int = 1_000) -> list[Batch]:
    """Batches whose checkpoint says how many there were."""
    return [
        Batch(
            Body(bytes([place]) * size, packed=True),
            [0, 2],
            1_000 + place,
            Checkpoint(start=place, cursor={"page": place}) if place < number else None,
            700,
        )
        for place in range(1, number + 1)
    ]


@dataclass
class Source:
    """Starts readings, and notes from where."""

    all: list[Batch] = field(default_factory=batches)
    fails_at: int | None = None
    started: list[Checkpoint | None] = field(default_factory=list)

    def start(self, resume: Checkpoint | None) -> Iterator[Batch]:
        """Start one, of what comes after a checkpoint."""
        self.started.append(resume)
        for batch in self.all[0 if resume is None else resume.start or 0 :]:
            if self.fails_at is not None and batch.watermark == 1_000 + self.fails_at:
                raise LostPlace("nowhere")
            yield batch


@pytest.fixture
def kept() -> Iterator[KeptPages]:
    pages = KeptPages()
    pages.shared = frozenset({"conversations"})
    yield pages
    pages.close()


def test_what_one_stream_has_read_the_others_replay(kept: KeptPages) -> None:
    source = Source()
    for _ in range(3):
        assert list(kept.read(WHAT, None, source.start)) == source.all

    assert source.started == [None]


def test_what_nobody_else_needs_is_not_kept(kept: KeptPages) -> None:
    kept.shared = frozenset()
    source = Source()
    for _ in range(2):
        assert list(kept.read(WHAT, None, source.start)) == source.all

    assert len(source.started) == 2


def test_what_has_other_bounds_is_read_for_itself(kept: KeptPages) -> None:
    one, other = Source(), Source(batches(3))
    list(kept.read(("conversations", 1), None, one.start))

    assert list(kept.read(("conversations", 2), None, other.start)) == other.all


@pytest.mark.parametrize("at", range(1, 7))
def test_a_reading_that_broke_off_is_gone_on_with_where_it_stopped(
    kept: KeptPages, at: int
) -> None:
    source = Source(fails_at=at)
    with pytest.raises(LostPlace):
        list(kept.read(WHAT, None, source.start))
    source.fails_at = None

    assert list(kept.read(WHAT, None, source.start)) == source.all
    assert source.started == [None, source.all[at - 2].checkpoint if at > 1 else None]
    assert list(kept.read(WHAT, None, source.start)) == source.all
    assert len(source.started) == 2


def test_a_stream_that_stops_early_leaves_the_rest_to_the_next(kept: KeptPages) -> None:
    source = Source()
    first = kept.read(WHAT, None, source.start)
    for _ in range(3):
        next(first)
    first.close()  # type: ignore[attr-defined]  # a generator

    assert list(kept.read(WHAT, None, source.start)) == source.all


def test_one_that_begins_at_a_checkpoint_does_so_once(kept: KeptPages) -> None:
    resume = Checkpoint(start=2)
    source = Source()
    for _ in range(2):
        assert list(kept.read(WHAT, resume, source.start)) == source.all[2:]

    assert source.started == [resume]


# --- As far as there is room ---


@pytest.mark.parametrize("room", [0, 100, 1_200, 3_500])
def test_what_is_beyond_the_limit_is_read_again(
    kept: KeptPages, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", room)
    source = Source()
    for _ in range(3):
        assert list(kept.read(WHAT, None, source.start)) == source.all

    fitting = room // 1_100
    assert source.started == [None] + [source.all[fitting - 1].checkpoint if fitting else None] * 2


def test_the_limit_is_of_all_readings_together(
    kept: KeptPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 9_000)
    one, other = Source(), Source()
    for _ in range(2):
        for number, source in enumerate((one, other)):
            assert list(kept.read(("conversations", number), None, source.start)) == source.all

    assert (len(one.started), len(other.started)) == (1, 2)


class FullDisk:
    """A file that cannot be written to from some place on."""

    def __init__(self, file: Any, room: int) -> None:
        self._file = file
        self._room = room

    def write(self, content: bytes) -> int:
        """Write, if there is room."""
        self._room -= len(content)
        if self._room < 0:
            self._file.write(content[: len(content) // 2])
            raise OSError(28, "No space left on device")
        return int(self._file.write(content))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class AlmostFullDisk(FullDisk):
    """As files do: what has no room is not written, and only the number says so."""

    def write(self, content: bytes) -> int:
        """Write what there is room for."""
        written = int(self._file.write(content[: max(self._room, 0)]))
        self._room -= written
        return written


@pytest.mark.parametrize("disk", [FullDisk, AlmostFullDisk])
@pytest.mark.parametrize("room", [0, 4, 2_500])
def test_a_full_disk_means_reading_again_and_is_told(
    kept: KeptPages,
    disk: type[FullDisk],
    room: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    real = tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **how: disk(real(**how), room))
    source = Source()
    for _ in range(2):
        assert list(kept.read(WHAT, None, source.start)) == source.all

    assert len(source.started) == 2
    assert [record.message for record in caplog.records] == [
        "Pages are read again by each stream: No space left on device"
    ]


def test_no_place_for_temporary_files_means_reading_again(
    kept: KeptPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    source = Source()
    for _ in range(2):
        assert list(kept.read(WHAT, None, source.start)) == source.all


def test_nothing_is_left_behind_not_even_by_a_kill(
    kept: KeptPages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file has no name from the moment it is made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    source = Source()
    list(kept.read(WHAT, None, source.start))

    assert os.listdir(tmp_path) == []  # noqa: PTH208  what the system shows
