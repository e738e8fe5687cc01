"""What is measured, each against a workspace made for it."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass
from functools import partial

from benchmarks import written
from benchmarks.people import companies, contacts
from benchmarks.programs import Source, Tap, TapIntercom, bare_loop
from benchmarks.results import (
    Airbyte,
    AllStreams,
    Cpu,
    FirstLoad,
    Load,
    Memory,
    NothingNew,
    Parts,
    Privacy,
    Program,
    Shape,
    Shapes,
)
from benchmarks.running import OUTPUT, expect, workspace
from sandbox.moments import ACTIVITIES

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.results import Results, Run
    from benchmarks.running import Workspace

PAGE = 150
SEARCH_SHARE = 4
"""One in so many requests in flight may be a search page."""
VERSIONS = ("2.16", TapIntercom.API_VERSION)
PRESETS = ("none", "analytics", "strict")
PRIVACY_KEY = "a key for measuring, and for nothing else"
COUNT_CAP = 10_000
"""Rows that no `total_count` goes beyond, as search engines are often set up."""
CHANGED = (
    "conversations",
    "conversation_parts",
    "conversation_tags",
    "conversation_contacts",
    "conversation_teammates",
    "conversation_handling_events",
    "side_conversation_parts",
)
"""The streams that go over the conversations' pages."""


@dataclass(frozen=True)
class Size:
    """How much of everything is measured."""

    rounds: int = 5
    cpu: int = 20_000
    first_load: int = 12_000
    latencies: tuple[float, ...] = (0.2, 0.8)
    concurrencies: tuple[int, ...] = (1, 8, 32, 100)
    shapes: int = 30_000
    shapes_latency: float = 0.4
    shapes_lanes: tuple[int, ...] = (8, 25)
    parts: int = 5_000
    rate_limit: int = 10_000
    memory: tuple[int, ...] = (5_000, 50_000, 500_000)
    nothing_new: int = 5_000
    contacts: int = 50_000
    contacts_latency: float = 0.4
    companies: int = 25_000
    company_rate: int = 100
    company_pause: float = 90.0


FULL = Size()
QUICK = Size(
    rounds=2,
    cpu=3_000,
    first_load=3_000,
    latencies=(0.1,),
    concurrencies=(1, 32),
    shapes=1_500,
    shapes_latency=0.05,
    parts=600,
    rate_limit=1_200,
    memory=(2_000, 8_000),
    nothing_new=500,
    contacts=1_500,
    contacts_latency=0.05,
    companies=10_050,
    company_rate=5_000,
    company_pause=0.1,
)


def cpu(size: Size) -> Cpu:
    """The same conversations by each program, in turns, so that all meet the same noise."""
    path = OUTPUT / "messages.jsonl"
    with workspace(size.cpu) as full, workspace(0) as empty:
        contenders, starters = _contenders(full), _contenders(empty)
        programs = {names: Program(*names, 0.0, [], []) for names in contenders}
        # The first round only warms up what is read from disk.
        for number in range(size.rounds + 1):
            for names, program in programs.items():
                took = contenders[names](path)
                if number:
                    program.runs.append(took)
                    program.empty.append(starters[names](path))
                    continue
                program.megabytes = full.stats()["bytes_sent"] / 1e6
                expect(written.read(path).records == size.cpu, f"{program.name} missed some")
    path.unlink()
    return Cpu(size.cpu, list(programs.values()))


def _contenders(server: Workspace) -> dict[tuple[str, str], Callable[[Path], Run]]:
    """What is compared, by name and API version; each gets the path that its output goes to."""
    taps = {version: Tap(server, api_version=version) for version in VERSIONS}
    contenders: dict[tuple[str, str], Callable[[Path], Run]] = {}
    for version, tap in taps.items():
        contenders["bare loop", version] = partial(bare_loop, server, version)
        contenders[Tap.name, version] = partial(_conversations, tap)
    contenders[TapIntercom.name, TapIntercom.API_VERSION] = TapIntercom(server).sync
    return contenders


def _conversations(tap: Tap, out: Path) -> Run:
    return tap.sync("conversations", stdout=out)


def first_load(size: Size) -> FirstLoad:
    """All conversations at a page's latency, more and more of them at once."""
    loads: list[Load] = []
    digests: set[str] = set()
    with workspace(size.first_load) as server:
        # As in a real workspace, the last change is a moment ago.
        tap = Tap(server, end_date=server.now)
        for latency in size.latencies:
            for concurrency in size.concurrencies:
                load, digest = _load(server, tap, size.first_load, latency, concurrency)
                loads.append(load)
                digests.add(digest)
    expect(len(digests) == 1, "records differ")
    return FirstLoad(size.first_load, math.ceil(size.first_load / PAGE), loads)


def _load(
    server: Workspace, tap: Tap, conversations: int, latency: float, concurrency: int
) -> tuple[Load, str]:
    """Load all conversations; returns what it took, and a digest of the records."""
    path = OUTPUT / "messages.jsonl"
    server.switch(search_latency=latency)
    took = tap.sync("conversations", stdout=path, max_concurrency=concurrency)
    at_once = server.stats()["max_in_flight"]
    expect(at_once <= max(concurrency // SEARCH_SHARE, 1), "too many at once")
    output = written.read(path)
    path.unlink()
    expect(output.records == conversations, "some were missed, or came twice")
    expect(output.ascending, "records are not in order")
    return Load(latency, concurrency, at_once, took), output.digest


def shapes(size: Size) -> Shapes:
    """First loads where activity is spread over 400 days in other ways than evenly."""
    cases = [(activity, None) for activity in ACTIVITIES] + [("growth", COUNT_CAP)]
    measured = []
    for activity, cap in cases:
        with workspace(size.shapes, f"--activity={activity}") as server:
            if cap:
                server.switch(count_lie="capped", count_cap=cap)
            tap = Tap(server, end_date=server.now)
            loads = [
                _load(server, tap, size.shapes, size.shapes_latency, lanes * SEARCH_SHARE)[0]
                for lanes in size.shapes_lanes
            ]
        measured.append(Shape(activity, cap, loads))
    return Shapes(size.shapes, math.ceil(size.shapes / PAGE), measured)


def all_streams(size: Size) -> AllStreams:
    """Streams that go over the same pages, all at once, and `conversations` alone."""
    searches: dict[int, int] = {}
    with workspace(size.shapes) as server:
        tap = Tap(server, end_date=server.now)
        for streams in (CHANGED[:1], CHANGED):
            took = tap.sync(*streams)
            searches[len(streams)] = server.stats()["by_endpoint"]["search"]
    return AllStreams(size.shapes, searches, took)


def parts(size: Size) -> Parts:
    """Parts of all conversations, a request each, under the budget of a workspace."""
    latency = "0.15-0.25"
    options = (f"--latency={latency}", f"--rate-limit={size.rate_limit}")
    with workspace(size.parts, *options) as server:
        took = Tap(server).sync("conversation_parts")
        stats = server.stats()
    expect(stats["by_endpoint"]["conversation"] == size.parts, "some were missed")
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


def airbyte(size: Size) -> Airbyte:
    """The same conversations over both protocols, in turns, and what `spec` alone takes."""
    path = OUTPUT / "messages.jsonl"
    measured = Airbyte(size.cpu, [], [], [Source.spec() for _ in range(size.rounds)])
    with workspace(size.cpu) as server:
        tap, source = Tap(server), Source(server)
        for _ in range(size.rounds):
            measured.singer.append(tap.sync("conversations", stdout=path))
            measured.airbyte.append(source.read(path))
            expect(written.read(path).records == size.cpu, "some were missed")
    path.unlink()
    return measured


def privacy(size: Size) -> Privacy:
    """The same conversations with each preset, in turns."""
    path = OUTPUT / "messages.jsonl"
    measured = Privacy(size.cpu, {preset: [] for preset in PRESETS})
    with workspace(size.cpu) as server:
        tap = Tap(server)
        for _ in range(size.rounds):
            for preset, runs in measured.presets.items():
                key = None if preset == "none" else PRIVACY_KEY
                took = tap.sync("conversations", stdout=path, privacy=preset, privacy_key=key)
                runs.append(took)
                expect(written.read(path).records == size.cpu, "some were missed")
    path.unlink()
    return measured


MEASURES = {
    "cpu": cpu,
    "first_load": first_load,
    "shapes": shapes,
    "all_streams": all_streams,
    "parts": parts,
    "memory": memory,
    "nothing_new": nothing_new,
    "airbyte": airbyte,
    "privacy": privacy,
    "contacts": contacts,
    "companies": companies,
}


def measure(name: str, size: Size, results: Results) -> None:
    """Measure one thing, and note it in the results."""
    setattr(results, name, MEASURES[name](size))
