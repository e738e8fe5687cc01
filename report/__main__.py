"""`python -m report DATABASE_URL`: write the report on a loaded database into one HTML file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from report.database import FORMS, Database, Unusable
from report.page import page


def main() -> int:
    """Write the report.

    Returns:
        The exit status: 1 if the database cannot be used, or the page not written.
    """
    parser = argparse.ArgumentParser(prog="python -m report", description=__doc__)
    parser.add_argument("database", help=FORMS)
    parser.add_argument("--output", type=Path, default=Path("output/report.html"))
    parser.add_argument("--schema", default="analytics", help="where the models are")
    options = parser.parse_args()
    try:
        database = Database(options.database, options.schema)
        try:
            written = page(database)
        finally:
            database.close()
    except Unusable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    try:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(written, "utf-8")
    except OSError as error:
        sys.stderr.write(f"The report cannot be written to {options.output}: {error.strerror}.\n")
        return 1
    sys.stdout.write(f"{options.output}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
