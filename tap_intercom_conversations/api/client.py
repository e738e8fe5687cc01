"""One door to the API: session, token, version, retries.

Every request of every stream goes through `Client.get` or `Client.post`, from worker threads.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import typing as t
import zlib
from http.cookiejar import DefaultCookiePolicy

import msgspec
import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ReadTimeoutError

from tap_intercom_conversations import errors
from tap_intercom_conversations.api.rate_limit import RateLimiter
from tap_intercom_conversations.api.transport import Transport

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_intercom_conversations.settings import Settings

T = t.TypeVar("T")
NoObject = str | int | float | bool | list[t.Any] | None
"""What JSON has but objects: an entry of a list that is to be counted, not to spoil the list."""

logger = logging.getLogger("tap-intercom-conversations.client")

CONNECT_TIMEOUT = 10.0
"""Seconds to reach the host; an answer may take longer, a handshake should not."""
LONGEST_BACKOFF = 30.0
"""Seconds."""
LARGEST_BODY = 256 * 1024 * 1024
"""Bytes after decompression. A page of 150 has about one million."""
CHUNK = 32 * 1024
GZIP = 16 + zlib.MAX_WBITS
"""zlib's word for gzip's header and trailer."""
OK = range(200, 300)
RETRIABLE = frozenset({408, 429, 500, 502, 503, 504})


class Retriable(Exception):
    """A try that failed in a way that another may not; holds what to raise after the last."""

    def __init__(self, error: errors.ApiError) -> None:
        super().__init__(str(error))
        self.error = error


class BearerToken(AuthBase):
    """Puts the token into the request's header, and nowhere else.

    As `auth`, not as a plain header: requests lets a ~/.netrc entry for the host replace that.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Body(t.NamedTuple):
    """An answer's body as it came, which is a sixth of its size if it was packed."""

    wire: bytes
    packed: bool

    def content(self) -> bytes:
        """Unpack it.

        Raises:
            OverflowError: It is larger than anything that the API sends.
            ValueError: It is cut off, or no gzip.
        """
        if not self.packed:
            return self.wire
        unpacker = zlib.decompressobj(GZIP)
        try:
            content = unpacker.decompress(self.wire, LARGEST_BODY)
        except zlib.error:
            raise ValueError from None
        if unpacker.unconsumed_tail:
            raise OverflowError
        if self.wire and not unpacker.eof:
            raise ValueError
        return content


class Client:
    """Intercom's API for one sync: shared by all streams and threads, closed at the end.

    Args:
        settings: Host, token, version, timeouts, retries, share of the budget.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self.limiter = RateLimiter(settings.rate_limit_share, wait=self._stop.wait)
        self.sent = 0
        self.answered = 0
        self._unpacking = threading.Lock()
        self._transport = Transport(settings.max_concurrency)
        self._session = self._open_session()
        # What the environment says of proxies and certificates, read once and not per request.
        self._environment = self._session.merge_environment_settings(
            settings.api_url, {}, stream=True, verify=None, cert=None
        )

    def _open_session(self) -> requests.Session:
        session = requests.Session()
        session.auth = BearerToken(self._settings.access_token)
        session.headers.update(
            {
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "Intercom-Version": self._settings.api_version,
                "User-Agent": self._settings.user_agent,
            }
        )
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.mount("https://", self._transport)
        session.mount("http://", self._transport)
        return session

    def get(
        self,
        path: str,
        params: Mapping[str, t.Any] | None = None,
        *,
        decode: Callable[[bytes], T],
        tries: int | None = None,
    ) -> T:
        """GET a path of the API.

        Args:
            path: Such as `/conversations`, below the API's base URL.
            params: The query string's.
            decode: Turns the body into what is returned; a `msgspec.DecodeError` from it counts as
                a cut-off body, and is retried.
            tries: In place of the setting `max_retries` and one more.

        Raises:
            ApiError: The API's answer is no, or there is none after all tries.
            Stopped: The process is to stop.
        """
        return self.fetch("GET", path, decode=decode, tries=tries, params=params)[0]

    def post(
        self,
        path: str,
        body: Mapping[str, t.Any],
        params: Mapping[str, t.Any] | None = None,
        *,
        decode: Callable[[bytes], T],
        tries: int | None = None,
    ) -> T:
        """POST a JSON body to a path of the API; else as `get`.

        All that is posted is the search, which always exists: it has been seen to answer 404 while
        one of its rows was being deleted, and so that is retried, too.
        """
        return self.fetch("POST", path, decode=decode, tries=tries, params=params, json=body)[0]

    def stop(self) -> None:
        """Break off all waits and requests; those that wait get `Stopped`."""
        self._stop.set()
        self._transport.shut()

    def close(self) -> None:
        """Stop, and close all connections."""
        self.stop()
        self._session.close()

    def fetch(
        self,
        method: str,
        path: str,
        *,
        decode: Callable[[bytes], T],
        tries: int | None = None,
        **content: t.Any,
    ) -> tuple[T, Body]:
        """Send a request, as `get` and `post` do; `content` is what `requests.Request` takes.

        Returns:
            What `decode` has made of the body, and the body as it came, to be decoded again later.
        """
        name = f"{method} {path}"
        request = self._session.prepare_request(
            requests.Request(method, self._settings.api_url + path, **content)
        )
        last = self._settings.max_retries if tries is None else tries - 1
        attempt = 0
        while True:
            try:
                return self._try(name, request, decode)
            except Retriable as failure:
                if self._stop.is_set():
                    raise errors.Stopped from None
                if attempt >= last:
                    raise failure.error from None
                pause = _backoff(attempt)
                tried = f"{attempt + 1} of {last + 1}"
                logger.info("Try %s failed, the next is in %.1f s: %s", tried, pause, failure)
            if self._stop.wait(pause):
                raise errors.Stopped
            attempt += 1

    def _try(
        self, name: str, request: requests.PreparedRequest, decode: Callable[[bytes], T]
    ) -> tuple[T, Body]:
        turn = self.limiter.acquire()
        self.sent += 1
        response: requests.Response | None = None
        try:
            response, body = self._exchange(request)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            # ValueError: a socket that was shut while reading.
            raise _broken_off(name, error) from None
        except OverflowError:
            raise _too_large(name) from None
        finally:
            self.limiter.answered(turn, None if response is None else response.headers)
        return self._read(name, response, body, decode), body

    def _read(
        self, name: str, response: requests.Response, body: Body, decode: Callable[[bytes], T]
    ) -> T:
        """Unpack and decode an answer: one worker at a time, as it is six times as large then."""
        with self._unpacking:
            try:
                content = body.content()
            except ValueError as error:
                raise _broken_off(name, error) from None
            except OverflowError:
                raise _too_large(name) from None
            self.answered += 1
            if response.status_code not in OK:
                raise self._failure(name, response, content)
            try:
                return decode(content)
            except msgspec.ValidationError:
                what = "the answer is not of the documented form"
                raise errors.UnreadableAnswer(name, message=what) from None
            except msgspec.DecodeError:
                what = "an empty answer" if not content.strip() else "an answer that is no JSON"
                raise Retriable(errors.Unavailable(name, message=what)) from None

    def _exchange(self, request: requests.PreparedRequest) -> tuple[requests.Response, Body]:
        """Send, and read the whole answer within the time and size that it may have."""
        timeout = self._settings.request_timeout
        with self._transport.deadline(timeout):
            response = self._session.send(
                request,
                timeout=(min(CONNECT_TIMEOUT, timeout), timeout),
                # Redirects are not followed: they could carry the token to another host.
                allow_redirects=False,
                **self._environment,
            )
            with response:
                chunks, size = [], 0
                for chunk in response.raw.stream(CHUNK, decode_content=False):
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > LARGEST_BODY:
                        raise OverflowError
            packed = response.headers.get("Content-Encoding", "").lower() == "gzip"
            return response, Body(b"".join(chunks), packed)

    def _failure(self, name: str, response: requests.Response, body: bytes) -> Exception:
        """The error for an answer that is not a success."""
        status = response.status_code
        token = self._settings.access_token
        code, message, request_id = (
            None if said and token in said else said for said in _error_list(body)
        )
        known: dict[str, t.Any] = {
            "status": status,
            "code": code,
            "message": message,
            "request_id": request_id,
        }
        if status == requests.codes.too_many_requests:
            self.limiter.refused(response.headers)
            return Retriable(errors.RateLimited(name, **known))
        if status in RETRIABLE:
            return Retriable(errors.Unavailable(name, **known))
        if response.is_redirect:
            return errors.Refused(
                name, **known, remedy="The API's host answers with a redirect; check api_url."
            )
        kind: type[errors.ApiError] = errors.Refused
        if status == requests.codes.forbidden or code == "token_unauthorized":
            kind = errors.PermissionDenied
        elif status == requests.codes.unauthorized:
            kind = errors.Unauthorized
        elif status == requests.codes.not_found:
            kind = errors.NotFound
            if response.request.method == "POST":
                return Retriable(kind(name, **known))
        if code == "api_plan_restricted":
            known["remedy"] = "The workspace's plan does not include this; deselect the stream."
        elif code == "intercom_version_invalid":
            known["remedy"] = "Check the setting api_version."
        return kind(name, **known)


def _backoff(attempt: int) -> float:
    """Seconds to wait before the next try: doubling, half of it at random.

    Nine tries last 45 to 90 seconds: well past a rate limit's window of ten.
    """
    longest: float = min(0.5 * 2**attempt, LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1)  # noqa: S311  jitter is no secret


def _broken_off(name: str, error: Exception) -> Retriable:
    return Retriable(
        errors.Unavailable(
            name,
            message=_network_trouble(error),
            remedy=_reach(error),
            slow=_timed_out(error),
        )
    )


def _too_large(name: str) -> errors.UnreadableAnswer:
    what = f"the answer is larger than {LARGEST_BODY:,} bytes"
    return errors.UnreadableAnswer(name, message=what)


def _timed_out(error: Exception) -> bool:
    """Tell a timeout: of the whole answer, of its head, or of its body."""
    return isinstance(error, (TimeoutError, requests.Timeout, ReadTimeoutError))


def _network_trouble(error: Exception) -> str:
    """Say what happened without the library's text, which may repeat URLs and proxies."""
    if _timed_out(error):
        return "no complete answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the TLS certificate could not be verified"
    if isinstance(error, requests.exceptions.ConnectionError) and "resolve" in str(error).lower():
        return "the host's name cannot be resolved"
    if "refused" in str(error).lower():
        return "the host refused the connection"
    return "the connection failed or broke off"


def _reach(error: Exception) -> str | None:
    if isinstance(error, requests.exceptions.SSLError):
        return "Check the machine's certificates, or the proxy's."
    if isinstance(error, requests.exceptions.ConnectionError):
        return "Check the network, and the settings region and api_url."
    return None


class _Error(msgspec.Struct):
    code: t.Any = None
    message: t.Any = None


class _ErrorList(msgspec.Struct):
    errors: list[_Error] = []
    request_id: t.Any = None


def _error_list(body: bytes) -> tuple[str | None, str | None, str | None]:
    """Intercom's code, message and request id; bodies can be HTML or empty as well."""
    try:
        answer = msgspec.json.decode(body, type=_ErrorList)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None, None, None
    first = answer.errors[0] if answer.errors else _Error()
    return tuple(  # type: ignore[return-value]
        value if isinstance(value, str) else None
        for value in (first.code, first.message, answer.request_id)
    )


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """A decoder of JSON into `kind`, for `Client.get` and `Client.post`.

    Lone surrogates (half of an emoji, cut by somebody's string function) are legal in JSON's text,
    but msgspec refuses them; each becomes a question mark then.
    """
    decode = msgspec.json.Decoder(kind).decode

    def lenient(body: bytes) -> T:
        try:
            return decode(body)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeDecodeError):
            try:
                text = json.dumps(json.loads(body), ensure_ascii=False)
            except ValueError:
                raise msgspec.DecodeError("no JSON") from None
            return decode(text.encode("utf-8", "replace"))

    return lenient
