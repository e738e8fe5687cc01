"""How an answer goes over the wire: whole, or in one of the ways in which it does not arrive."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.answers import Answer

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PIECES = 10
_DRIP_PAUSE = 0.05
_HALF_OPEN = 0.2


async def send_whole(send: Send, answer: Answer) -> None:
    """Send an answer as it should be."""
    await _start(send, answer, len(answer.body))
    await send({"type": "http.response.body", "body": answer.body})


async def send_faulty(fault: str, receive: Receive, send: Send, answer: Answer) -> None:
    """Send an answer in the way of a fault."""
    await _WAYS[fault](receive, send, answer)


async def send_slowly(send: Send, answer: Answer, seconds: float) -> None:
    """Send a body in pieces over some seconds."""
    await _start(send, answer, len(answer.body))
    size = max(1, -(-len(answer.body) // _PIECES))
    for place in range(0, len(answer.body), size):
        await asyncio.sleep(seconds / _PIECES)
        piece = answer.body[place : place + size]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _reset(receive: Receive, send: Send, _answer: Answer) -> None:
    """Break the connection, so that the client's socket reports a reset."""
    transport = _transport(send)
    if transport.is_closing():
        return
    peer = transport.get_extra_info("socket")
    # Closing with a linger time of zero sends RST in place of FIN.
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


async def _half_close(receive: Receive, send: Send, _answer: Answer) -> None:
    """Stop sending before the first byte, and listen on for a moment."""
    transport = _transport(send)
    if transport.is_closing():
        return
    transport.write_eof()
    await asyncio.sleep(_HALF_OPEN)
    transport.close()
    await _gone(receive)


async def _cut(receive: Receive, send: Send, answer: Answer) -> None:
    """Announce the whole body, send half of it and hang up."""
    await _start(send, answer, len(answer.body) + 1)
    half = answer.body[: len(answer.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    _transport(send).close()
    await _gone(receive)


async def _torn(_receive: Receive, send: Send, answer: Answer) -> None:
    """Send half of the body as if it were the whole."""
    half = answer.body[: len(answer.body) // 2]
    await _start(send, answer, len(half))
    await send({"type": "http.response.body", "body": half})


async def _drip(receive: Receive, send: Send, answer: Answer) -> None:
    """Send a space now and then, for as long as somebody listens."""
    await _start(send, answer, None)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        while not gone.done():
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.wait([gone], timeout=_DRIP_PAUSE)
    finally:
        gone.cancel()


_WAYS = {"reset": _reset, "half_close": _half_close, "cut": _cut, "torn": _torn, "drip": _drip}


async def _start(send: Send, answer: Answer, length: int | None) -> None:
    headers = {"content-type": answer.content_type, **answer.headers}
    if length is not None:
        headers["content-length"] = str(length)
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})


async def _gone(receive: Receive) -> None:
    """Wait until the connection is gone: the server complains of a response left open."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _transport(send: Send) -> Any:
    """Return the connection under a response: uvicorn's send belongs to what holds it."""
    return send.__self__.transport  # type: ignore[attr-defined]
