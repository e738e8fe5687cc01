"""Which requests go wrong, and how: a draw for each request from a seeded stream."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sandbox.answers import BAD_GATEWAY_PAGE, HTML, NOT_FOUND_PAGE, Answer, ApiError
from sandbox.chance import stream

if TYPE_CHECKING:
    from sandbox.counters import Counters
    from sandbox.switches import Switches

PREFIX = "fault_"
# Faults that take hold of the connection or the body once there is an answer.
ON_THE_WIRE = ("reset", "half_close", "cut", "torn", "drip", "slow")
_NOT_PROBABILITIES = ("fault_seed", "fault_endpoints")


class Faults:
    """Draws faults."""

    def __init__(self, switches: Switches, counters: Counters) -> None:
        self._switches = switches
        self._counters = counters
        self._number = 0
        self._tries: Counter[bytes] = Counter()
        self._names = [
            name
            for name in vars(switches)
            if name.startswith(PREFIX) and name not in _NOT_PROBABILITIES
        ]

    def draw(self, endpoint: str, signature: bytes) -> str:
        """Return the fault that befalls a request, or an empty string."""
        self._number += 1
        fault = self._due(endpoint, signature)
        if fault:
            self._counters.faults[fault] += 1
        return fault

    def _due(self, endpoint: str, signature: bytes) -> str:
        switches = self._switches
        if switches.fault_endpoints and endpoint not in switches.fault_endpoints:
            return ""
        if switches.fail_first and self._tries[signature] < switches.fail_first:
            self._tries[signature] += 1
            return switches.fail_first_with
        probabilities = [(name, getattr(switches, name)) for name in self._names]
        if not any(probability for _, probability in probabilities):
            return ""
        left = stream(switches.fault_seed, 41, self._number).random()
        for name, probability in probabilities:
            left -= probability
            if left < 0:
                fault = name.removeprefix(PREFIX)
                return fault if fault != "404" or endpoint == "search" else ""
        return ""

    def forget(self) -> None:
        """Begin the stream anew."""
        self._number = 0
        self._tries.clear()


_UNAVAILABLE = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
_CHALLENGE = b"<!DOCTYPE html><html><body>Just a moment...</body></html>"
_BARE = {
    "empty": (b"", 200, HTML),
    "html": (_CHALLENGE, 200, HTML),
    "429_bare": (b"", 429, HTML),
    "502": (BAD_GATEWAY_PAGE, 502, HTML),
    "503": (_UNAVAILABLE, 503, HTML),
    "504": (b"", 504, HTML),
    "404_html": (NOT_FOUND_PAGE, 404, HTML),
}
_ERRORS = {
    "500": (500, "server_error", "Something went wrong"),
    "408": (408, "request_timeout", "Request timed out"),
    "429": (429, "rate_limit_exceeded", "Exceeded rate limit"),
    "429_early": (429, "too_many_requests", "Too many requests"),
    "401": (401, "unauthorized", "Access Token Invalid"),
    "404": (404, "not_found", "Resource Not Found"),
    "404_json": (404, "not_found", "Resource Not Found"),
}
_NAMELESS = ("408", "429_early")


def faulty_answer(fault: str, request_id: str) -> Answer | None:
    """Return what is answered in place of the truth; None for a fault on the wire."""
    if fault in _BARE:
        return Answer(*_BARE[fault])
    # What stands before the API itself knows of no request's id.
    known = None if fault in _NAMELESS else request_id
    return ApiError(*_ERRORS[fault]).answer(known) if fault in _ERRORS else None
