"""The targets: how each is told where to load to, and how its rows are read back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.compare import Row

SCHEMA = "intercom"


class Loader(Protocol):
    """A target that loads into a place of its own."""

    name: str

    def settings(self) -> dict[str, Any]:
        """The target's settings."""

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, with JSON decoded."""

    def kept(self, row: Row) -> Row:
        """What the target can keep of a row."""


@dataclass
class DuckDB:
    """target-duckdb, into a new file."""

    folder: Path
    name: str = "target-duckdb"

    @property
    def file(self) -> str:
        """The database."""
        return str(self.folder / "loaded.duckdb")

    def settings(self) -> dict[str, Any]:
        """The target's settings."""
        return {"path": self.file, "default_target_schema": "main"}

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, with JSON decoded; none if there is no such table yet."""
        with duckdb.connect(self.file, read_only=True) as database:
            if (table,) not in database.sql("SELECT table_name FROM duckdb_tables()").fetchall():
                return []
            result = database.table(table)
            kinds = dict(zip(result.columns, map(str, result.types), strict=True))
            return [
                {
                    name: json.loads(value) if kinds[name] == "JSON" and value else value
                    for name, value in zip(result.columns, row, strict=True)
                }
                for row in result.fetchall()
            ]

    def kept(self, row: Row) -> Row:
        """The target loads from CSV, where an empty text is a null."""
        return {name: None if value == "" else value for name, value in row.items()}


@dataclass
class Jsonl:
    """target-jsonl, into a new folder; each run appends to the same files."""

    folder: Path
    name: str = "target-jsonl"

    def settings(self) -> dict[str, Any]:
        """The target's settings."""
        return {"destination_path": str(self.folder), "do_timestamp_file": False}

    def rows(self, table: str) -> list[Row]:
        """All rows of a table."""
        path = self.folder / f"{table}.jsonl"
        if not path.exists():
            return []
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def kept(self, row: Row) -> Row:
        """All of it."""
        return row


@dataclass
class Postgres:
    """MeltanoLabs' target-postgres, into a schema of a real server."""

    server: str
    name: str = "target-postgres"

    def settings(self) -> dict[str, Any]:
        """The target's settings."""
        url = self.server.replace("postgresql://", "postgresql+psycopg://")
        return {"sqlalchemy_url": url, "default_target_schema": SCHEMA}

    def clear(self) -> None:
        """Drop what an earlier test has loaded: all share one server."""
        query = SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(SCHEMA))
        with psycopg.connect(self.server) as connection:
            connection.execute(query)

    def rows(self, table: str) -> list[Row]:
        """All rows of a table; psycopg decodes JSON."""
        query = SQL("SELECT * FROM {}").format(Identifier(SCHEMA, table))
        with psycopg.connect(self.server, row_factory=dict_row) as connection:
            return connection.execute(query).fetchall()

    def kept(self, row: Row) -> Row:
        """All of it."""
        return row
