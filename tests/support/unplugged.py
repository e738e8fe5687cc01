"""Stubs of the API without sockets: the client's transport asks them directly."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.response import HTTPResponse

from tests.support.serving import Asked, Stub

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest, Response

    from tests.support.serving import Said


class UnpluggedStub(Stub):
    """A stub with an address at which nothing listens."""

    def __init__(self, url: str, answer: Callable[[Asked], Said] | list[Said]) -> None:
        super().__init__(answer)
        self._url = url

    @property
    def url(self) -> str:
        """Its address."""
        return self._url


class Unplugged:
    """What stands in for `Transport.send`, and the stubs that it knows."""

    def __init__(self) -> None:
        self._stubs: dict[str, UnpluggedStub] = {}

    def stub(self, answer: Callable[[Asked], Said] | list[Said]) -> UnpluggedStub:
        """Make a stub."""
        host = f"127.0.0.1:{len(self._stubs) + 1}"
        self._stubs[host] = UnpluggedStub(f"http://{host}", answer)
        return self._stubs[host]

    def send(self, request: PreparedRequest, **_: Any) -> Response:
        """Answer a request as the transport would."""
        url, method, body = str(request.url), str(request.method), request.body or b""
        sent = body if isinstance(body, bytes) else body.encode()
        stub = self._stubs[urlsplit(url).netloc]
        said = stub.said(Asked.of(method, url, dict(request.headers), sent))
        for _piece in said.pieces:
            said.wait()
        answer = HTTPResponse(
            io.BytesIO(b"".join(said.pieces)),
            headers=said.all_headers,
            status=said.status,
            preload_content=False,
            request_method=method,
        )
        return HTTPAdapter().build_response(request, answer)
