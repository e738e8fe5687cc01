"""The chart: what was measured as bars, in an SVG that takes over light or dark from its reader."""

from __future__ import annotations

import typing as t
from html import escape

from benchmarks.results import typical

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.results import Cpu, FirstLoad, Memory, Parts, Results

WIDTH = 760
MARGIN = 24
LABELS = 280
"""Where bars begin."""
VALUES = 96
"""Room for the figure behind the longest bar."""
ROW = 26
BAR = 16
TITLE = 40
"""From the end of one group to its successor's first bar."""
MEMORY = 200
"""MiB that the tap promises to stay below."""

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 14px; }
  .note { fill: #59636e; font-size: 12px; }
  .value { font-variant-numeric: tabular-nums; }
  .ours { fill: #2f6fde; }
  .other { fill: #b6bfca; }
  .track { fill: #d1d9e0; fill-opacity: 0.4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .ours { fill: #5b95f9; }
    .other { fill: #59636e; }
    .track { fill: #3d444d; }
  }
"""


class Bar(t.NamedTuple):
    """One bar: of what, how long, and how that is said."""

    label: str
    value: float
    text: str
    ours: bool = True


class Group(t.NamedTuple):
    """Bars on one scale; `full` is where it ends, the longest bar's end if None."""

    title: str
    note: str
    bars: Sequence[Bar]
    full: float | None = None


def chart(results: Results) -> str:
    """Draw what there is."""
    groups: list[Group] = []
    if results.cpu:
        groups.append(_cpu(results.cpu))
    if results.first_load:
        groups.append(_first_load(results.first_load))
    if results.parts:
        groups.append(_parts(results.parts))
    if results.memory:
        groups.append(_memory(results.memory))
    return draw(groups, f"Measured on {results.date}: {results.machine}")


def _cpu(cpu: Cpu) -> Group:
    return Group(
        f"CPU time for {cpu.conversations:,} conversations",
        "seconds, start-up included; less is better",
        [
            Bar(
                f"{program.name}, API {program.api_version}",
                seconds,
                f"{seconds:.2f} s",
                program.name == "tap-intercom-conversations",
            )
            for program in cpu.programs
            for seconds in [typical(program.runs).cpu]
        ],
    )


def _first_load(first: FirstLoad) -> Group:
    latency = max(load.page_seconds for load in first.loads)
    return Group(
        f"First load of {first.conversations:,} conversations at {latency} s a page",
        "seconds, by pages read at once; less is better",
        [
            Bar(
                f"max_concurrency {load.max_concurrency}: {_pages(load.pages_at_once)}",
                load.run.wall,
                f"{load.run.wall:.1f} s",
                load.pages_at_once > 1,
            )
            for load in first.loads
            if load.page_seconds == latency
        ],
    )


def _pages(number: int) -> str:
    return "1 page" if number == 1 else f"{number} pages"


def _parts(parts: Parts) -> Group:
    return Group(
        f"Parts under a budget of {parts.budget * 6:,.0f} requests a minute",
        f"{parts.latency} s a request; answers with 429: {parts.refused}",
        [Bar("used of the tap's share", parts.used, f"{parts.used:.1%}")],
        full=1.0,
    )


def _memory(memory: Sequence[Memory]) -> Group:
    return Group(
        "Peak memory of a first load",
        f"the scale ends at {MEMORY} MiB, the most it may be",
        [
            Bar(f"{one.conversations:,} conversations", one.run.peak, f"{one.run.peak:.0f} MiB")
            for one in memory
        ],
        full=max(MEMORY, *(one.run.peak for one in memory)),
    )


def draw(groups: Sequence[Group], caption: str) -> str:
    """Draw groups of bars, one below the other."""
    body: list[str] = []
    height = MARGIN
    for group in groups:
        height += TITLE
        body += _heading(group, height - TITLE + 16)
        for bar in group.bars:
            body += _bar(bar, height, group.full or max(bar.value for bar in group.bars))
            height += ROW
        height += MARGIN // 2
    height += MARGIN
    body.append(_text(MARGIN, height - MARGIN // 2, caption, "note"))
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
            '<title id="title">What the tap takes, measured</title>',
            f"<style>{STYLE}</style>",
            *body,
            "</svg>\n",
        ]
    )


def _heading(group: Group, y: int) -> Iterator[str]:
    yield (
        f'<text x="{MARGIN}" y="{y}"><tspan class="title">{escape(group.title)}</tspan>'
        f'<tspan class="note" dx="10">{escape(group.note)}</tspan></text>'
    )


def _bar(bar: Bar, y: int, full: float) -> Iterator[str]:
    room = WIDTH - LABELS - VALUES - MARGIN
    length = max(round(room * bar.value / full, 1), 2) if full else 2
    middle = y + BAR - 3
    kind = "ours" if bar.ours else "other"
    yield _text(LABELS - 12, middle, bar.label, "label", anchor="end")
    yield f'<rect class="track" x="{LABELS}" y="{y}" width="{room}" height="{BAR}" rx="3"/>'
    yield f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{length}" height="{BAR}" rx="3"/>'
    yield _text(LABELS + room + 10, middle, bar.text, "value")


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
