"""A server of a few lines, for answers that no simulated workspace would give."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from dataclasses import dataclass, field
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


class Server:
    """Answers with what `answer` returns for each request; one after another if it is a list."""

    token = "any-token"  # noqa: S105  nobody's

    def __init__(self, answer: Callable[[Asked], Said] | list[Said]) -> None:
        self.asked: list[Asked] = []
        self.connections: list[socket.socket] = []
        self.over = threading.Event()
        self._answer = answer
        self._lock = threading.Lock()
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

    def _said(self, asked: Asked) -> Said:
        with self._lock:
            self.asked.append(asked)
            if isinstance(self._answer, list):
                return self._answer[min(len(self.asked), len(self._answer)) - 1]
        return self._answer(asked)

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
                url = urlsplit(self.path)
                asked = Asked(
                    self.command,
                    url.path,
                    dict(parse_qsl(url.query)),
                    dict(self.headers),
                    json.loads(body) if body else None,
                )
                try:
                    self._send(server._said(asked))
                except OSError:
                    self.close_connection = True

            do_POST = do_GET  # noqa: N815  the library's name

            def _send(self, said: Said) -> None:
                self.send_response_only(said.status)
                usual = {
                    "Date": self.date_time_string(),
                    "Content-Length": str(sum(map(len, said.pieces))),
                }
                for name, value in {**usual, **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in said.pieces:
                    said.wait()
                    self.wfile.write(piece)
                    self.wfile.flush()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
