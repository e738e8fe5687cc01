"""What was measured: plain data, as it stands in results.json."""

from __future__ import annotations

import os
import platform
import statistics
import typing as t
from datetime import datetime, timezone

import msgspec

if t.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MIB = 2**20


class Run(msgspec.Struct):
    """What one run of a program took.

    Attributes:
        cpu: Seconds of user and system time, of all its threads.
        wall: Seconds from start to end, start-up included.
        peak: The most memory it had at once (resident), in MiB.
        requests: Requests that reached the sandbox.
    """

    cpu: float
    wall: float
    peak: float
    requests: int = 0


class Program(msgspec.Struct):
    """The runs of one of the programs compared, and its runs on an empty workspace."""

    name: str
    api_version: str
    megabytes: float
    runs: list[Run]
    empty: list[Run]

    @property
    def cpu_per_page(self) -> float:
        """Seconds of CPU for a page fetched: what starting costs is left out."""
        run, start = typical(self.runs), typical(self.empty)
        return (run.cpu - start.cpu) / (run.requests - start.requests)


class Cpu(msgspec.Struct):
    """The same conversations by several programs, in turns."""

    conversations: int
    programs: list[Program]


class Load(msgspec.Struct):
    """A first load with so many requests, and so many pages among them, in flight."""

    page_seconds: float
    max_concurrency: int
    pages_at_once: int
    run: Run


class FirstLoad(msgspec.Struct):
    """First loads at several latencies; all wrote the same records in ascending order."""

    conversations: int
    pages: int
    loads: list[Load]


class Shape(msgspec.Struct):
    """First loads of a workspace whose activity is spread over time in one way."""

    activity: str
    count_cap: int | None
    loads: list[Load]


class Shapes(msgspec.Struct):
    """First loads with activity of several shapes."""

    conversations: int
    pages: int
    shapes: list[Shape]


class AllStreams(msgspec.Struct):
    """All streams that go over the conversations' pages, and `conversations` alone.

    Attributes:
        searches: Search requests, by how many streams were selected.
    """

    conversations: int
    searches: dict[int, int]
    run: Run


class Parts(msgspec.Struct):
    """Parts at the pace that the budget allows.

    Attributes:
        budget: Requests that the workspace has in a window of ten seconds.
        share: The part of it that the tap may use.
        windows: Requests in each window that the sync filled, from its start to its end.
        refused: Answers with status 429.
    """

    conversations: int
    latency: str
    budget: float
    share: float
    windows: list[int]
    refused: int
    run: Run

    @property
    def used(self) -> float:
        """The part of its share that the tap did use, in the windows that it filled."""
        if not self.windows:
            return 0.0
        return statistics.fmean(self.windows) / (self.budget * self.share)


class Memory(msgspec.Struct):
    """A first load of so many conversations."""

    conversations: int
    run: Run


class NothingNew(msgspec.Struct):
    """Syncs after which nothing has changed; `version` is what `--version` alone takes."""

    conversations: int
    streams: dict[str, list[Run]]
    version: list[Run]


class Airbyte(msgspec.Struct):
    """The same conversations over both protocols, in turns; `spec` is what that alone takes."""

    conversations: int
    singer: list[Run]
    airbyte: list[Run]
    spec: list[Run]


class Privacy(msgspec.Struct):
    """The same conversations with each value of the setting `privacy`, in turns."""

    conversations: int
    presets: dict[str, list[Run]]


class Contacts(msgspec.Struct):
    """First loads of contacts whose activity is spread evenly over 400 days, by API version."""

    contacts: int
    pages: int
    page_seconds: float
    loads: dict[str, Run]


class Companies(msgspec.Struct):
    """Companies by scroll, into a target that takes so many a second and rests once for so long."""

    companies: int
    rows_per_second: int
    pause_seconds: float
    run: Run


class Results(msgspec.Struct):
    """All of it, with when and where."""

    date: str
    machine: str
    command: str
    cpu: Cpu | None = None
    first_load: FirstLoad | None = None
    shapes: Shapes | None = None
    all_streams: AllStreams | None = None
    parts: Parts | None = None
    memory: list[Memory] | None = None
    nothing_new: NothingNew | None = None
    airbyte: Airbyte | None = None
    privacy: Privacy | None = None
    contacts: Contacts | None = None
    companies: Companies | None = None


def begin(command: str) -> Results:
    """Results without figures, of now and this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    machine = (
        f"{cores} cores ({platform.machine()}), {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )
    return Results(f"{datetime.now(timezone.utc):%Y-%m-%d}", machine, command)


def median(runs: Sequence[Run], value: Callable[[Run], float]) -> float:
    """The median of something of the runs."""
    return statistics.median(map(value, runs))


def typical(runs: Sequence[Run]) -> Run:
    """A run whose every figure is the median of that figure."""
    return Run(
        cpu=median(runs, lambda run: run.cpu),
        wall=median(runs, lambda run: run.wall),
        peak=median(runs, lambda run: run.peak),
        requests=round(median(runs, lambda run: run.requests)),
    )


def encode(results: Results) -> bytes:
    """As JSON, to be read by people too."""
    return msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n"


def decode(text: bytes) -> Results:
    """What `encode` made."""
    return msgspec.json.decode(text, type=Results)
