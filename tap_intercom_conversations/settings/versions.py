"""The versions of the API, in their order."""

from __future__ import annotations

VERSIONS = (
    *(f"1.{minor}" for minor in range(5)),
    *(f"2.{minor}" for minor in range(17)),
    "Preview",
    "Unstable",
)


def at_least(version: str, wanted: str) -> bool:
    """Tell whether an API version is another or later; Preview and Unstable come last."""
    return VERSIONS.index(version) >= VERSIONS.index(wanted)
