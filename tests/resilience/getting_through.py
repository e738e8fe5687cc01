"""Attacks that get through, by name: each has to, until it is mended and its line goes."""

from __future__ import annotations

GETTING_THROUGH: frozenset[str] = frozenset()
