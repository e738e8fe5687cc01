"""Broken off anywhere, a read over the Airbyte protocol goes on like one of Singer's side."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox
from tests.conftest import PLENTY
from tests.resilience.copy import Copy
from tests.resilience.harness import BOTH, Tap, at_each_request, say
from tests.resilience.kills import TIES, kill_again_and_again, tied_workspace
from tests.support import airbyte
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Json, Serve

STATUSES = {signal.SIGTERM: 143, signal.SIGINT: 130}
KILLS = 4


class Source(Tap):
    """The other command; what it writes is put into Singer's form, and kept as it was, too."""

    command = ("tap_intercom_conversations.airbyte", "read")

    def __init__(self, folder: Path, server: Sandbox, *streams: str, **settings: Any) -> None:
        super().__init__(folder, server, *streams, **settings)
        self._bookmarks: Json = {}
        self.written: list[Json] = []

    def catalog(self, config: Json, streams: tuple[str, ...]) -> Json:
        """The configured catalog."""
        return airbyte.catalog_of(config, streams)

    def state(self, state: Json) -> list[Json]:
        """One message a stream, as a platform gives them back."""
        return [
            {
                "type": "STREAM",
                "stream": {"stream_descriptor": {"name": name}, "stream_state": blob},
            }
            for name, blob in state.get("bookmarks", {}).items()
        ]

    def decode(self, line: bytes) -> Json | None:
        """A record, or the state of all streams so far."""
        message = airbyte.validated(line)
        self.written.append(message)
        if message["type"] == "RECORD":
            record = message["record"]
            return {"type": "RECORD", "stream": record["stream"], "record": record["data"]}
        if message["type"] == "STATE":
            stream = message["state"]["stream"]
            self._bookmarks[stream["stream_descriptor"]["name"]] = stream["stream_state"]
            return {"type": "STATE", "value": {"bookmarks": {**self._bookmarks}}}
        return None


def test_killed_among_thousands_of_ties(tmp_path: Path) -> None:
    with Sandbox(tied_workspace(seed=7), rate_limit=PLENTY) as server:
        chain = kill_again_and_again(server, tmp_path, seed=71, kills=KILLS, command=Source)
    # A run may come to its end before its moment does.
    assert chain.kills.total() > KILLS / 2
    say(
        f"{dict(chain.kills)} kills over the Airbyte protocol with {TIES} ties: "
        f"{chain.rows} rows right, {chain.repeated} read twice"
    )


@pytest.mark.parametrize("number", STATUSES)
def test_a_signal(serve: Serve, tmp_path: Path, number: signal.Signals) -> None:
    server = serve(60, latency=0.02)
    source = Source(tmp_path, server, *BOTH, page_size=10, max_concurrency=4, **WHOLE)
    copy = Copy()
    with source.run() as process:

        def strike(request: int) -> None:
            if request == 30:
                process.signal(number)

        with at_each_request(server, strike):
            copy.take(process.lines())
        status, errors = process.ended()
    assert (status, errors) == (STATUSES[number], "")
    # A last state, then how the stream ended, then why, then the table.
    why = {"level": "WARN", "message": f"Stopped by {number.name}"}
    at = [each.get("log") for each in source.written].index(why)
    state, incomplete = source.written[at - 2 : at]
    assert state["type"] == "STATE"
    assert incomplete["trace"]["stream_status"]["status"] == "INCOMPLETE"
    last = {"level": "INFO", "message": "The next run goes on from the last STATE."}
    assert source.written[-1]["log"] == last
    assert not [each for each in source.written if "error" in each.get("trace", {})]

    with source.run(copy.state) as process:
        copy.take(process.lines())
        status, errors = process.ended()
    assert (status, errors) == (0, "")
    rows = copy.check(server.workspace, *BOTH)
    say(f"{number.name} over the Airbyte protocol: status {STATUSES[number]}, then {rows} right")
