"""A first look at what was loaded, read from DuckDB: `python -m demo.look output/demo.duckdb`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from report.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERIES = Path(__file__).parent.parent / "docs" / "queries.md"
WEEKS = 12
WIDTH = 24

TABLES = """
SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY table_name
"""
STATES = """
SELECT coalesce(state, '(none)') AS state, count(*) AS conversations
FROM conversations GROUP BY ALL ORDER BY conversations DESC
"""
BY_WEEK = """
SELECT
    date_trunc('week', created_at)::DATE AS week,
    count(*) AS conversations,
    median((statistics ->> 'time_to_admin_reply')::DOUBLE) AS first_reply
FROM conversations WHERE created_at IS NOT NULL
GROUP BY week ORDER BY week DESC LIMIT ?
"""


def look(path: str) -> Iterator[str]:
    """Yield the lines of a first look at a database."""
    with duckdb.connect(path, read_only=True) as database:
        tables = rows_per_table(database)
        yield "Rows per table"
        yield from _bars(list(tables.items()))
        if not tables.get("conversations"):
            return
        yield ""
        yield "Conversations by state"
        yield from _bars(database.execute(STATES).fetchall())
        yield ""
        yield from _weeks(database.execute(BY_WEEK, [WEEKS]).fetchall()[::-1])
        if "conversation_counts" in tables:
            yield ""
            yield from _completeness(database)


def documented_query(title: str) -> str:
    """Return the query that docs/queries.md shows under a title."""
    text = QUERIES.read_text("utf-8")
    queries: dict[str, str] = dict(re.findall(r"```sql\n-- (.*?)\n(.*?)```", text, re.DOTALL))
    return queries[title]


def rows_per_table(database: duckdb.DuckDBPyConnection, where: str = "true") -> dict[str, int]:
    """Count the rows of all tables, or those for which a condition holds."""
    names = [name for (name,) in database.execute(TABLES).fetchall()]
    # The names come from the database itself.
    counts = [f'SELECT count(*) FROM "{name}" WHERE {where}' for name in names]  # noqa: S608
    return {
        name: database.execute(count).fetchall()[0][0]
        for name, count in zip(names, counts, strict=True)
    }


def _completeness(database: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Compare what was loaded with what the API counts."""
    yield "Is anything missing?"
    weeks = "SELECT count(*), sum(conversations) FROM conversation_counts"
    ((counted, total),) = database.execute(weeks).fetchall()
    differing = database.execute(documented_query("weeks that differ")).fetchall()
    for week, expected, loaded, difference in differing:
        yield f"  {week}  {expected:,} counted, {loaded:,} loaded: {difference:+,}"
    if not differing:
        yield f"  No: Intercom counts {total or 0:,} conversations in {counted} weeks,"
        yield "  and as many of each week are loaded."


def _bars(rows: list[tuple[str, int]]) -> Iterator[str]:
    most = max((count for _, count in rows), default=0)
    for name, count in rows:
        yield f"  {name:<30} {count:>9,}  {_bar(count, most)}"


def _weeks(rows: list[tuple[Any, int, float | None]]) -> Iterator[str]:
    busiest = max(conversations for _, conversations, _ in rows)
    slowest = max(reply or 0 for _, _, reply in rows)
    yield f"Week of       {'Conversations':<{WIDTH + 9}}Median time to the first reply"
    for week, conversations, reply in rows:
        left = f"{_bar(conversations, busiest)} {conversations:,}"
        right = f"{_bar(reply or 0, slowest)} {'-' if reply is None else duration(reply)}"
        yield f"  {week}  {left:<{WIDTH + 9}}{right}"


def _bar(value: float, most: float) -> str:
    mark = "█" if (sys.stdout.encoding or "").lower().startswith("utf") else "#"
    return mark * max(round(WIDTH * value / most), 1 if value else 0) if most else ""


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in look(*sys.argv[1:]))
