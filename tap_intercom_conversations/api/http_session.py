"""The HTTP session: what every request carries, and what is never kept or followed."""

from __future__ import annotations

import ipaddress
import logging
import typing as t
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

if t.TYPE_CHECKING:
    from tap_intercom_conversations.api.transport import Transport
    from tap_intercom_conversations.settings import Settings

logger = logging.getLogger("tap-intercom-conversations.client")


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


def open_session(settings: Settings, transport: Transport) -> requests.Session:
    """Open a session that sends token and version over a transport, and keeps no cookies."""
    session = requests.Session()
    session.auth = BearerToken(settings.access_token)
    session.headers.update(
        {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Intercom-Version": settings.api_version,
            "User-Agent": settings.user_agent,
        }
    )
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", transport)
    session.mount("http://", transport)
    if _is_exposed(settings.api_url):
        logger.warning("api_url is plain http: others on the network can read the access token")
    return session


def _is_exposed(url: str) -> bool:
    """Tell whether others on the network could read what is sent there."""
    address = urlsplit(url)
    host = address.hostname or ""
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost" or host.endswith(".localhost")
    return address.scheme == "http" and not is_loopback
