"""Moments: from any form of time that the API or a state file uses to whole epoch seconds."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from tap_intercom_conversations.records import rfc3339

PLAIN = 10**11
"""From here on a number is taken for milliseconds; see `rfc3339`."""


def epoch_seconds(value: t.Any) -> int | None:
    """Read a time as whole epoch seconds, rounded down; None if it is no time."""
    if type(value) is int and 0 <= value < PLAIN:
        return value
    try:
        text = rfc3339(value)[:19]
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        return None
    return int(moment.timestamp())
