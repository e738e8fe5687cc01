"""What went wrong with a request, as a typed error: from an HTTP answer, or from the network."""

from __future__ import annotations

import re
import typing as t

import msgspec
import requests
from urllib3.exceptions import LocationValueError, ReadTimeoutError

from tap_intercom_conversations import errors
from tap_intercom_conversations.api.body import LARGEST_BODY_BYTES
from tap_intercom_conversations.api.retries import Retriable

GATEWAY_STATUSES = frozenset({403, 404})
"""What a gateway may say as well, which knows neither the token nor what there is."""
RETRIABLE_STATUSES = frozenset({408, 500, 502, 503, 504})
REMEDIES = {
    "api_plan_restricted": "The workspace's plan does not include this; deselect the stream.",
    "intercom_version_invalid": "Check the setting api_version.",
    "scroll_exists": "Another program scrolls, and an app has one scroll; run at another time.",
}
FILTER_CODES = frozenset({"invalid_field", "invalid_operator", "invalid_query", "invalid_value"})
"""What a search says of a condition; all but two of them are the user's."""
REFUSED = "the host refused the connection"
UNRESOLVED = "the host's name cannot be resolved"
UNVERIFIED = "the TLS certificate could not be verified"
NO_TLS = "no TLS connection came about"
NO_CERTIFICATES = "the file of certificates is not there"
PROXY = "the proxy cannot be used"
TOO_MANY_FILES = "the process may open no more files"
SAID_OF_TROUBLE = {
    "ca certificate bundle": NO_CERTIFICATES,
    "too many open files": TOO_MANY_FILES,
    "resolve": UNRESOLVED,
    "refused": REFUSED,
}
"""What an error says -> what it is; the first counts."""
NETWORK_REMEDIES = {
    UNVERIFIED: "Check the machine's certificates, or the proxy's.",
    NO_TLS: "The other side may speak plain http: check the setting api_url, and the proxy.",
    NO_CERTIFICATES: "Check REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE in the environment.",
    PROXY: "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY in the environment.",
    TOO_MANY_FILES: "Raise the limit (ulimit -n), or lower max_concurrency.",
}
PROXY_ERRORS = (
    requests.exceptions.ProxyError,
    # An address that is none; that of api_url was checked.
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    LocationValueError,
)
_WORD = (
    "action|admin|after|api|app|article|attribute|authorization|bad|blocked|call|"
    "client|closed|collection|company|conflict|contact|content|conversation|data|"
    "entity|error|exceeded|expired|failed|field|filter|forbidden|found|gone|id|in|"
    "intercom|internal|invalid|job|large|limit|many|merged|message|mismatch|"
    "missing|no|not|parameter|part|payload|plan|progress|query|rate|request|"
    "requests|required|resource|restorable|restricted|result|retry|revoked|segment|"
    "server|service|size|sort|state|sync|tag|team|ticket|timeout|token|too|type|"
    "unauthorized|unavailable|unprocessable|unsupported|validation|value|version"
)
CODE = re.compile(rf"(?:{_WORD})(?:_(?:{_WORD}))*")
"""The API's error codes, such as `parameter_invalid`. It may add some, says its documentation,
"Error Codes"; one that is made of words of theirs names nobody.

https://developers.intercom.com/docs/references/rest-api/errors/error-codes
"""
ID = re.compile(r"(?=(?:[a-v]*[0-9]){4})[0-9a-v]{20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The API's request ids: 20 characters of base 32, some of them digits, or a UUID."""


class _Error(msgspec.Struct):
    code: t.Any = None
    message: t.Any = None


class _ErrorList(msgspec.Struct):
    """The API's own answer where it cannot do what was asked for.

    API documentation, "Error Objects":
    https://developers.intercom.com/docs/references/rest-api/errors/error-objects
    """

    type: t.Any = None
    errors: list[_Error] = []
    request_id: t.Any = None


class _Said(t.NamedTuple):
    """What an answer says of its error, as far as it may be told.

    Attributes:
        by_api: The answer is the API's own, not a gateway's.
    """

    code: str | None = None
    message: str | None = None
    request_id: str | None = None
    by_api: bool = False


def from_answer(
    name: str, response: requests.Response, content: bytes, *, token: str, quotes: bool = True
) -> errors.ApiError | Retriable:
    """Make the error of an answer that is no success.

    Args:
        name: The request, as errors name it.
        response: The answer.
        content: Its body, unpacked.
        token: The access token: what repeats it is not told.
        quotes: The API's own words are told. They may name somebody: without them, only what has
            the form of a code or of an id is.

    Returns:
        What to raise.
    """
    said = _read_error_list(content, token)
    told = said if quotes else _in_code(said)
    error = _kind_of(response, said)(
        name,
        status=response.status_code,
        code=told.code,
        message=told.message,
        request_id=told.request_id,
        remedy=_remedy(response, said),
    )
    return Retriable(error) if isinstance(error, errors.Unavailable) else error


def _in_code(said: _Said) -> _Said:
    """Leave out what may be more than a code or an id."""
    code = said.code if said.code and CODE.fullmatch(said.code) else None
    request_id = said.request_id if said.request_id and ID.fullmatch(said.request_id) else None
    return _Said(code, None, request_id, said.by_api)


def from_network(name: str, error: Exception) -> Retriable:
    """Make the error of a request that got no complete answer.

    Args:
        name: The request, as errors name it.
        error: What `requests`, urllib3 or the socket raised. Its text is not told, as it may
            repeat URLs and proxies.
    """
    what = _network_trouble(error)
    told = errors.Unavailable(
        name, message=what, remedy=_network_remedy(error, what), slow=_timed_out(error)
    )
    return Retriable(told, unreachable=what in {REFUSED, UNRESOLVED, PROXY, NO_CERTIFICATES})


def garbled(name: str) -> Retriable:
    """Make the error of a body that is cut off, or not packed as its header says."""
    return Retriable(errors.Unavailable(name, message="the answer's body is garbled or cut off"))


def too_large(name: str) -> errors.AnswerTooLarge:
    """Make the error of a body that is larger than anything that the API sends."""
    what = f"the answer is larger than {LARGEST_BODY_BYTES:,} bytes"
    return errors.AnswerTooLarge(name, message=what)


def _kind_of(response: requests.Response, said: _Said) -> type[errors.ApiError]:
    status = response.status_code
    if status == requests.codes.too_many_requests:
        return errors.RateLimited
    if status in RETRIABLE_STATUSES:
        return errors.Unavailable
    is_forbidden = status == requests.codes.forbidden and said.by_api
    if is_forbidden or said.code == "token_unauthorized":
        return errors.PermissionDenied
    if status == requests.codes.unauthorized:
        return errors.Unauthorized
    if status == requests.codes.not_found:
        # Gateways have been seen to answer 404 for a while; only the API knows what is not there.
        # And all that is posted is a search, which always exists: it has been seen to answer 404
        # while one of its rows was being deleted.
        known = said.by_api and (said.code or "").endswith("not_found")
        asked_for_one = response.request.method == "GET"
        return errors.NotFound if known and asked_for_one else errors.Unavailable
    # From 2.16 on a contact that was merged is no 404 but a 410 of this name.
    is_merged = said.by_api and said.code == "contact_merged"
    return errors.NotFound if is_merged else errors.Refused


def _remedy(response: requests.Response, said: _Said) -> str | None:
    """What to do in this case; None for what its kind says."""
    if response.is_redirect:
        return "The API's host answers with a redirect; check api_url."
    if said.code in FILTER_CODES and "/conversations/search" in str(response.url):
        return "Check the setting search_filters."
    if said.code in REMEDIES:
        return REMEDIES[said.code]
    if response.status_code == requests.codes.proxy_authentication:
        return NETWORK_REMEDIES[PROXY]
    if response.status_code in GATEWAY_STATUSES and not said.by_api:
        return "It is not the API that says so: check the setting api_url, and the network."
    return None


def _timed_out(error: Exception) -> bool:
    """Tell a timeout: of the whole answer, of its head, or of its body."""
    return isinstance(error, (TimeoutError, requests.Timeout, ReadTimeoutError))


def _network_trouble(error: Exception) -> str:
    """Say what happened in our own words."""
    said = str(error).lower()
    if _timed_out(error):
        return "no complete answer in time"
    if isinstance(error, PROXY_ERRORS):
        return PROXY
    if isinstance(error, requests.exceptions.SSLError):
        return UNVERIFIED if "certificate_verify_failed" in said else NO_TLS
    known = (what for words, what in SAID_OF_TROUBLE.items() if words in said)
    return next(known, "the connection failed or broke off")


def _network_remedy(error: Exception, what: str) -> str | None:
    if what in NETWORK_REMEDIES:
        return NETWORK_REMEDIES[what]
    if isinstance(error, requests.exceptions.ConnectionError):
        return "Check the network, and the settings region and api_url."
    return None


def _read_error_list(content: bytes, token: str) -> _Said:
    """Read Intercom's code, message and request id; bodies can be HTML or empty as well."""
    try:
        answer = msgspec.json.decode(content, type=_ErrorList)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Said()
    first = answer.errors[0] if answer.errors else _Error()
    code, message, request_id = (
        said if isinstance(said, str) and token not in said else None
        for said in (first.code, first.message, answer.request_id)
    )
    return _Said(code, message, request_id, by_api=answer.type == "error.list")
