"""Every request's way through the sandbox: token, budget, latency, faults, version, answer."""

from __future__ import annotations

import asyncio
import hmac
import traceback
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandbox import wire
from sandbox.answers import Answer, ApiError
from sandbox.api import BREAKABLE, PAGES, Api, endpoint_of
from sandbox.chance import stream, uuid_id
from sandbox.faults import ON_THE_WIRE, Faults, faulty_answer
from sandbox.limits import Limiter
from sandbox.packing import packed_in, said_of
from sandbox.render import Cache
from sandbox.request import Request
from sandbox.versions import KNOWN
from sandbox.workspace import collection_of

if TYPE_CHECKING:
    from sandbox.counters import Counters
    from sandbox.limits import Budget
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

Scope = dict[str, Any]

_WORTH_PACKING = 600
_KEPT_ANSWERS = 64 * 2**20
_ERRORS_FROM = 400
_DENIALS = {"token_unauthorized": 401, "api_plan_restricted": 403}


@dataclass(slots=True)
class Call:
    """A request as it came in."""

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    body: bytes
    endpoint: str
    identifier: str
    number: int

    @property
    def request_id(self) -> str:
        """Return the id that error answers carry."""
        return uuid_id("request", self.number)

    @property
    def signature(self) -> bytes:
        """Return what makes two requests the same one."""
        return b"\n".join((self.method.encode(), self.path.encode(), self.query, self.body))

    def header(self, name: bytes) -> str:
        """Return a header, empty if it was not sent."""
        return self.headers.get(name, b"").decode("latin-1")


class Gate:
    """Answers the API's requests."""

    def __init__(self, workspace: Workspace, switches: Switches, counters: Counters) -> None:
        self.api = Api(workspace, switches)
        self.faults = Faults(switches, counters)
        self.limiter = Limiter(switches)
        self._workspace = workspace
        self._switches = switches
        self._counters = counters
        self._answers = Cache(_KEPT_ANSWERS)
        self._number = 0

    def restart(self) -> None:
        """Begin anew as a server: cursors given out so far are stale ones from now on."""
        self.api.restart()
        self._answers.clear()

    async def __call__(self, scope: Scope, receive: wire.Receive, send: wire.Send) -> None:
        """Serve one request."""
        call = await self._read(scope, receive)
        self._counters.begin(call.endpoint, self.limiter.window())
        status, size = "gone", 0
        try:
            answer, fault = await self._decide(call)
            status, size = fault or str(answer.status), len(answer.body)
            await self._send(receive, send, answer, fault)
        except Exception:
            self._counters.internal_errors.append(traceback.format_exc())
            raise
        finally:
            self._counters.end(call.endpoint, status, size)

    async def _read(self, scope: Scope, receive: wire.Receive) -> Call:
        method, path = scope["method"], scope["path"]
        body = await _body(receive) if method == "POST" else b""
        self._number += 1
        headers = dict(scope["headers"])
        query = scope["query_string"]
        return Call(method, path, query, headers, body, *endpoint_of(method, path), self._number)

    async def _decide(self, call: Call) -> tuple[Answer, str]:
        """Return the answer to a request, and the fault on the wire that befalls it."""
        refusal = self._check_token(call)
        if refusal:
            return refusal.answer(call.request_id), ""
        budget = self.limiter.admit()
        if not budget.admitted:
            error = ApiError(429, "rate_limit_exceeded", "Exceeded rate limit")
            return self._with_budget(error.answer(call.request_id), budget), ""
        await self._wait(call)
        fault = self.faults.draw(call.endpoint, call.signature)
        answer = faulty_answer(fault, call.request_id) if fault else None
        if fault in ("429_bare", "401") and answer:
            return answer, ""
        if answer is None:
            answer = self._answer(call)
        if self._switches.error_code_size and answer.status >= _ERRORS_FROM:
            answer = ApiError(answer.status, "x" * self._switches.error_code_size).answer(None)
        if fault == "429":
            budget = replace(budget, remaining=0)
        if self._never_ends(call):
            fault = "drip"
        return self._with_budget(answer, budget), fault if fault in ON_THE_WIRE else ""

    def _never_ends(self, call: Call) -> bool:
        switches = self._switches
        chosen = call.endpoint in BREAKABLE and call.identifier in switches.broken
        return chosen and not switches.broken_status

    def _check_token(self, call: Call) -> ApiError | None:
        given = call.header(b"authorization")
        wanted = f"Bearer {self._switches.token}"
        expired = 0 <= self._switches.unauthorized_after < self._counters.requests
        if expired or not hmac.compare_digest(given.encode(), wanted.encode()):
            return ApiError(401, "unauthorized", "Access Token Invalid")
        return None

    def _with_budget(self, answer: Answer, budget: Budget) -> Answer:
        answer.headers |= budget.headers(self._switches)
        if answer.status == 429 and self._switches.retry_after:  # noqa: PLR2004  the status itself
            answer.headers["Retry-After"] = str(ceil(budget.seconds))
        return answer

    async def _wait(self, call: Call) -> None:
        latency = self._switches.latency
        if call.endpoint in PAGES and self._switches.search_latency is not None:
            latency = self._switches.search_latency
        low, high = latency
        if high > 0:
            await asyncio.sleep(stream(51, call.number).uniform(low, high))

    def _answer(self, call: Call) -> Answer:
        """Return the API's own answer, from those that were given before if nothing changed."""
        packed = self._switches.gzip and "gzip" in call.header(b"accept-encoding")
        version = call.header(b"intercom-version")
        with self._workspace.lock:
            self._workspace.reindex()
            state = (self._workspace.revision, self._switches.generation)
        key = (call.signature, call.header(b"host"), version, packed, state)
        kept = self._answers.get(key)
        if kept is not None:
            body = kept
            answer = Answer(body)
        else:
            answer = self._fresh(call, version)
            worth = len(answer.body) > _WORTH_PACKING
            packed = packed and worth
            if packed:
                answer.body = packed_in(self._switches.encoding, answer.body)
            lasting = answer.lasting and not self._switches.changeable
            if lasting and worth and answer.status == 200:  # noqa: PLR2004  OK
                self._answers.put(key, answer.body)
        if packed:
            answer.headers["Content-Encoding"] = said_of(self._switches.encoding)
        answer.headers["Intercom-Version"] = version or self._switches.default_version
        self._churn(call)
        return answer

    def _churn(self, call: Call) -> None:
        """Let rows change between two pages, if they are to."""
        if self._switches.churn and call.endpoint in PAGES:
            changing = collection_of(self._workspace, PAGES[call.endpoint])
            changing.touch_some(self._switches.churn)

    def _fresh(self, call: Call, version: str) -> Answer:
        try:
            place = self._permitted(call, version)
            url = f"http://{call.header(b'host')}{call.path}"
            request = Request(url, dict(parse_qsl(call.query.decode())), call.body, place)
            return self.api.answer(call.endpoint, call.identifier, request)
        except ApiError as error:
            return error.answer(call.request_id)
        except Exception:  # noqa: BLE001  a bug of the sandbox: kept for its owner to raise
            self._counters.internal_errors.append(traceback.format_exc())
            return ApiError(500, "sandbox_bug", "see internal_errors").answer(call.request_id)

    def _permitted(self, call: Call, version: str) -> int:
        """Return the version's place in their order, if it and the token are good for this."""
        place = KNOWN.get(version or self._switches.default_version)
        if place is None:
            raise ApiError(400, "intercom_version_invalid", "No such version")
        code = self._switches.denied.get(call.endpoint)
        if code:
            raise ApiError(_DENIALS.get(code, 403), code, "Not permitted")
        return place

    async def _send(
        self, receive: wire.Receive, send: wire.Send, answer: Answer, fault: str
    ) -> None:
        answer.headers["Date"] = self.limiter.date()
        if fault == "slow":
            await wire.send_slowly(send, answer, self._switches.slow_seconds)
        elif fault:
            await wire.send_faulty(fault, receive, send, answer)
        else:
            await wire.send_whole(send, answer)


async def _body(receive: wire.Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)
