"""The HTTP adapter: enough connections for all workers, and answers that another thread can end.

A socket's timeout starts anew with every byte, so an answer that drips holds a worker for ever;
and a worker that waits for an answer cannot be told to stop. Both are mended by shutting the
socket from outside: a watchdog does it at the request's deadline, `shut` does it to all.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
import typing as t

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if t.TYPE_CHECKING:
    from collections.abc import Iterator

WATCH_INTERVAL_SECONDS = 0.25
"""Between two looks of the watchdog."""
LOGGERS_OF_URLLIB3 = ("urllib3.connection", "urllib3.connectionpool")
QUOTING = ("Failed to parse headers", '%s://%s:%s "%s %s %s"')
"""Beginnings of urllib3's lines that quote what may name somebody: headers that it cannot parse,
with a traceback (in 1.26 from the second logger), and the path of each request.

The headers before those count, and the body is read as ever; the client logs each request itself.
"""


def _quotes_nothing(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(QUOTING)


class Transport(HTTPAdapter):
    """An adapter with `connections` pooled connections that keeps a deadline for whole answers."""

    def __init__(self, connections: int) -> None:
        for name in LOGGERS_OF_URLLIB3:
            logging.getLogger(name).addFilter(_quotes_nothing)
        self._sockets: dict[int, socket.socket] = {}  # by thread: a worker has one request
        self._deadlines: dict[int, float] = {}
        self._closing = threading.Event()
        self._watchdog: threading.Thread | None = None
        self._lock = threading.Lock()
        super().__init__(pool_connections=2, pool_maxsize=connections, pool_block=True)

    @contextlib.contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """End whatever request this thread makes inside, once so many seconds are over.

        Raises:
            TimeoutError: It was ended.
        """
        thread = threading.get_ident()
        self._watch()
        self._deadlines[thread] = time.monotonic() + seconds
        overdue = False
        try:
            yield
        except Exception as error:
            overdue = thread not in self._deadlines
            if overdue and not self._closing.is_set():
                raise TimeoutError from error
            raise
        else:
            overdue = thread not in self._deadlines
        finally:
            self._deadlines.pop(thread, None)
            self._sockets.pop(thread, None)
        if overdue:
            # Shutting a socket can look like a regular end of the body.
            raise TimeoutError

    def shut(self) -> None:
        """End all requests, and the watchdog."""
        self._closing.set()
        for thread in list(self._sockets):
            self._shut_socket(thread)

    def close(self) -> None:
        """End all requests, and close the pooled connections."""
        self.shut()
        super().close()
        if self._watchdog is not None:
            self._watchdog.join()

    def _watch(self) -> None:
        with self._lock:
            if self._watchdog is None:
                self._watchdog = threading.Thread(
                    target=self._look, name="intercom-deadlines", daemon=True
                )
                self._watchdog.start()

    def _look(self) -> None:
        while not self._closing.wait(WATCH_INTERVAL_SECONDS):
            now = time.monotonic()
            for thread, deadline in list(self._deadlines.items()):
                if deadline < now:
                    self._deadlines.pop(thread, None)
                    self._shut_socket(thread)

    def _shut_socket(self, thread: int) -> None:
        if opened := self._sockets.pop(thread, None):
            with contextlib.suppress(OSError):
                # Not TLS's own shutdown, which waits for the other side and is not thread-safe.
                socket.socket.shutdown(opened, socket.SHUT_RDWR)

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Make pools whose connections tell us their socket."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes()

    def proxy_manager_for(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """Make the same pools behind a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes()
        return manager

    def _pool_classes(self) -> dict[str, type[HTTPConnectionPool]]:
        transport = self

        class Connection(HTTPConnection):
            def request(self, *args: t.Any, **kwargs: t.Any) -> None:
                transport.sending(self)
                super().request(*args, **kwargs)

        class TLSConnection(HTTPSConnection):
            def request(self, *args: t.Any, **kwargs: t.Any) -> None:
                transport.sending(self)
                super().request(*args, **kwargs)

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        class TLSPool(HTTPSConnectionPool):
            ConnectionCls = TLSConnection

        return {"http": Pool, "https": TLSPool}

    def sending(self, connection: HTTPConnection) -> None:
        """Note the socket on which this thread's request goes out."""
        if connection.sock is None:
            connection.connect()
        if connection.sock is not None:
            self._sockets[threading.get_ident()] = connection.sock
        if self._closing.is_set():
            raise ConnectionAbortedError("asked to stop")
