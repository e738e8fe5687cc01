"""Any time that the API or a state file may hold becomes whole seconds, or is no time at all."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from tap_intercom_conversations.times import epoch_seconds, rfc3339

MOMENT = int(datetime(2026, 6, 1, 9, 30, tzinfo=timezone.utc).timestamp())


@pytest.mark.parametrize(
    "value",
    [
        MOMENT,
        MOMENT * 1_000,
        MOMENT * 1_000 + 999,
        float(MOMENT),
        MOMENT + 0.9,
        str(MOMENT),
        str(MOMENT * 1_000),
        "2026-06-01T09:30:00Z",
        "2026-06-01T09:30:00.999999Z",
        "2026-06-01T09:30:00+00:00",
        "2026-06-01T11:30:00+02:00",
        "2026-06-01T09:30:00",
        "2026-06-01 09:30:00",
    ],
)
def test_one_moment_in_all_its_forms(value: Any) -> None:
    assert epoch_seconds(value) == MOMENT


@pytest.mark.parametrize(
    ("value", "second"),
    [
        (0, 0),
        (-1, -1),
        ("1969-12-31T23:59:59Z", -1),
        ("2026-06-01", MOMENT - 9 * 3_600 - 1_800),
        (10**11 - 1, 10**11 - 1),  # the last that counts as seconds, in the year 5138
        (10**11, 10**8),  # the first that counts as milliseconds
    ],
)
def test_the_edges(value: Any, second: int) -> None:
    assert epoch_seconds(value) == second


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "soon",
        "2026-13-01T00:00:00Z",
        10**30,
        -(10**30),
        float("nan"),
        float("inf"),
        [MOMENT],
        {"seconds": MOMENT},
    ],
)
def test_what_is_no_time(value: Any) -> None:
    assert epoch_seconds(value) is None


@pytest.mark.parametrize("second", [0, 1, 86_399, MOMENT, 2**31, 10**11 - 1])
def test_reads_back_what_a_bookmark_says(second: int) -> None:
    assert epoch_seconds(rfc3339(second)) == second
