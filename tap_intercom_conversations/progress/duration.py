"""A duration as people write it."""

from __future__ import annotations


def in_words(seconds: float) -> str:
    """Write a duration: "25 h 01 min", "1 min 30 s", "30 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
