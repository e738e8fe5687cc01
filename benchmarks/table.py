"""The results as Markdown tables."""

from __future__ import annotations

import typing as t

from benchmarks.people import EXACT
from benchmarks.results import typical

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from benchmarks.results import (
        Airbyte,
        AllStreams,
        Companies,
        Contacts,
        Cpu,
        FirstLoad,
        Load,
        Memory,
        NothingNew,
        Parts,
        Privacy,
        Program,
        Results,
        Shapes,
    )


CONDITIONS = (
    "The simulated workspace runs beside the program on the same cores. Its conversations "
    "share 300 stories, so that serving costs little; answers are gzipped for memory only, so "
    "that packing costs nobody's CPU. `tap-intercom` is sent there by a wrapper that replaces "
    "its address, and its query by the whole span."
)


def tables(results: Results) -> str:
    """All that was measured, one table each."""
    measured = f"Measured on {results.date}: {results.machine}; `{results.command}`."
    blocks = [measured, CONDITIONS]
    tabled: tuple[tuple[t.Any, Callable[[t.Any], Iterator[str]]], ...] = (
        (results.cpu, _cpu),
        (results.first_load, _first_load),
        (results.shapes, _shapes),
        (results.all_streams, _all_streams),
        (results.parts, _parts),
        (results.nothing_new, _nothing_new),
        (results.airbyte, _airbyte),
        (results.privacy, _privacy),
        (results.contacts, _contacts),
        (results.companies, _companies),
        (results.memory, _memory),
    )
    for figures, blocks_of in tabled:
        if figures:
            blocks += blocks_of(figures)
    return "\n\n".join(blocks) + "\n"


def _cpu(cpu: Cpu) -> Iterator[str]:
    rounds = len(cpu.programs[0].runs)
    yield f"**{cpu.conversations:,} conversations** (medians of {rounds} runs)"
    yield table(
        (
            "",
            "API version",
            "CPU",
            "CPU a page, start-up left out",
            "wall",
            "peak memory",
            "requests",
            "answers",
        ),
        (
            (
                program.name,
                program.api_version,
                f"{run.cpu:.2f} s{_times(run.cpu, typical(bare.runs).cpu)}",
                _per_page(program, bare),
                f"{run.wall:.2f} s",
                f"{run.peak:.0f} MiB",
                f"{run.requests:,}",
                f"{program.megabytes:.0f} MB",
            )
            for program in cpu.programs
            for run in [typical(program.runs)]
            for bare in [_bare(cpu, program.api_version)]
        ),
    )
    yield (
        "CPU is user and system time, start-up included, and in brackets how many times the "
        "bare loop's of the same API version. Start-up left out: less what the same program "
        "takes for an empty workspace, by pages fetched."
    )


def _bare(cpu: Cpu, version: str) -> Program:
    return next(program for program in cpu.programs if program.api_version == version)


def _per_page(program: Program, bare: Program) -> str:
    each = program.cpu_per_page
    return f"{1_000 * each:.1f} ms{_times(each, bare.cpu_per_page)}"


def _times(value: float, bare: float) -> str:
    return "" if value == bare else f" ({value / bare:.2f})"


def _first_load(first: FirstLoad) -> Iterator[str]:
    yield (
        f"**First load of {first.conversations:,} conversations**, {first.pages} pages "
        "(all with the same records in the same order)"
    )
    latencies = sorted({load.page_seconds for load in first.loads})
    runs = {(load.max_concurrency, load.page_seconds): load.run for load in first.loads}
    at_once = {load.max_concurrency: load.pages_at_once for load in first.loads}
    slowest = min(at_once)
    yield table(
        ("`max_concurrency`", "pages at once", *(f"{value} s a page" for value in latencies)),
        (
            (
                str(concurrency),
                str(at_once[concurrency]),
                *(
                    _load(runs[concurrency, value].wall, runs[slowest, value].wall)
                    for value in latencies
                ),
            )
            for concurrency in sorted(at_once)
        ),
    )


def _load(seconds: float, slowest: float) -> str:
    faster = f" ({slowest / seconds:.1f} times faster)" if seconds < slowest else ""
    return f"{seconds:.1f} s{faster}"


def _shapes(measured: Shapes) -> Iterator[str]:
    first = measured.shapes[0].loads
    seconds = first[0].page_seconds
    one_by_one = measured.pages * seconds
    yield (
        f"**First load of {measured.conversations:,} conversations by how activity is spread over "
        f"400 days**, {seconds} s a page"
    )
    yield table(
        ("activity", *(f"`max_concurrency` {load.max_concurrency}" for load in first)),
        (
            (
                f"{shape.activity}, counts capped at {shape.count_cap:,}"
                if shape.count_cap
                else shape.activity,
                *(_shape(load, one_by_one, measured.pages) for load in shape.loads),
            )
            for shape in measured.shapes
        ),
    )
    yield (
        "At most a quarter of `max_concurrency` are pages. Start-up included; times faster than "
        "one page after another, which is computed: "
        f"{measured.pages} pages of {seconds} s, {one_by_one:.0f} s; and requests beyond these "
        f"{measured.pages}. growth: with the cube of time; bursts: twelve; bulk: half of all "
        "within two hours; ties: a third within one second."
    )


def _shape(load: Load, one_by_one: float, pages: int) -> str:
    faster, more = one_by_one / load.run.wall, load.run.requests / pages - 1
    return f"{load.run.wall:.1f} s, {faster:.1f} times faster, {more:+.0%}"


def _all_streams(measured: AllStreams) -> Iterator[str]:
    (_, alone), (many, together) = sorted(measured.searches.items())
    yield (
        f"**All {many} streams over the pages of {measured.conversations:,} conversations**: "
        f"{together:,} search requests, {together / alone:.2f} times the {alone:,} of "
        f"`conversations` alone; {measured.run.requests:,} requests in all, "
        f"{measured.run.wall:.0f} s, {measured.run.peak:.0f} MiB."
    )


def _parts(parts: Parts) -> Iterator[str]:
    yield (
        f"**Parts of {parts.conversations:,} conversations**, {parts.latency} s a request, "
        f"{parts.budget * 6:,.0f} requests a minute"
    )
    run = parts.run
    yield table(
        ("conversations a second", "used of the tap's share", "429", "CPU", "peak memory"),
        (
            (
                f"{parts.conversations / run.wall:.0f}",
                f"{parts.used:.1%} (in {len(parts.windows)} whole windows of 10 s)",
                f"{parts.refused}",
                f"{run.cpu / run.wall:.0%} of a core",
                f"{run.peak:.0f} MiB",
            ),
        ),
    )


def _nothing_new(nothing: NothingNew) -> Iterator[str]:
    yield (
        f"**A sync with nothing new**, {nothing.conversations:,} conversations in the workspace "
        "(start-up included)"
    )
    rows = [(f"`{name}`", typical(runs)) for name, runs in nothing.streams.items()]
    rows.append(("only `--version`", typical(nothing.version)))
    yield table(
        ("", "requests", "wall", "CPU"),
        ((name, f"{run.requests}", f"{run.wall:.2f} s", f"{run.cpu:.2f} s") for name, run in rows),
    )


def _airbyte(measured: Airbyte) -> Iterator[str]:
    spec = typical(measured.spec)
    yield (
        f"**Over the Airbyte protocol**, {measured.conversations:,} conversations (start-up "
        f"included; `spec` alone: {spec.wall:.2f} s, {spec.cpu:.2f} s of CPU)"
    )
    runs = {"Singer": typical(measured.singer), "Airbyte": typical(measured.airbyte)}
    singer = runs["Singer"]
    yield table(
        ("protocol", "conversations a second", "CPU", "peak memory"),
        (
            (
                name,
                f"{measured.conversations / run.wall:,.0f}{_times(singer.wall / run.wall, 1)}",
                f"{run.cpu:.2f} s{_times(run.cpu / singer.cpu, 1)}",
                f"{run.peak:.0f} MiB",
            )
            for name, run in runs.items()
        ),
    )


def _privacy(measured: Privacy) -> Iterator[str]:
    yield f"**With `privacy`**, {measured.conversations:,} conversations (start-up included)"
    runs = {preset: typical(runs) for preset, runs in measured.presets.items()}
    yield table(
        ("`privacy`", "CPU", "peak memory"),
        (
            (
                f"`{preset}`",
                f"{run.cpu:.2f} s{_times(run.cpu / runs['none'].cpu, 1)}",
                f"{run.peak:.0f} MiB",
            )
            for preset, run in runs.items()
        ),
    )


def _contacts(measured: Contacts) -> Iterator[str]:
    one_by_one = measured.pages * measured.page_seconds
    yield (
        f"**First load of {measured.contacts:,} contacts**, {measured.page_seconds} s a page, "
        "activity spread evenly over 400 days"
    )
    yield table(
        ("API version", "dates of the search", "wall", "times faster", "requests", "peak memory"),
        (
            (
                version,
                "seconds" if version == EXACT else "days",
                f"{run.wall:.1f} s",
                f"{one_by_one / run.wall:.1f}",
                f"{run.requests:,}",
                f"{run.peak:.0f} MiB",
            )
            for version, run in measured.loads.items()
        ),
    )
    yield (
        "Start-up included; times faster than one page after another, which is computed: "
        f"{measured.pages} pages of {measured.page_seconds} s, {one_by_one:.0f} s."
    )


def _companies(measured: Companies) -> Iterator[str]:
    yield (
        f"**{measured.companies:,} companies by scroll**, into a target that takes "
        f"{measured.rows_per_second} a second and rests once for {measured.pause_seconds:.0f} s: "
        f"complete in {measured.run.wall:.0f} s, {measured.run.requests:,} requests, "
        f"{measured.run.peak:.0f} MiB at most."
    )


def _memory(memory: Sequence[Memory]) -> Iterator[str]:
    yield "**Memory**, first load of `conversations`"
    yield table(
        ("conversations", "peak memory", "conversations a second"),
        (
            (
                f"{one.conversations:,}",
                f"{one.run.peak:.0f} MiB",
                f"{one.conversations / one.run.wall:,.0f}",
            )
            for one in memory
        ),
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are figures."""
    aligned = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, aligned, *rows))
