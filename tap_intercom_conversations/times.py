"""Reads times in any form that the API or a state file uses; writes RFC 3339 or epoch seconds."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  UTC all through: half the cost of an aware one
_SECONDS_PER_HOUR = 3600
_WITHIN_HOUR = tuple(f":{second // 60:02}:{second % 60:02}Z" for second in range(_SECONDS_PER_HOUR))
# As seconds, a figure from here on is in the year 5138 or later; as milliseconds, 1973 or later.
_LEAST_MILLISECONDS = 10**11
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?"
    r" ?(?:Z|z|UTC|([+-])(\d\d):?(\d\d)?)?)?",
    re.ASCII,
)


class NoTime(ValueError):
    """A value that is no time, or one that no calendar can hold; nothing is said of the value."""


def rfc3339(value: Any) -> str:
    """Write a time of the API as an RFC 3339 date-time in UTC.

    The API documents seconds. It also sends milliseconds, ISO 8601 texts and negative numbers.

    Args:
        value: Seconds or milliseconds since 1970, as a number or a text, or an ISO 8601 text with
            or without a zone (none means UTC), or a date.

    Returns:
        Such as `2026-05-31T09:30:00Z`; with a fraction only if there is one.

    Raises:
        NoTime: If the value is none.
    """
    try:
        if type(value) is int and -_LEAST_MILLISECONDS < value < _LEAST_MILLISECONDS:
            hour, second = divmod(value, _SECONDS_PER_HOUR)
            return _hour(hour) + _WITHIN_HOUR[second]
        return _read_text(value) if type(value) is str else _read_number(value)
    except (OverflowError, ValueError):
        raise NoTime from None


def _read_number(value: Any) -> str:
    if type(value) not in (int, float):
        raise NoTime
    if abs(value) < _LEAST_MILLISECONDS:
        return _write_time(_EPOCH + timedelta(seconds=value))
    return _write_time(_EPOCH + timedelta(milliseconds=value))


@lru_cache(maxsize=1_024)  # six weeks of hours: rows come as they last changed
def _hour(hour: int) -> str:
    return (_EPOCH + timedelta(hours=hour)).isoformat()[:13]


@lru_cache(maxsize=256)  # all parts of a conversation carry its `updated_at`
def _read_text(text: str) -> str:
    text = text.strip()
    if match := _NUMBER.fullmatch(text):
        return rfc3339(float(text) if match[1] else int(text))
    match = _ISO.fullmatch(text)
    if not match:
        raise NoTime
    *clock, fraction, sign, hours, minutes = match.groups(default="")
    moment = datetime(*(int(figure or 0) for figure in clock))  # type: ignore[arg-type]  # noqa: DTZ001
    moment += timedelta(microseconds=int(fraction[:6].ljust(6, "0")))
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return _write_time(moment + ahead if sign == "-" else moment - ahead)


def _write_time(moment: datetime) -> str:
    if not moment.microsecond:
        return moment.isoformat() + "Z"
    in_milliseconds = moment.microsecond % 1000 == 0
    return moment.isoformat(timespec="milliseconds" if in_milliseconds else "microseconds") + "Z"


def epoch_seconds(value: Any) -> int | None:
    """Read a time as epoch seconds.

    Args:
        value: As `rfc3339` takes it, or anything else.

    Returns:
        Whole seconds since 1970, rounded down; None if it is no time.
    """
    if type(value) is int and 0 <= value < _LEAST_MILLISECONDS:
        return value
    try:
        text = rfc3339(value)[:19]
    except NoTime:
        return None
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return int(moment.timestamp())
