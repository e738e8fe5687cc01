"""What comes of each attack: `python -m tests.resilience.attacks` prints docs/resilience.md's.

An attack is told as held if no row is missing after it, be it that the sync succeeded or that it
ended in one clear line. Those of one kind are one line of the table.
"""

from __future__ import annotations

import argparse
import logging
import sys
from typing import TYPE_CHECKING

from tests.resilience.adversary import suffer
from tests.resilience.attacks_cursors import CURSORS, NO_END
from tests.resilience.attacks_further import AGREED, FURTHER
from tests.resilience.attacks_mixed import MIXTURES
from tests.resilience.attacks_reading import FALSE_ENDS, OUT_OF_PLACE, PAGE_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.resilience.adversary import Attack, Outcome

_AGREED = "two lies that agree"
KINDS: dict[str, Sequence[Attack]] = {
    "rows at their old place": OUT_OF_PLACE,
    "false ends": FALSE_ENDS,
    "page numbers that count otherwise": PAGE_NUMBERS,
    "cursors in STATE, counts": CURSORS,
    "no end": NO_END,
    **FURTHER,
    "random mixtures": MIXTURES,
    _AGREED: AGREED,
}


def main() -> int:
    """Attack, and print what came of it; the exit status is 1 if the tap did not hold.

    Two lies that agree count for nothing: no client can tell.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.resilience.attacks", description=__doc__)
    parser.add_argument("--kind", choices=list(KINDS), action="append", help="this one only")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    show("| attack | attacks | in requests | rows lost | ended in an error | outcome |")
    show("|---|---:|---:|---:|---:|---|")
    held = True
    for kind in options.kind or KINDS:
        outcomes = [suffer(attack) for attack in KINDS[kind]]
        show(line(kind, outcomes))
        held &= kind == _AGREED or not any(outcome.wrong for outcome in outcomes)
    return not held


def line(name: str, told: Sequence[Outcome]) -> str:
    """A line of the table."""
    count = sum(not outcome.wrong for outcome in told)
    cells = [
        name,
        f"{len(told)}",
        f"{sum(outcome.requests for outcome in told):,}",
        f"{sum(max(outcome.lost, outcome.silent) for outcome in told):,}",
        f"{sum(bool(outcome.errors) for outcome in told)}",
        f"{count} of {len(told)} held",
    ]
    return f"| {' | '.join(cells)} |"


def show(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
