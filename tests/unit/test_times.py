"""Any time that the API or a state file may hold becomes seconds or RFC 3339, or is none."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from tap_intercom_conversations.times import NoTime, epoch_seconds, rfc3339

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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # seconds, as documented
        (1663597223, "2022-09-19T14:20:23Z"),
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (99_999_999_999, "5138-11-16T09:46:39Z"),
        # the documents' own example of `waiting_since`
        (64654125776, "4018-10-22T15:22:56Z"),
        # milliseconds
        (10**11, "1973-03-03T09:46:40Z"),
        (-(10.0**11), "1966-10-31T14:13:20Z"),
        (1663597223000, "2022-09-19T14:20:23Z"),
        (1663597223120, "2022-09-19T14:20:23.120Z"),
        (-1663597223120, "1917-04-14T09:39:36.880Z"),
        (-62135596800000, "0001-01-01T00:00:00Z"),
        (253402300799999, "9999-12-31T23:59:59.999Z"),
        # not whole
        (1663597223.0, "2022-09-19T14:20:23Z"),
        (1663597223.123, "2022-09-19T14:20:23.123Z"),
        (1663597223.123456, "2022-09-19T14:20:23.123456Z"),
        (1663597223123.0, "2022-09-19T14:20:23.123Z"),
        # numbers as strings
        ("1663597223", "2022-09-19T14:20:23Z"),
        (" 1663597223123 ", "2022-09-19T14:20:23.123Z"),
        ("1663597223.5", "2022-09-19T14:20:23.500Z"),
        ("-1", "1969-12-31T23:59:59Z"),
        # ISO 8601
        ("2026-01-09T09:00:00Z", "2026-01-09T09:00:00Z"),
        ("2025-09-03T18:44:20.146Z", "2025-09-03T18:44:20.146Z"),
        ("2025-09-03T18:44:20.146123456Z", "2025-09-03T18:44:20.146123Z"),
        ("2025-09-03T18:44:20.000Z", "2025-09-03T18:44:20Z"),
        ("2026-01-09T09:00:00+02:00", "2026-01-09T07:00:00Z"),
        ("2026-01-09T09:00:00.5-0330", "2026-01-09T12:30:00.500Z"),
        ("2026-01-09 09:00:00 UTC", "2026-01-09T09:00:00Z"),
        ("2026-01-09T09:00:00", "2026-01-09T09:00:00Z"),
        ("2026-01-09T09:00", "2026-01-09T09:00:00Z"),
        ("2026-01-09", "2026-01-09T00:00:00Z"),
        ("2024-02-29t23:59:59z", "2024-02-29T23:59:59Z"),
    ],
)
def test_reads_a_time(value: Any, expected: str) -> None:
    assert rfc3339(value) == expected
    assert rfc3339(expected) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        float("nan"),
        float("inf"),
        float("-inf"),
        10**15,
        -(10**15),
        10**400,
        1e300,
        "",
        "soon",
        "nan",
        "1_000",
        "1e9",
        "9" * 5000,
        "1663597223٣",  # an Arabic digit
        "2025-02-29",
        "2025-13-01T00:00:00Z",
        "2025-01-01T25:00:00Z",
        "0000-01-01",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2025-01-01T00:00:00 Europe/Dublin",
        {},
        [1663597223],
    ],
    ids=repr,
)
def test_refuses_what_is_no_time(value: Any) -> None:
    with pytest.raises(NoTime, match=r"^$"):
        rfc3339(value)
