"""How long dbt takes for a large workspace: `python -m benchmarks.models`.

A small workspace is loaded into DuckDB and its rows are multiplied there, each copy with ids of its
own, a day earlier than the one before; then all models are built and tested, twice: all of it, and
when nothing is new.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from demo.processes import environment, meltano, sandbox

CONVERSATIONS = 2_000
COPIES = 56
_IDS = ("id", "conversation_id")
_TIMES = ("created_at", "updated_at", "conversation_updated_at")
_TABLES = (
    "conversations",
    "conversation_parts",
    "conversation_tags",
    "conversation_contacts",
    "deleted_conversations",
)


def main() -> None:
    """Load, multiply, build, and print how long it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database, log = folder / "large.duckdb", folder / "log"
        settings = {
            "MELTANO_DATABASE_URI": f"sqlite:///{folder}/meltano.db",
            "TARGET_DUCKDB_PATH": str(database),
            "DBT_TARGET_PATH": str(folder / "dbt"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        options = (f"--conversations={CONVERSATIONS}", "--rate-limit=1000000")
        with sandbox(*options, log=folder / "sandbox.log") as url:
            tap = {"TAP_INTERCOM_CONVERSATIONS_API_URL": url}
            env = environment({**settings, **tap}, "TAP_", "TARGET_", "DBT_")
            pipeline = ("tap-intercom-conversations", "target-duckdb")
            meltano("--environment=sandbox", "run", *pipeline, env=env, log=log)
        multiply(database)
        for title in ("all of it", "nothing new"):
            start, before = time.monotonic(), _cpu()
            meltano("--environment=sandbox", "invoke", "dbt-duckdb", "build", env=env, log=log)
            wall, cpu = time.monotonic() - start, _cpu() - before
            say(f"dbt build, {title}: {wall:.1f} s, of which {cpu:.1f} s CPU")


def multiply(database: Path) -> None:
    """Add `COPIES` less one copies of all rows."""
    with duckdb.connect(str(database)) as connection:
        for table in _TABLES:
            names = [column[0] for column in connection.table(table).description]
            copied = ", ".join(_copied(name) for name in names)
            connection.execute(
                f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608  our names
                f"SELECT {copied} FROM {table}, range(1, {COPIES}) AS copies(copy)"
            )
            (count,) = connection.table(table).count("*").fetchall()[0]
            say(f"{table}: {count:,} rows")


def _copied(name: str) -> str:
    if name in _IDS:
        return f"{name} || '000' || copy"
    if name in _TIMES:
        return f"{name} - copy * INTERVAL 1 DAY"
    return f'"{name}"'


def _cpu() -> float:
    """CPU seconds of all programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
