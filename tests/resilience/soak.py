"""Each fault, and hundreds of kills amid faults and changes: `python -m tests.resilience.soak`.

Prints the tables of docs/resilience.md. Exits with an error if a row is lost, invented or wrong.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox import Sandbox
from tests.conftest import PLENTY
from tests.resilience.faults import FAULTS, REFUSALS, Survived, survive
from tests.resilience.harness import BOTH
from tests.resilience.kills import WAYS, Chain, kill_again_and_again, tied_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

CHAIN = 25
"""Kills in a row at most, before the copy is compared with the truth."""
ALONE, TOGETHER = 0.1, 0.02
"""How likely a fault befalls a request."""
AMID = [fault for fault in FAULTS if fault not in (*REFUSALS, "404")]
CONDITIONS: dict[str, dict[str, Any]] = {
    "": {},
    f"{len(AMID)} faults at 2 % each": {f"fault_{fault}": TOGETHER for fault in AMID},
    "5 touched after each page": {"churn": 5},
}
ENDPOINTS = ("search", "list")


@dataclass
class Line:
    """A line of the table."""

    kills: Counter[str] = field(default_factory=Counter)
    chains: int = 0
    rows: int = 0
    repeated: int = 0
    most_repeated: int = 0

    def add(self, chain: Chain) -> None:
        """Count a chain."""
        self.kills += chain.kills
        self.chains += 1
        self.rows += chain.rows
        self.repeated += chain.repeated
        self.most_repeated = max(self.most_repeated, chain.most_repeated)

    def text(self, name: str) -> str:
        """The line."""
        cells = [
            name,
            *(f"{self.kills[way]:,}" for way in WAYS),
            f"{self.rows:,}",
            f"{self.repeated:,}",
            f"{self.most_repeated:,}",
            f"{self.chains} of {self.chains} copies exact",
        ]
        return f"| {' | '.join(cells)} |"


def befall(seed: int, faults: Sequence[str]) -> Survived:
    """Have faults befall both streams, on both endpoints."""
    probability = ALONE if len(faults) == 1 else TOGETHER
    switches = {f"fault_{fault}": probability for fault in faults}
    whole = Survived({}, 0, 0)
    for endpoint in ENDPOINTS:
        with tempfile.TemporaryDirectory() as folder:
            survived = survive(Path(folder), *BOTH, endpoint=endpoint, fault_seed=seed, **switches)
        whole.requests += survived.requests
        whole.rows += survived.rows
        whole.times = dict(Counter(whole.times) + Counter(survived.times))
    return whole


def kill(case: tuple[str, str], seed: int, kills: int) -> Line:
    """Have a case's share of kills; fails if a copy is not right."""
    endpoint, condition = case
    line = Line()
    while line.kills.total() < kills:
        left = min(kills - line.kills.total(), CHAIN)
        workspace = tied_workspace(seed)
        switches = {"rate_limit": PLENTY, "fault_seed": seed, **CONDITIONS[condition]}
        with (
            tempfile.TemporaryDirectory() as folder,
            Sandbox(workspace, **switches) as server,
        ):
            chain = kill_again_and_again(
                server,
                Path(folder),
                seed,
                left,
                conversations_endpoint=endpoint,
                request_timeout=1,
            )
        line.add(chain)
        seed += 1
    return line


def main() -> None:
    """Read the options, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.resilience.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    began = time.monotonic()
    spawn = multiprocessing.get_context("spawn")
    # What meets a fault mostly waits, for the next try or for the budget's next window.
    with ProcessPoolExecutor(3 * options.processes, mp_context=spawn) as at_once:
        show_faults(at_once)
    with ProcessPoolExecutor(options.processes, mp_context=spawn) as at_once:
        kills = show_kills(at_once, options.kills, options.seed)
    show(f"{kills:,} kills in {time.monotonic() - began:,.0f} s, nothing lost.")


def show_faults(at_once: Executor) -> None:
    """Print what became of each fault."""
    show("| fault | times | in requests | outcome |")
    show("|---|---:|---:|---|")
    cases = {words: [fault] for fault, words in FAULTS.items()}
    cases[f"all of these, {TOGETHER:.0%} each"] = list(FAULTS)
    for words, survived in zip(cases, at_once.map(befall, count(), cases.values()), strict=True):
        times = sum(survived.times.values())
        outcome = f"{survived.rows} of {survived.rows} rows exact"
        show(f"| {words} | {times} | {survived.requests} | {outcome} |")
    show("")


def show_kills(at_once: Executor, kills: int, seed: int) -> int:
    """Print what became of the kills; returns how many there were."""
    cases = list(product(ENDPOINTS, CONDITIONS))
    shares = [kills * (n + 1) // len(cases) - kills * n // len(cases) for n in range(len(cases))]
    columns = [f"killed at {way}" for way in WAYS]
    head = ["while reading", *columns, "rows", "read twice", "at most after a kill", "outcome"]
    show(f"| {' | '.join(head)} |")
    show("|---|" + "---:|" * (len(head) - 2) + "---|")
    lines = [
        at_once.submit(kill, case, seed + 1_000 * number, share)
        for number, (case, share) in enumerate(zip(cases, shares, strict=True))
    ]
    whole = 0
    for (endpoint, condition), future in zip(cases, lines, strict=True):
        line = future.result()
        whole += line.kills.total()
        show(line.text(f"the {endpoint}" + (f", {condition}" if condition else "")))
    show("")
    return whole


def show(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
