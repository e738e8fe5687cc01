"""A database that the tap loads and dbt builds in, on each of the two that the models are for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, urlsplit

import duckdb
import psycopg
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]


class Warehouse(Protocol):
    """A database, by the names of the plugins that load it and build in it."""

    target: str
    dbt: str
    schema: str

    @property
    def url(self) -> str:
        """Where the report finds it."""

    def settings(self) -> dict[str, str]:
        """The environment variables that the target and dbt both read."""

    def ask(self, query: str) -> list[Row]:
        """A query's rows."""

    def do(self, statement: str) -> None:
        """Change something."""


@dataclass
class DuckDB:
    """A file."""

    file: Path
    target: str = "target-duckdb"
    dbt: str = "dbt-duckdb"
    schema: str = "main"

    @property
    def url(self) -> str:
        """Where the report finds it."""
        return f"duckdb:///{self.file}"

    def settings(self) -> dict[str, str]:
        """Where the file is."""
        return {"TARGET_DUCKDB_PATH": str(self.file)}

    def ask(self, query: str) -> list[Row]:
        """A query's rows."""
        with duckdb.connect(str(self.file), read_only=True) as database:
            result = database.execute(query)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def do(self, statement: str) -> None:
        """Change something."""
        with duckdb.connect(str(self.file)) as database:
            database.execute(statement)


@dataclass
class Postgres:
    """A server's database, with nothing of ours in it."""

    server: str
    target: str = "target-postgres"
    dbt: str = "dbt-postgres"
    schema: str = "intercom"

    def __post_init__(self) -> None:
        with psycopg.connect(self.server) as connection:
            connection.execute("DROP SCHEMA IF EXISTS analytics_fivetran CASCADE")
            connection.execute("DROP SCHEMA IF EXISTS analytics CASCADE")
            connection.execute("DROP SCHEMA IF EXISTS intercom CASCADE")

    @property
    def url(self) -> str:
        """Where the report finds it."""
        return self.server

    def settings(self) -> dict[str, str]:
        """How to reach the server: the target takes a socket's folder in a URL only."""
        url = urlsplit(self.server)
        return {
            "TARGET_POSTGRES_SQLALCHEMY_URL": self.server.replace("://", "+psycopg://", 1),
            "TARGET_POSTGRES_HOST": parse_qs(url.query)["host"][0],
            "TARGET_POSTGRES_USER": url.username or "",
            "TARGET_POSTGRES_DATABASE": url.path.strip("/"),
        }

    def ask(self, query: str) -> list[Row]:
        """A query's rows, with whole numbers as such."""
        with psycopg.connect(self.server, row_factory=dict_row) as connection:
            found = connection.execute(query.encode()).fetchall()
        return [
            {
                name: float(value) if isinstance(value, Decimal) else value
                for name, value in row.items()
            }
            for row in found
        ]

    def do(self, statement: str) -> None:
        """Change something."""
        with psycopg.connect(self.server) as connection:
            connection.execute(statement.encode())
