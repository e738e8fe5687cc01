"""A database that holds the models: DuckDB or PostgreSQL, and what is asked of it."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]
FORMS = "a DuckDB file, or postgresql://user:password@host:port/database"
BUILD = "Build the models first: meltano run dbt-duckdb:build, or dbt-postgres:build."


class Unusable(Exception):
    """The database cannot be asked: what is wrong, and what to do about it."""


class Database:
    """The schema that the models are in.

    Args:
        url: A DuckDB file, with or without `duckdb:///`, or a PostgreSQL URL.
        schema: The schema's name.

    Raises:
        Unusable: There is no such database.
    """

    def __init__(self, url: str, schema: str = "analytics") -> None:
        self.schema = schema
        try:
            self._connection = _connect(url)
        except (duckdb.Error, OSError) as error:
            raise Unusable(f"{error} Expected is {FORMS}.") from None

    def ask(self, query: str, *values: object) -> list[Row]:
        """A query's rows.

        Args:
            query: SQL in which `?` stands for a value. Tables are those of the schema.
            values: The values.

        Raises:
            Unusable: A model is missing.
        """
        with closing(self._connection.cursor()) as cursor:
            try:
                cursor.execute(f"SET search_path = '{self.schema}'")
                cursor.execute(self._in_its_style(query), values)
            except self._errors() as error:
                what = str(error).splitlines()[0].rstrip(".!")
                raise Unusable(f"{what}. {BUILD}") from None
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
        return [dict(zip(names, map(_plain, row), strict=True)) for row in rows]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _in_its_style(self, query: str) -> str:
        if isinstance(self._connection, duckdb.DuckDBPyConnection):
            return query
        return query.replace("%", "%%").replace("?", "%s")

    def _errors(self) -> type[Exception]:
        if isinstance(self._connection, duckdb.DuckDBPyConnection):
            return duckdb.Error
        import psycopg  # noqa: PLC0415  installed where PostgreSQL is used

        return psycopg.Error


def _connect(url: str) -> Any:
    scheme, is_url, rest = url.partition("://")
    # SQLAlchemy's URLs, as target-postgres has them, name a driver, too: postgresql+psycopg.
    if is_url and scheme.partition("+")[0] in ("postgres", "postgresql"):
        return _connect_postgres(f"postgresql://{rest}")
    if is_url and scheme != "duckdb":
        # Not the URL itself: a password may be in it.
        raise Unusable(f"{scheme} is no database that the report reads. Expected is {FORMS}.")
    path = Path(url.removeprefix("duckdb:///"))
    if not path.is_file():
        raise Unusable(f"There is no file {path}. Expected is {FORMS}.")
    return duckdb.connect(str(path), read_only=True)


def _connect_postgres(url: str) -> Any:
    try:
        import psycopg  # noqa: PLC0415  only where it is used
    except ImportError:
        raise Unusable("psycopg is not installed: pip install 'psycopg[binary]'.") from None
    try:
        return psycopg.connect(url)
    except psycopg.Error as error:
        # The message has host and user, not the password.
        raise Unusable(f"{str(error).strip()}. Expected is {FORMS}.") from None


def _plain(value: object) -> object:
    """PostgreSQL's exact numbers as what JSON has."""
    return float(value) if isinstance(value, Decimal) else value
