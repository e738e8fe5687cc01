"""A server of a few lines, for answers that no simulated workspace would give."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Asked:
        """Take a request apart."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        return cls(method, parts.path, query, headers, json.loads(body) if body else None)


@dataclass
class Said:
    """An answer; `body` is sent as it is if it is bytes, else as JSON, in pieces if it is a list.

    Between two pieces, and before the first, `wait` is called.
    """

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: Callable[[], object] = lambda: None

    @property
    def pieces(self) -> list[bytes]:
        """The body in bytes."""
        if isinstance(self.body, list):
            return self.body
        return [self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()]

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers, with those that each answer has."""
        length = str(sum(map(len, self.pieces)))
        return {"Date": formatdate(usegmt=True), "Content-Length": length, **self.headers}


def refusal(status: int, code: str, message: str = "No.") -> Said:
    """What the API itself answers where it cannot do what was asked for."""
    error = {"code": code, "message": message}
    return Said({"type": "error.list", "request_id": "req-1", "errors": [error]}, status)


class Api(Protocol):
    """What a client has to know of a server, a sandbox or one of these."""

    @property
    def url(self) -> str:
        """Its address."""

    @property
    def token(self) -> str:
        """A token that it accepts."""


class Stub(ABC):
    """Answers with what `answer` returns for each request; one after another if it is a list."""

    token = "any-token"  # noqa: S105  nobody's

    def __init__(self, answer: Callable[[Asked], Said] | list[Said]) -> None:
        self.asked: list[Asked] = []
        self._answer = answer
        self._lock = threading.Lock()

    @property
    @abstractmethod
    def url(self) -> str:
        """Its address."""

    def said(self, asked: Asked) -> Said:
        """Answer a request."""
        with self._lock:
            self.asked.append(asked)
            if isinstance(self._answer, list):
                return self._answer[min(len(self.asked), len(self._answer)) - 1]
        return self._answer(asked)


class Server(Stub):
    """A stub on a port of its own."""

    def __init__(self, answer: Callable[[Asked], Said] | list[Said]) -> None:
        super().__init__(answer)
        self.connections: list[socket.socket] = []
        self.over = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = False  # so that closing waits for them
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._http.shutdown()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._http.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            timeout = 10

            def setup(self) -> None:
                super().setup()
                with server._lock:
                    server.connections.append(self.connection)

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = Asked.of(self.command, self.path, dict(self.headers), body)
                try:
                    self._send(server.said(asked))
                except OSError:
                    self.close_connection = True

            do_POST = do_GET  # noqa: N815  the library's name

            def _send(self, said: Said) -> None:
                self.send_response_only(said.status)
                for name, value in said.all_headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in said.pieces:
                    said.wait()
                    self.wfile.write(piece)
                    self.wfile.flush()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
