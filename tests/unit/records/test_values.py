"""Values become what they are documented to be, or nothing at all."""

from __future__ import annotations

from typing import Any

import pytest

from tap_intercom_conversations.records.values import (
    Lossy,
    to_boolean,
    to_integer,
    to_key,
    to_number,
    to_text,
)

NAN = float("nan")
INFINITE = float("inf")


LOST = object()
"""Stands for a refusal: the value would not be the same any more."""


def convert(to: Any, value: Any) -> Any:
    try:
        return to(value)
    except Lossy:
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
        (to_text, [10**5_000], LOST),
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


@pytest.mark.parametrize("to", [to_integer, to_number, to_boolean, to_key])
def test_an_error_says_nothing_of_the_value(to: Any) -> None:
    with pytest.raises(Lossy, match=r"^$"):
        to({"body": "a customer's words"})
