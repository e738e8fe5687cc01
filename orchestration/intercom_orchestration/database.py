"""The database's part: an older version never wins, and it is known how far each load has come.

Loads run side by side, so a row may be read by one, change, and be read and written by another
before the first has written it. A trigger on each table keeps the newer version then.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Composed, Identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

VERSIONS = {
    "conversations": "updated_at",
    "conversation_parts": "conversation_updated_at",
    "conversation_tags": "conversation_updated_at",
    "conversation_contacts": "conversation_updated_at",
    "conversation_teammates": "conversation_updated_at",
}
"""The tables that several loads write into, and what says which of two versions is newer."""
OWN = (
    # When each load began.
    """
    create table if not exists {schema}._loads (
        id bigint generated always as identity primary key,
        what text not null,
        began_at timestamptz not null
    )
    """,
    # Where each load goes on: the STATE as the target emitted it last.
    "create table if not exists {schema}._state (what text primary key, state json not null)",
    # A trigger before an update that returns null leaves the row as it is.
    """
    create or replace function {schema}._keep_newer() returns trigger
    language plpgsql as $$ begin return null; end $$
    """,
)
TRIGGER = """
    create or replace trigger keep_newer before update on {schema}.{table}
    for each row when (new.{column} < old.{column}) execute function {schema}._keep_newer()
"""


class UnusableUrl(ValueError):
    """No database is named. The message does not repeat the URL: a password is in it."""


class Database:
    """A schema of a PostgreSQL database.

    Args:
        url: Of libpq or of SQLAlchemy.
        schema: The schema that the target loads into.

    Raises:
        UnusableUrl: It is neither.
    """

    def __init__(self, url: str, schema: str) -> None:
        self.url = libpq_url(url)
        self.schema = schema

    def _run(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(self._composed(query), values or None)
            return cursor.fetchall() if cursor.description else []

    def _composed(self, query: str, **names: str) -> Composed:
        names = {"schema": self.schema, **names}
        identifiers = {name: Identifier(value) for name, value in names.items()}
        return SQL(query).format(**identifiers)

    def prepare(self) -> None:
        """Make the tables of this project's own, and the triggers; what is there stays."""
        with psycopg.connect(self.url) as connection:
            for query in OWN:
                connection.execute(self._composed(query))
            for table, column in VERSIONS.items():
                names = {"table": table, "column": column}
                connection.execute(self._composed(TRIGGER, **names))

    def is_prepared(self) -> bool:
        """Whether `prepare` has run; the target makes a table that was dropped without trigger."""
        query = """
            select count(*) from pg_trigger join pg_class on pg_class.oid = tgrelid
            where tgname = 'keep_newer' and relnamespace = to_regnamespace(%s)
        """
        return self._run(query, f'"{self.schema}"') == [(len(VERSIONS),)]

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Wait until nobody else is in this block; the lock ends with the process, however it ends.

        Args:
            what: The load that only one run may do at a time.
        """
        with psycopg.connect(self.url, autocommit=True) as connection:
            name = f"{self.schema} {what}"
            connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (name,))
            yield

    def note_begin(self, what: str) -> None:
        """Note that a load begins; to be called before its first request.

        A worker's clock that is ahead would have changes left behind: the server's is asked, too.
        """
        self._run(
            "insert into {schema}._loads (what, began_at) "
            "values (%s, least(%s, clock_timestamp()))",
            what,
            datetime.now(timezone.utc),
        )

    def first_begin(self, kind: str) -> datetime | None:
        """When the first load of a kind began, whether it ended well or not; None before it."""
        query = "select min(began_at) from {schema}._loads where what like %s"
        moment: datetime | None = self._run(query, f"{kind}%")[0][0]
        return moment

    def state(self, what: str) -> Json | None:
        """The STATE that a load goes on from; None where it begins."""
        rows = self._run("select state from {schema}._state where what = %s", what)
        return rows[0][0] if rows else None

    def keep_state(self, what: str, state: Json) -> None:
        """Keep the STATE that a load has come to."""
        self._run(
            "insert into {schema}._state values (%s, %s) "
            "on conflict (what) do update set state = excluded.state",
            what,
            json.dumps(state),
        )

    def drop_state(self, what: str) -> None:
        """Have a load begin anew the next time."""
        self._run("delete from {schema}._state where what = %s", what)

    def orphans(self) -> int:
        """How many parts there are of conversations that the table does not have."""
        query = (
            "select count(*) from {schema}.conversation_parts as part where not exists "
            "(select from {schema}.conversations where id = part.conversation_id)"
        )
        count: int = self._run(query)[0][0]
        return count


def libpq_url(url: str) -> str:
    """A URL without the driver's name that SQLAlchemy's have.

    Raises:
        UnusableUrl: It is no URL of PostgreSQL's.
    """
    scheme, _, rest = url.partition("://")
    url = f"postgresql://{rest}"
    if scheme.partition("+")[0] in ("postgres", "postgresql") and _is_read(url):
        return url
    raise UnusableUrl(
        "INTERCOM_DATABASE_URL is no postgresql://user:password@host:port/database; what is no "
        "letter or digit in the password stands there as %XX"
    )


def _is_read(url: str) -> bool:
    # Its message, which repeats the URL, is not to be in the error's context either.
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return False
    return True


def dbt_variables(url: str) -> dict[str, str]:
    """The environment variables of transform/profiles.yml, which takes no URL."""
    parts = conninfo_to_dict(libpq_url(url))
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return {
        f"TARGET_POSTGRES_{name}": str(parts[key])
        for key, name in {**names, "dbname": "DATABASE"}.items()
        if parts.get(key) is not None
    }
