"""Contacts and companies: how fast they load, and whether a slow target costs a row or memory."""

from __future__ import annotations

import math
import time
import typing as t

from benchmarks import written
from benchmarks.programs import Tap
from benchmarks.results import Companies, Contacts
from benchmarks.running import OUTPUT, expect, workspace

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.measures import Size

PAGE = 150
EXACT, BY_DAY = "2.17", "2.16"
"""Versions whose search of contacts compares seconds, and days."""


def contacts(size: Size) -> Contacts:
    """All contacts at a page's latency, by a search of seconds and by one of days."""
    path = OUTPUT / "messages.jsonl"
    options = ("--activity=even", f"--contacts={size.contacts}")
    measured = Contacts(size.contacts, math.ceil(size.contacts / PAGE), size.contacts_latency, {})
    with workspace(10, *options) as server:
        server.switch(search_latency=size.contacts_latency)
        for version in (EXACT, BY_DAY):
            tap = Tap(server, api_version=version, end_date=server.now)
            measured.loads[version] = tap.sync("contacts", stdout=path)
            output = written.read(path)
            expect(output.records == size.contacts, "some were missed, or came twice")
    path.unlink()
    return measured


def companies(size: Size) -> Companies:
    """More companies than their list serves, by scroll, into a target that takes its time."""
    count, rate, pause = size.companies, size.company_rate, size.company_pause
    taken: set[str] = set()
    options = (f"--companies={count}", "--contacts=10", "--switch=scroll_clock=real")
    with workspace(10, *options) as server:
        took = Tap(server).sync("companies", use=_slowly(taken, rate, pause))
    expect(len(taken) == count, f"{len(taken)} came of {count}")
    return Companies(count, rate, pause, took)


def _slowly(taken: set[str], rate: int, pause: float) -> Callable[[t.IO[str]], None]:
    """Make what takes so many rows a second, and after its first second rests for so long."""

    def use(lines: t.IO[str]) -> None:
        for number, identifier in enumerate(written.ids(lines), 1):
            taken.add(identifier)
            if number % rate == 0:
                time.sleep(1.0 if number > rate else 1.0 + pause)

    return use
