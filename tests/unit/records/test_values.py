"""Values become what they are documented to be, or nothing at all."""

from __future__ import annotations

from typing import Any

import pytest

from tap_intercom_conversations.records.values import (
    to_boolean,
    to_integer,
    to_key,
    to_number,
    to_text,
)
from tap_intercom_conversations.times import rfc3339

NAN = float("nan")
INFINITE = float("inf")


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
        NAN,
        INFINITE,
        -INFINITE,
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
    with pytest.raises((ValueError, OverflowError)):
        rfc3339(value)


LOST = object()
"""Stands for a refusal: the value would not be the same any more."""


def convert(to: Any, value: Any) -> Any:
    try:
        return to(value)
    except (ValueError, OverflowError):
        return LOST


@pytest.mark.parametrize(
    ("to", "value", "expected"),
    [
        (to_integer, 421, 421),
        (to_integer, "421", 421),
        (to_integer, "-421", -421),
        (to_integer, "421.00", 421),
        (to_integer, 421.0, 421),
        (to_integer, 2**63 - 1, 2**63 - 1),
        (to_integer, 2**63, LOST),
        (to_integer, -(2**63) - 1, LOST),
        (to_integer, "9223372036854775808", LOST),
        (to_integer, 421.5, LOST),
        (to_integer, "421.5", LOST),
        (to_integer, "007", LOST),
        (to_integer, "n/a", LOST),
        (to_integer, "", LOST),
        (to_integer, "9" * 5000, LOST),
        (to_integer, True, LOST),
        (to_integer, 1e300, LOST),
        (to_integer, INFINITE, LOST),
        (to_integer, [421], LOST),
        (to_number, 0.85, 0.85),
        (to_number, 1, 1),
        (to_number, "0.85", 0.85),
        (to_number, "-12", -12.0),
        (to_number, "1", 1.0),
        (to_number, "0.12345678901234567", LOST),
        (to_number, NAN, LOST),
        (to_number, 2**70, LOST),
        (to_number, "85%", LOST),
        (to_number, False, LOST),
        (to_boolean, True, True),
        (to_boolean, "true", True),
        (to_boolean, "false", False),
        (to_boolean, 1, True),
        (to_boolean, 0, False),
        (to_boolean, 1.0, True),
        (to_boolean, 2, LOST),
        (to_boolean, "yes", LOST),
        (to_boolean, {}, LOST),
        (to_text, "as it is", "as it is"),
        (to_text, 421, "421"),
        (to_text, 2**70, "1180591620717411303424"),
        (to_text, 421.0, "421"),
        (to_text, 0.5, "0.5"),
        (to_text, 1e300, "1e+300"),
        (to_text, True, "true"),
        (to_text, False, "false"),
        (to_text, ["é", {"a": None}], '["é", {"a": null}]'),
        (to_text, NAN, LOST),
        (to_key, "5bc8f7", "5bc8f7"),
        (to_key, 421, "421"),
        (to_key, True, LOST),
        (to_key, {"id": 421}, LOST),
        (to_key, NAN, LOST),
    ],
)
def test_converts_where_nothing_is_lost(to: Any, value: Any, expected: Any) -> None:
    converted = convert(to, value)

    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize("to", [rfc3339, to_integer, to_number, to_boolean, to_key])
def test_an_error_says_nothing_of_the_value(to: Any) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        to({"body": "a customer's words"})
