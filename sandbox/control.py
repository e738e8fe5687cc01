"""The sandbox's own endpoints under /_sandbox/: change the workspace, look at the truth."""

from __future__ import annotations

import asyncio
import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.render import encode
from sandbox.truth import STREAMS, truth
from sandbox.workspace import collection_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from sandbox.collection import Collection
    from sandbox.counters import Counters
    from sandbox.gate import Gate
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

Json = dict[str, Any]

_ROWS_AT_ONCE = 100


class Control:
    """What a test or a demo may do to a running sandbox."""

    def __init__(
        self, workspace: Workspace, switches: Switches, counters: Counters, gate: Gate
    ) -> None:
        self._workspace = workspace
        self._switches = switches
        self._counters = counters
        self._gate = gate
        post = ["POST"]
        self.app = Starlette(
            routes=[
                Route("/_sandbox/touch", self.touch, methods=post),
                Route("/_sandbox/bulk_touch", self.bulk_touch, methods=post),
                Route("/_sandbox/create", self.create, methods=post),
                Route("/_sandbox/delete", self.delete, methods=post),
                Route("/_sandbox/merge", self.merge, methods=post),
                Route("/_sandbox/visit", self.visit, methods=post),
                Route("/_sandbox/tick", self.tick, methods=post),
                Route("/_sandbox/reindex", self.reindex, methods=post),
                Route("/_sandbox/restart", self.restart, methods=post),
                Route("/_sandbox/switches", self.switch, methods=["GET", "POST"]),
                Route("/_sandbox/stats", self.stats),
                Route("/_sandbox/stats/reset", self.reset, methods=post),
                Route("/_sandbox/truth/{stream}", self.truth),
            ],
            exception_handlers=dict.fromkeys((KeyError, TypeError, ValueError), _refused),
        )

    def _named(self, order: Json) -> Collection:
        """Return the objects that an order is about: conversations unless it says `of`."""
        return collection_of(self._workspace, order.get("of", "conversations"))

    async def touch(self, request: Request) -> Response:
        """Change objects: {"ids": [...]} or {"count": n}, and of, at, kind, late."""
        order = await _order(request)
        how = order.get("at"), order.get("kind", ""), order.get("late", 0.0)
        collection = self._named(order)
        if "ids" in order:
            touched = collection.touch(order["ids"], *how)
        else:
            touched = collection.touch_some(order.get("count", 1), *how)
        return JSONResponse({"touched": [{"id": i, "updated_at": t} for i, t in touched]})

    async def bulk_touch(self, request: Request) -> Response:
        """Give conversations one moment: {"ids": [...]} or {"count": n}, and at."""
        order = await _order(request)
        with self._workspace.lock:
            at = order.get("at", self._workspace.now + 1)
            if "ids" in order:
                count = self._workspace.bulk_touch(order["ids"], at)
            else:
                count = len(self._workspace.touch_some(order["count"], at, "attribute"))
        return JSONResponse({"count": count, "updated_at": at})

    async def create(self, request: Request) -> Response:
        """Begin objects: {"count": n}, and of, at; of conversations, parts."""
        order = await _order(request)
        collection, count, at = self._named(order), order.get("count", 1), order.get("at")
        if collection is self._workspace:
            born = self._workspace.create(count, at, order.get("parts", 1))
        else:
            born = collection.create(count, at)
        return JSONResponse({"ids": born})

    async def delete(self, request: Request) -> Response:
        """Delete objects: {"ids": [...]} or {"count": n}, and of, at."""
        order = await _order(request)
        collection = self._named(order)
        with self._workspace.lock:
            ids = order["ids"] if "ids" in order else collection.some(order.get("count", 1))
            return JSONResponse({"ids": collection.delete(ids, order.get("at"))})

    async def merge(self, request: Request) -> Response:
        """Merge a contact into another: {"source": id, "target": id}, and at."""
        order = await _order(request)
        contacts = self._workspace.contacts
        at = contacts.merge(order["source"], order["target"], order.get("at"))
        return JSONResponse({"merged_at": at})

    async def visit(self, request: Request) -> Response:
        """Let somebody of companies come by: {"ids": [...]}, and at."""
        order = await _order(request)
        self._workspace.companies.visit(order["ids"], order.get("at"))
        return JSONResponse({})

    async def tick(self, request: Request) -> Response:
        """Let simulated time pass: {"seconds": n}."""
        order = await _order(request)
        return JSONResponse({"now": self._workspace.tick(order.get("seconds", 1))})

    async def reindex(self, _request: Request) -> Response:
        """Let the search catch up with all changes at once."""
        return JSONResponse({"pending": self._workspace.reindex(everything=True)})

    async def restart(self, _request: Request) -> Response:
        """Have cursors given out so far be stale ones."""
        self._gate.restart()
        return JSONResponse({})

    async def switch(self, request: Request) -> Response:
        """Show the switches, or set those in the body."""
        if request.method == "POST":
            self._switches.set(**await _order(request))
        return JSONResponse(self._switches.as_dict())

    async def stats(self, _request: Request) -> Response:
        """Show what was asked for so far."""
        workspace = self._workspace
        known = {"conversations": len(workspace), "now": workspace.now}
        return JSONResponse({**self._counters.as_dict(), **known})

    async def reset(self, _request: Request) -> Response:
        """Count from zero, and let the faults begin anew."""
        self._counters.reset()
        self._gate.faults.forget()
        return JSONResponse({})

    async def truth(self, request: Request) -> Response:
        """Show what a perfect copy would hold, a row a line."""
        stream = request.path_params["stream"]
        if stream not in STREAMS:
            raise ValueError(f"no such stream: {stream}, one of {', '.join(STREAMS)}")
        return StreamingResponse(self._lines(stream), media_type="application/x-ndjson")

    async def _lines(self, stream: str) -> AsyncIterator[bytes]:
        rows = truth(self._workspace, stream)
        while chunk := list(islice(rows, _ROWS_AT_ONCE)):
            yield b"".join(encode(row) + b"\n" for row in chunk)
            # Others are served in between.
            await asyncio.sleep(0)


async def _order(request: Request) -> Json:
    body = await request.body()
    order = json.loads(body) if body else {}
    if not isinstance(order, dict):
        raise TypeError("the body must be an object")
    return order


async def _refused(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)
