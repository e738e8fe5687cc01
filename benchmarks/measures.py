"""The five things that are measured, each against a workspace made for it."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass
from datetime import datetime, timezone

from benchmarks import written
from benchmarks.programs import Tap, TapIntercom, bare_loop
from benchmarks.results import (
    Cpu,
    FirstLoad,
    Load,
    Memory,
    NothingNew,
    Parts,
    Program,
)
from benchmarks.running import OUTPUT, workspace
from demo.processes import Failed

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.results import Results, Run

PAGE = 150
SEARCH_SHARE = 4
"""One in so many requests in flight may be a search page; see `changes.py`."""
API_VERSION = "2.16"


@dataclass(frozen=True)
class Size:
    """How much of everything is measured."""

    rounds: int = 5
    cpu: int = 20_000
    first_load: int = 12_000
    latencies: tuple[float, ...] = (0.2, 0.8)
    concurrencies: tuple[int, ...] = (1, 8, 32, 100)
    parts: int = 5_000
    rate_limit: int = 10_000
    memory: tuple[int, ...] = (5_000, 50_000, 500_000)
    nothing_new: int = 5_000


FULL = Size()
QUICK = Size(
    rounds=2,
    cpu=3_000,
    first_load=3_000,
    latencies=(0.1,),
    concurrencies=(1, 32),
    parts=600,
    rate_limit=1_200,
    memory=(2_000, 8_000),
    nothing_new=500,
)


def cpu(size: Size) -> Cpu:
    """The same conversations by each program, in turns, so that all meet the same noise."""
    path = OUTPUT / "messages.jsonl"
    with workspace(size.cpu) as server:
        other = TapIntercom(server)
        newest, oldest = Tap(server), Tap(server, api_version=TapIntercom.API_VERSION)
        contenders: list[tuple[str, str, Callable[[Path], Run]]] = [
            ("bare loop", API_VERSION, lambda out: bare_loop(server, API_VERSION, out)),
            (Tap.name, API_VERSION, lambda out: newest.sync("conversations", stdout=out)),
            (
                "bare loop",
                TapIntercom.API_VERSION,
                lambda out: bare_loop(server, TapIntercom.API_VERSION, out),
            ),
            (
                Tap.name,
                TapIntercom.API_VERSION,
                lambda out: oldest.sync("conversations", stdout=out),
            ),
            (TapIntercom.name, TapIntercom.API_VERSION, other.sync),
        ]
        programs = [Program(name, version, 0.0, []) for name, version, _ in contenders]
        # The first round only warms up what is read from disk.
        for number in range(size.rounds + 1):
            for program, (_, _, start) in zip(programs, contenders, strict=True):
                took = start(path)
                if number:
                    program.runs.append(took)
                    continue
                program.megabytes = server.stats()["bytes_sent"] / 1e6
                _expect(written.read(path).records == size.cpu, f"{program.name} missed some")
    path.unlink()
    return Cpu(size.cpu, programs)


def first_load(size: Size) -> FirstLoad:
    """All conversations at a page's latency, more and more of them at once."""
    path = OUTPUT / "messages.jsonl"
    loads: list[Load] = []
    digests: set[str] = set()
    with workspace(size.first_load) as server:
        # As in a real workspace, the last change is a moment ago: the sandbox's clock stands still.
        end = datetime.fromtimestamp(server.stats()["now"] + 1, timezone.utc)
        tap = Tap(server, end_date=end.isoformat())
        for latency in size.latencies:
            server.switch(search_latency=latency)
            for concurrency in size.concurrencies:
                took = tap.sync("conversations", stdout=path, max_concurrency=concurrency)
                at_once = server.stats()["max_in_flight"]
                _expect(at_once <= max(concurrency // SEARCH_SHARE, 1), "too many at once")
                loads.append(Load(latency, concurrency, at_once, took))
                output = written.read(path)
                _expect(output.records == size.first_load, "some were missed")
                _expect(output.ascending, "records are not in order")
                digests.add(output.digest)
    _expect(len(digests) == 1, "records differ")
    path.unlink()
    return FirstLoad(size.first_load, math.ceil(size.first_load / PAGE), loads)


def parts(size: Size) -> Parts:
    """Parts of all conversations, a request each, under the budget of a workspace."""
    latency = "0.15-0.25"
    options = (f"--latency={latency}", f"--rate-limit={size.rate_limit}")
    with workspace(size.parts, *options) as server:
        took = Tap(server).sync("conversation_parts")
        stats = server.stats()
    _expect(stats["by_endpoint"]["conversation"] == size.parts, "some were missed")
    return Parts(
        conversations=size.parts,
        latency=latency,
        budget=size.rate_limit / 6,
        share=0.9,
        windows=whole_windows(stats["by_window"]),
        refused=stats["rate_limited"],
        run=took,
    )


def whole_windows(by_window: dict[str, int]) -> list[int]:
    """The requests of each window but the first and the last, which were not all ours to fill."""
    return [count for _, count in sorted(by_window.items(), key=lambda item: int(item[0]))][1:-1]


def memory(size: Size) -> list[Memory]:
    """First loads of larger and larger workspaces."""
    measured = []
    for conversations in size.memory:
        with workspace(conversations) as server:
            server.switch(gzip=True)  # as Intercom answers: what waits for its turn stays packed
            measured.append(Memory(conversations, Tap(server).sync("conversations")))
    return measured


def nothing_new(size: Size) -> NothingNew:
    """Syncs that find nothing to do, each after one that had all to do."""
    path = OUTPUT / "messages.jsonl"
    streams: dict[str, list[Run]] = {}
    with workspace(size.nothing_new) as server:
        tap = Tap(server)
        for stream in ("conversations", "conversation_parts"):
            tap.sync(stream, stdout=path)
            state = written.read(path).state
            streams[stream] = [tap.sync(stream, state=state) for _ in range(size.rounds)]
    path.unlink()
    return NothingNew(size.nothing_new, streams, [Tap.version() for _ in range(size.rounds)])


MEASURES = {
    "cpu": cpu,
    "first_load": first_load,
    "parts": parts,
    "memory": memory,
    "nothing_new": nothing_new,
}


def measure(name: str, size: Size, results: Results) -> None:
    """Measure one thing, and note it in the results."""
    setattr(results, name, MEASURES[name](size))


def _expect(true: bool, otherwise: str) -> None:  # noqa: FBT001  the condition itself
    if not true:
        raise Failed(f"The figures would mean nothing: {otherwise}", OUTPUT / "run.log")
