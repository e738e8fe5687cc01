"""One door to the API: session, token, version, tries.

Every request of every stream goes through `Client.get` or `Client.fetch`, from worker threads.
"""

from __future__ import annotations

import logging
import threading
import typing as t
from urllib.parse import quote

import msgspec
import requests
from urllib3.exceptions import HTTPError

from tap_intercom_conversations import errors
from tap_intercom_conversations.api import failures
from tap_intercom_conversations.api.body import Body, Garbled, Oversized, read_body
from tap_intercom_conversations.api.clock import ApiClock
from tap_intercom_conversations.api.http_session import open_session
from tap_intercom_conversations.api.rate_limit import RateLimiter
from tap_intercom_conversations.api.retries import Retriable, RetryPolicy
from tap_intercom_conversations.api.transport import Transport
from tap_intercom_conversations.jsontext import is_id, is_whole

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_intercom_conversations.settings import Settings

T = t.TypeVar("T")

logger = logging.getLogger("tap-intercom-conversations.client")

CONNECT_TIMEOUT_SECONDS = 10.0
"""To reach the host; an answer may take longer, a handshake should not."""
QUIET_TRIES = 3
"""So many failed tries of a request are everyday life; more of them are worth a warning."""
OK_STATUSES = range(200, 300)
NOT_FOR_PATHS = frozenset({"", ".", ".."})
"""No path can hold these as an id: one is empty, and URLs give dots another meaning."""

NAME_CHARACTERS = 200
UNTOLD = "..."
"""Stands for an id that is none, where a request is named."""


class Client:
    """Intercom's API for one sync: shared by all streams and threads, closed at the end.

    Args:
        settings: Host, token, version, timeouts, retries, share of the budget.

    Attributes:
        limiter: The request budget.
        answered: Some request has been answered, whatever the answer said.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._retries = RetryPolicy(settings.max_retries + 1)
        self._stop = threading.Event()
        self._clock = ApiClock()
        self.limiter = RateLimiter(
            settings.rate_limit_share, clock=self._clock, wait=self._stop.wait
        )
        self.answered = False
        self._unpacking = threading.Lock()
        self._transport = Transport(settings.max_concurrency)
        self._session = open_session(settings, self._transport)
        # What the environment says of proxies and certificates, read once and not per request.
        self._environment = self._session.merge_environment_settings(
            settings.api_url, {}, stream=True, verify=None, cert=None
        )

    @property
    def sent(self) -> int:
        """How many requests were sent, each try counted."""
        return self.limiter.turns

    @property
    def in_flight(self) -> int:
        """How many requests have no answer yet."""
        return self.limiter.unanswered

    @property
    def budget_per_second(self) -> float:
        """The workspace's whole budget, in requests a second."""
        return self.limiter.per_second

    @property
    def clock_ahead(self) -> float | None:
        """Seconds by which the API's clock is ahead of the machine's; None if nobody told yet.

        The truth may be up to a second more: the API tells its time in whole seconds.
        """
        return self._clock.ahead

    @property
    def max_tries(self) -> int:
        """How often a request is tried at most."""
        return self._retries.tries

    def ask_time(self) -> None:
        """Have the API's clock read before anything depends on it: GET /me, if nothing was asked.

        Any answer will do, as each has a `Date`; a token may not be permitted to see /me and still
        read conversations.

        Raises:
            Unauthorized: The API does not know the token.
            Unavailable: There is no answer after all tries.
            Stopped: The process is to stop.
        """
        if self.answered:
            return
        name = "GET /me"
        request = self._prepare("GET", "/me")

        def attempt() -> None:
            response, packed = self._exchange(name, request)
            if response.status_code == requests.codes.unauthorized:
                error = self._failure(name, response, packed)
                if isinstance(error, errors.Unauthorized):
                    raise error

        self._until_it_succeeds(attempt, self._retries)

    def get(
        self,
        path: str,
        params: Mapping[str, t.Any] | None = None,
        *,
        decode: Callable[[bytes], T],
        of: str | None = None,
    ) -> T:
        """GET a path of the API.

        Args:
            path: Such as `/conversations/{}`, below the API's base URL.
            params: The query string's.
            decode: As for `fetch`.
            of: As for `fetch`.

        Returns:
            What `decode` has made of the body.

        Raises:
            ApiError: The API's answer is no, or there is none after all tries.
            Stopped: The process is to stop.
            UnreadableRow: No path can hold that id.
        """
        return self.fetch("GET", path, decode=decode, of=of, params=params)[0]

    def fetch(
        self,
        method: str,
        path: str,
        *,
        decode: Callable[[bytes], T],
        of: str | None = None,
        tries: int | None = None,
        **content: t.Any,
    ) -> tuple[T, Body]:
        """Send a request.

        Args:
            method: `GET` or `POST`. A 404 to a POST is never believed: all that is posted is a
                search, which always exists.
            path: Such as `/conversations/{}`, below the API's base URL.
            decode: Turns the body into what is returned. What it raises decides how it goes on:
                `msgspec.ValidationError` means another form than documented, and is final;
                another `msgspec.DecodeError`, `UnreadableRow` and the like are final if the body
                is whole; if it is cut off, or no JSON at all, it is asked for again.
            of: The id of the object that `{}` in the path stands for. Errors and the log have it
                only if it looks like one: nobody promises that it is no name.
            tries: In place of the setting `max_retries` and one more.
            **content: What `requests.Request` takes, such as `params` and `json`.

        Returns:
            What `decode` has made of the body, and the body as it came, to be decoded again later.

        Raises:
            ApiError: The API's answer is no, or there is none after all tries.
            Stopped: The process is to stop.
            UnreadableRow: No path can hold that id.
        """
        name = f"{method} {path}"
        if of is not None:
            name = name.format(of if is_id(of) else UNTOLD)
            path = path.format(_quoted(of))
        request = self._prepare(method, path, **content)

        def attempt() -> tuple[T, Body]:
            response, packed = self._exchange(name, request)
            if response.status_code not in OK_STATUSES:
                raise self._failure(name, response, packed)
            return self._decode(name, packed, decode), packed

        policy = self._retries if tries is None else RetryPolicy(tries)
        return self._until_it_succeeds(attempt, policy)

    def pause(self, seconds: float) -> None:
        """Wait, in a worker thread.

        Raises:
            Stopped: The process is to stop.
        """
        if self._stop.wait(seconds):
            raise errors.Stopped

    def stop(self) -> None:
        """Break off all waits and requests; those that wait get `Stopped`."""
        self._stop.set()
        self._transport.shut()

    def close(self) -> None:
        """Stop, and close all connections."""
        self.stop()
        self._session.close()

    def _prepare(self, method: str, path: str, **content: t.Any) -> requests.PreparedRequest:
        url = self._settings.api_url + path
        return self._session.prepare_request(requests.Request(method, url, **content))

    def _until_it_succeeds(self, attempt: Callable[[], T], policy: RetryPolicy) -> T:
        """Try again as the policy says; whatever is not `Retriable` ends it."""
        failed = 0
        while True:
            try:
                return attempt()
            except Retriable as failure:
                if self._stop.is_set():
                    raise errors.Stopped from None
                failed += 1
                first_contact = failure.unreachable and not self.answered
                current = policy.for_first_contact() if first_contact else policy
                pause = current.pause_after(failed)
                if pause is None:
                    raise failure.error from None
                logger.log(
                    logging.WARNING if first_contact or failed > QUIET_TRIES else logging.INFO,
                    "Try %d of %d failed, the next is in %.1f s: %s",
                    *(failed, current.tries, pause, failure),
                )
            self.pause(pause)

    def _exchange(
        self, name: str, request: requests.PreparedRequest
    ) -> tuple[requests.Response, Body]:
        """Wait for a turn, send, and read the whole answer; its headers are learnt from."""
        turn = self.limiter.acquire()
        response: requests.Response | None = None
        timeout = self._settings.request_timeout
        try:
            with self._transport.deadline(timeout):
                response = self._session.send(
                    request,
                    timeout=(min(CONNECT_TIMEOUT_SECONDS, timeout), timeout),
                    # Redirects are not followed: they could carry the token to another host.
                    allow_redirects=False,
                    **self._environment,
                )
                self.answered = True
                self._clock.observe(response.headers)
                with response:
                    body = read_body(response)
                logger.debug(
                    "%s: %d, %d bytes", name[:NAME_CHARACTERS], response.status_code, len(body.wire)
                )
                return response, body
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            # ValueError: a socket that was shut while reading.
            raise failures.from_network(name, error) from None
        except Oversized:
            raise failures.too_large(name) from None
        finally:
            self.limiter.observe(turn, None if response is None else response.headers)
            if response is not None and response.status_code == requests.codes.too_many_requests:
                self.limiter.throttle(response.headers)

    def _failure(self, name: str, response: requests.Response, packed: Body) -> Exception:
        """The error for an answer that is no success."""
        content = self._unpacked(name, packed, lambda content: content)
        return failures.from_answer(
            name,
            response,
            content,
            token=self._settings.access_token,
            quotes=not self._settings.privacy_rules,
        )

    def _decode(self, name: str, packed: Body, decode: Callable[[bytes], T]) -> T:
        def checked(content: bytes) -> T:
            try:
                return decode(content)
            except msgspec.ValidationError:
                what = "the answer is not of the documented form"
                raise errors.UnreadableAnswer(name, message=what) from None
            except (msgspec.DecodeError, errors.UnreadableRow, UnicodeDecodeError, RecursionError):
                if is_whole(content):
                    what = "the answer cannot be decoded"
                    raise errors.UnreadableAnswer(name, message=what) from None
                what = "an answer that is no JSON" if content.strip() else "an empty answer"
                raise Retriable(errors.Unavailable(name, message=what)) from None

        return self._unpacked(name, packed, checked)

    def _unpacked(self, name: str, packed: Body, use: Callable[[bytes], T]) -> T:
        """Unpack a body and use it: one worker at a time, as it is six times as large then."""
        with self._unpacking:
            try:
                content = packed.content()
            except Garbled:
                raise failures.garbled(name) from None
            except Oversized:
                raise failures.too_large(name) from None
            return use(content)


def _quoted(identifier: str) -> str:
    """An object's id as a part of a path, percent-encoded."""
    if identifier in NOT_FOR_PATHS:
        raise errors.UnreadableRow("its id cannot be asked for")
    return quote(identifier, safe="")
