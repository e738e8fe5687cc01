"""Hundreds of kills, with faults and changes all the while: `python -m tests.resilience.soak`.

Prints a table that can be shown. Exits with an error if a single row is lost, invented or wrong.
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
from itertools import product
from pathlib import Path
from typing import Any

from sandbox import Sandbox
from tests.conftest import PLENTY
from tests.resilience.kills import TIES, WAYS, Chain, kill_again_and_again, tied_workspace

CHAIN = 25
"""Kills in a row at most, before the copy is compared with the truth."""
FAULTS = ("500", "502", "503", "504", "408", "reset", "half_close", "cut", "empty", "html", "drip")
CONDITIONS: dict[str, dict[str, Any]] = {
    "": {},
    f"{len(FAULTS)} faults at 2 % each": {f"fault_{fault}": 0.02 for fault in FAULTS},
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


def survive(case: tuple[str, str], seed: int, kills: int) -> Line:
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
    """Read the options, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.resilience.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    began = time.monotonic()
    cases = list(product(ENDPOINTS, CONDITIONS))
    shares = [options.kills * (n + 1) // len(cases) for n in range(-1, len(cases))]
    show(
        f"Killed with SIGKILL while it reads {TIES:,} conversations of one `updated_at`, and others"
    )
    show("")
    columns = [f"killed at {way}" for way in WAYS]
    head = ["while", *columns, "rows", "read twice", "at most after a kill", "outcome"]
    show(f"| {' | '.join(head)} |")
    show("|---|" + "---:|" * (len(head) - 2) + "---|")
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, mp_context=spawn) as at_once:
        lines = [
            at_once.submit(survive, case, options.seed + 1_000 * number, after - before)
            for number, (case, before, after) in enumerate(
                zip(cases, shares[:-1], shares[1:], strict=True)
            )
        ]
        whole = Counter[str]()
        for (endpoint, condition), future in zip(cases, lines, strict=True):
            line = future.result()
            whole += line.kills
            show(line.text(f"the {endpoint}" + (f", {condition}" if condition else "")))
    show("")
    show(f"{whole.total():,} kills in {time.monotonic() - began:,.0f} s, nothing lost.")


def show(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
