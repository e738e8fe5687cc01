"""The sandbox as a server on loopback, run in a thread and stopped without a trace."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn
from typing_extensions import Self

from sandbox.control import Control
from sandbox.counters import Counters
from sandbox.gate import Gate
from sandbox.switches import Switches
from sandbox.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sandbox.wire import Receive, Send

_LOOPBACK = "127.0.0.1"
_START_TIMEOUT = 20.0
_TICK = 0.1


class _Server(uvicorn.Server):
    """A server that stops at once: what still sleeps or drips is not waited for."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.running = threading.Event()
        self.on_running: Callable[[], None] | None = None

    async def main_loop(self) -> None:
        """Look now and then whether it is time to stop."""
        self._loop = asyncio.get_running_loop()
        self._stopped = self._loop.create_future()
        self.running.set()
        if self.on_running is not None:
            self.on_running()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            await asyncio.wait([self._stopped], timeout=_TICK)

    def stop(self) -> None:
        """Stop; to be called from another thread."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._stopped.set_result, None)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up on everybody."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Once more around, for the connections to notice.
        await asyncio.sleep(0)


class Sandbox:
    """A workspace served over HTTP: `with Sandbox(Workspace()) as server: server.url`."""

    def __init__(self, workspace: Workspace | None = None, port: int = 0, **switches: Any) -> None:
        self.workspace = Workspace() if workspace is None else workspace
        self.switches = Switches.of(switches)
        self.switches.watch(self._follow)
        self.counters = Counters()
        self.gate = Gate(self.workspace, self.switches, self.counters)
        self._control = Control(self.workspace, self.switches, self.counters, self.gate)
        self._follow()
        self._port = port
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def _follow(self) -> None:
        """Let the workspace know of the switches that concern it."""
        self.workspace.set_lag(self.switches.index_lag, self.switches.index_lag_clock)

    def restart(self) -> None:
        """Have cursors given out so far be stale ones; see the switch `stale_cursors`."""
        self.gate.restart()

    @property
    def url(self) -> str:
        """The address to send requests to."""
        if self._socket is None:
            raise RuntimeError("the sandbox is not running")
        return f"http://{_LOOPBACK}:{self._socket.getsockname()[1]}"

    @property
    def token(self) -> str:
        """The access token that is accepted."""
        return self.switches.token

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request, as an ASGI application."""
        if scope["path"].startswith("/_sandbox/"):
            await self._control.app(scope, receive, send)
        else:
            await self.gate(scope, receive, send)

    def bind(self) -> None:
        """Take the port; requests wait until the server runs."""
        self._socket = socket.create_server((_LOOPBACK, self._port), backlog=2_048)
        config = uvicorn.Config(
            self,
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,  # uvicorn's is up to a second old; the gate sends an exact one
            timeout_keep_alive=75,
        )
        self._server = _Server(config)

    def run(self, on_running: Callable[[], None] | None = None) -> None:
        """Serve until a signal comes; for the main thread of a process."""
        if self._server is None or self._socket is None:
            raise RuntimeError("bind first")
        self._server.on_running = on_running
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def __enter__(self) -> Self:
        self.bind()
        self._thread = threading.Thread(target=self.run, name="sandbox", daemon=True)
        self._thread.start()
        if self._server is None or not self._server.running.wait(_START_TIMEOUT):
            raise RuntimeError("the sandbox did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.stop()
            self._thread.join()
        if self.counters.internal_errors and error is None:
            raise RuntimeError("a bug in the sandbox:\n" + self.counters.internal_errors[0])
