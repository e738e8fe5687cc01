"""Keep the first row of each batch that target-duckdb 0.8 loads, where DuckDB is 1.3 or later.

It loads batches from CSV files without a header and does not say so; from 1.3 on DuckDB takes the
first row for one. Upstream has the repair below (jwills/target-duckdb#58), in no release yet. An
older DuckDB needs no repair, but has no wheels for Python 3.14.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from demo.processes import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WRONG = "WITH (new_line '"
RIGHT = "WITH (HEADER 0, new_line '"
PLUGIN = ROOT / ".meltano" / "loaders" / "target-duckdb" / "venv"


def repair(module: Path) -> None:
    """Say in the statement that the file has no header."""
    source = module.read_text("utf-8")
    if RIGHT not in source:
        if source.count(WRONG) != 1:
            raise SystemExit(f"Not the target-duckdb 0.8 that we know: {module}")
        module.write_text(source.replace(WRONG, RIGHT), "utf-8")


if __name__ == "__main__":
    if sys.version_info >= (3, 14):
        (found,) = PLUGIN.glob("lib/python*/site-packages/target_duckdb/db_sync.py")
        repair(found)
