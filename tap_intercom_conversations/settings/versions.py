"""The versions of the API, in their order."""

from __future__ import annotations

import re

NEWEST = 17
"""The minor number of the newest 2.x whose shapes the tap knows."""
DEFAULT = "2.16"
"""The newest with a published description; what is known of 2.17 are guides and examples."""
VERSIONS = (
    *(f"1.{minor}" for minor in range(5)),
    *(f"2.{minor}" for minor in range(NEWEST + 1)),
    "Preview",
    "Unstable",
)
_LATER = re.compile(r"2\.([1-9]\d{1,2})", re.ASCII)


def is_later(version: str) -> bool:
    """Tell whether a version is a 2.x that came out after the newest that the tap knows."""
    match = _LATER.fullmatch(version)
    return match is not None and int(match[1]) > NEWEST


def is_version(version: str) -> bool:
    """Tell whether a version can be asked for: a published one, or a later 2.x."""
    return version in VERSIONS or is_later(version)


def at_least(version: str, wanted: str) -> bool:
    """Tell whether an API version is another or later; Preview and Unstable come last.

    Args:
        version: A version that `is_version`; a later 2.x is taken for the newest one known.
        wanted: A published version.
    """
    known = f"2.{NEWEST}" if is_later(version) else version
    return VERSIONS.index(known) >= VERSIONS.index(wanted)
