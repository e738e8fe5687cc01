"""Checkpoints: written, merged and read again, of version 0.1 too; nonsense is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_intercom_conversations.reading.checkpoint import Checkpoint, dump, load

NOW = 1_780_358_400
"""2026-06-02T00:00:00Z."""
QUERY = 471
CURSOR = {"starting_after": "WzE3MTcxNDc4MDAwMDAsIjEyMyIsMl0="}
WHOLE = Checkpoint(
    start=NOW - 9_000,
    then=NOW - 5_000,
    end=NOW - 5_000,
    query_start=NOW - 9_999,
    cursor={"starting_after": "abc"},
    rows=450,
    count=3_000,
    watermark=NOW - 8_000,
    rows_before=3_000,
)


def loaded(text: object, query: int = QUERY) -> Checkpoint | None:
    return load(text, query, latest=NOW)


@pytest.mark.parametrize(
    "checkpoint",
    [
        WHOLE,
        Checkpoint(start=None),
        Checkpoint(start=NOW),
        Checkpoint(start=1, cursor={"page": 2, "per_page": 50, "served": 20}, then=None),
    ],
)
def test_what_was_written_is_read(checkpoint: Checkpoint) -> None:
    assert loaded(dump(QUERY, checkpoint)) == checkpoint


def test_it_is_a_text() -> None:
    """Meltano merges STATE deeply, and would mix two objects."""
    assert json.loads(dump(QUERY, Checkpoint(start=5))) == {
        "query": QUERY,
        "checkpoint": {"start": 5},
    }


def test_one_of_another_query_is_none() -> None:
    assert loaded(dump(QUERY, WHOLE), QUERY + 1) is None


def test_where_to_read_on_apart_from_the_walk() -> None:
    assert WHOLE.goes_on_from == NOW - 5_000
    assert Checkpoint(start=NOW - 9_000, then=NOW).goes_on_from == NOW - 9_000
    # A walk that only confirms its end may have to be begun again from its first page.
    assert Checkpoint(start=NOW - 9_000, then=NOW, rows_before=9).goes_on_from == NOW


# --- Nonsense: STATE may be edited, cut off, or of a machine whose clock was wrong ---


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "nonsense",
        "{}",
        "[]",
        "null",
        b"{}",
        "\ud800",
        7,
        {"query": QUERY},
        dump(QUERY, WHOLE)[:-2],
        json.dumps({"query": QUERY}),
        json.dumps({"query": "x", "checkpoint": {"start": 5}}),
        json.dumps({"query": QUERY, "checkpoint": None}),
        json.dumps({"query": QUERY, "checkpoint": []}),
        json.dumps({"query": QUERY, "checkpoint": {}}),
    ],
)
def test_what_is_no_checkpoint_at_all(text: object) -> None:
    assert loaded(text) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"start": NOW + 1},
        {"start": 10**15},
        {"start": "2026-06-02"},
        {"start": 1.5},
        {"then": NOW + 1},
        {"end": 10**12},
        {"end": -1},
        {"end": WHOLE.start},
        {"query_start": NOW + 1},
        {"watermark": NOW + 1},
        {"watermark": "nonsense"},
        {"rows": -1},
        {"count": -1},
        {"rows_before": -1},
        {"cursor": "nonsense"},
        {"cursor": {"page": -1}},
        {"cursor": {"page": 0}},
        {"cursor": {"page": "x"}},
        {"cursor": {"page": 2, "per_page": 0}},
        {"cursor": {"page": 2, "per_page": 50, "served": 0}},
        {"cursor": {"page": None}},
        {"cursor": {"starting_after": ["abc"]}},
    ],
)
def test_what_no_sync_can_have_written(changes: dict[str, Any]) -> None:
    kept = json.loads(dump(QUERY, WHOLE))
    kept["checkpoint"] |= changes

    assert loaded(json.dumps(kept)) is None


# --- What version 0.1 left ---


def old(**walk: Any) -> str:
    """The text that version 0.1 left of an unfinished walk."""
    whole = {"start": NOW - 9_000, "end": NOW, "position": CURSOR, "at": NOW - 8_000}
    return json.dumps({"query": QUERY, "walk": {**whole, "settled": True, **walk}})


@pytest.mark.parametrize("position", [{}, CURSOR, {"page": 5, "per_page": 50, "total_count": 300}])
def test_a_walk_of_version_0_1_is_begun_again(position: dict[str, Any]) -> None:
    """It began where all before had been written."""
    checkpoint = loaded(old(position=position))

    assert checkpoint == Checkpoint(start=NOW - 9_000, watermark=NOW - 8_000)


@pytest.mark.parametrize(
    "changes", [{"at": "nonsense"}, {"at": 10**15}, {"start": 10**11}, {"start": [1]}]
)
def test_nonsense_of_version_0_1(changes: dict[str, Any]) -> None:
    assert loaded(old(**changes)) is None
