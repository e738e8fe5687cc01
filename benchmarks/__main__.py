"""The command line: measure, and write down what came of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.chart import chart
from benchmarks.measures import FULL, MEASURES, QUICK, measure
from benchmarks.page import with_block
from benchmarks.results import begin, decode, encode
from benchmarks.running import OUTPUT
from benchmarks.table import tables
from demo.processes import ROOT, Failed, unwind_on_signals

FOLDER = Path(__file__).parent
PAGE = ROOT / "docs" / "speed.md"


def main() -> int:
    """Measure.

    Returns:
        The exit status.
    """
    options = _parser().parse_args()
    unwind_on_signals()
    whole = not options.quick and not options.only
    # Figures of a part, or of a smoke run, are not to be taken for the whole's.
    folder = FOLDER if whole else OUTPUT
    folder.mkdir(parents=True, exist_ok=True)
    if options.render:
        results = decode((FOLDER / "results.json").read_bytes())
    else:
        results = begin(" ".join(["python -m benchmarks", *sys.argv[1:]]))
        try:
            for name in options.only or MEASURES:
                _say(f"measuring {name} ...")
                measure(name, QUICK if options.quick else FULL, results)
        except Failed as failure:
            _say(str(failure))
            return 1
        (folder / "results.json").write_bytes(encode(results))
    text = tables(results)
    (folder / "chart.svg").write_text(chart(results), "utf-8")
    if options.update_page and whole:
        PAGE.write_text(with_block(PAGE.read_text("utf-8"), text), "utf-8")
    sys.stdout.write(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="small sizes: does it run at all?")
    add("--only", action="append", choices=list(MEASURES), help="this one; may be repeated")
    add("--render", action="store_true", help="measure nothing: show results.json anew")
    add("--update-page", action="store_true", help="put the tables into docs/speed.md")
    return parser


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
