"""A request as endpoints see it, and its parameters read as the API reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.switches import Switches

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What an endpoint needs to know of a request."""

    url: str  # scheme, host and path
    query: Mapping[str, str]
    body: bytes
    version: int


def clamp(value: Any, default: int, biggest: int, switches: Switches) -> int:
    """Return a page size; one that is too big is an error, or cut back if that is switched on."""
    if value is None:
        return default
    size = whole_number(value, "per_page")
    if size <= biggest:
        return size
    if switches.over_max == "clamp":
        return biggest
    raise ApiError(400, "parameter_invalid", f"per_page must be at most {biggest}", "per_page")


def whole_number(value: Any, name: str) -> int:
    """Return a number from 1 upwards."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ApiError(400, "parameter_invalid", f"{name} must be a positive number", name)
    return int(text)


def flag(value: str | None) -> bool:
    """Say whether a query parameter is switched on."""
    return value is not None and value.lower() in ("true", "1")


def body_of(request: Request) -> Json:
    """Return what a request has in its body: an object."""
    try:
        value = json.loads(request.body)
    except ValueError:
        raise ApiError(400, "bad_request", "the body is not JSON") from None
    if not isinstance(value, dict):
        raise ApiError(400, "bad_request", "the body is not an object")
    return value
