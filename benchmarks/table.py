"""The results as Markdown tables."""

from __future__ import annotations

import typing as t

from benchmarks.results import typical

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.results import Cpu, FirstLoad, Memory, NothingNew, Parts, Results


CONDITIONS = (
    "The simulated workspace runs beside the program on the same cores. Its conversations "
    "share 300 stories, so that serving costs little; answers are gzipped for memory only, so "
    "that packing costs nobody's CPU. `tap-intercom` is sent there by a wrapper that replaces "
    "its address, and its query by the whole span. How much faster windows are depends on how "
    "evenly activity is spread over time: with everything in one second, not at all."
)


def tables(results: Results) -> str:
    """All that was measured, one table each."""
    measured = f"Measured on {results.date}: {results.machine}; `{results.command}`."
    blocks = [measured, CONDITIONS]
    if results.cpu:
        blocks += _cpu(results.cpu)
    if results.first_load:
        blocks += _first_load(results.first_load)
    if results.parts:
        blocks += _parts(results.parts)
    if results.nothing_new:
        blocks += _nothing_new(results.nothing_new)
    if results.memory:
        blocks += _memory(results.memory)
    return "\n\n".join(blocks) + "\n"


def _cpu(cpu: Cpu) -> Iterator[str]:
    rounds = len(cpu.programs[0].runs)
    yield f"**{cpu.conversations:,} conversations** (start-up included, medians of {rounds} runs)"
    yield table(
        ("", "API version", "CPU", "wall", "peak memory", "requests", "answers"),
        (
            (
                program.name,
                program.api_version,
                f"{run.cpu:.2f} s",
                f"{run.wall:.2f} s",
                f"{run.peak:.0f} MiB",
                f"{run.requests:,}",
                f"{program.megabytes:.0f} MB",
            )
            for program in cpu.programs
            for run in [typical(program.runs)]
        ),
    )


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
