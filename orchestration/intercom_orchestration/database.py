"""The database's part: an older version never wins, and it is known when each load began.

Loads run side by side, so a row may be read by one, change, and be read and written by another
before the first has written it. A trigger on each table keeps the newer version then.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = {
    "conversations": "updated_at",
    "conversation_parts": "conversation_updated_at",
    "conversation_tags": "conversation_updated_at",
    "conversation_contacts": "conversation_updated_at",
    "conversation_teammates": "conversation_updated_at",
}
"""The tables that several loads write into, and what says which of two versions is newer."""
OWN = (
    # When each load began, and whether it has ended well.
    """
    create table if not exists {schema}._loads (
        id bigint generated always as identity primary key,
        what text not null,
        began_at timestamptz not null,
        ended_at timestamptz
    )
    """,
    # Where the changes go on: the STATE as the target emitted it last.
    "create table if not exists {schema}._state (what text primary key, state json not null)",
    """
    create or replace function {schema}._keep_newer() returns trigger language plpgsql as $$
    begin
        if to_jsonb(new) ->> tg_argv[0] < to_jsonb(old) ->> tg_argv[0] then
            return old;
        end if;
        return new;
    end $$
    """,
)


TRIGGER = """
    create or replace trigger keep_newer before update on {schema}.{table}
    for each row execute function {schema}._keep_newer({column})
"""


class Database:
    """A schema of a PostgreSQL database.

    Args:
        url: As libpq has it.
        schema: The schema that the target loads into.
    """

    def __init__(self, url: str, schema: str) -> None:
        self.url = url
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
        """Whether `prepare` has run."""
        return self._run("select to_regclass(%s)", f'"{self.schema}"._loads') != [(None,)]

    @contextmanager
    def load(self, what: str) -> Iterator[None]:
        """Note when a load begins, before its first request, and when it has ended well."""
        [(number,)] = self._run(
            "insert into {schema}._loads (what, began_at) values (%s, %s) returning id",
            what,
            datetime.now(timezone.utc),
        )
        yield
        self._run("update {schema}._loads set ended_at = now() where id = %s", number)

    def first_load(self, kind: str) -> datetime | None:
        """When the first load of a kind began, whether it ended well or not; None before it."""
        query = "select min(began_at) from {schema}._loads where what like %s"
        moment: datetime | None = self._run(query, f"{kind}%")[0][0]
        return moment

    def last_success(self, what: str) -> datetime | None:
        """When the last load of a kind that ended well began."""
        query = "select max(began_at) from {schema}._loads where what = %s and ended_at is not null"
        moment: datetime | None = self._run(query, what)[0][0]
        return moment

    @property
    def state(self) -> dict[str, Any] | None:
        """The STATE that the changes go on from; None before the first."""
        rows = self._run("select state from {schema}._state where what = 'changes'")
        return rows[0][0] if rows else None

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self._run(
            "insert into {schema}._state values ('changes', %s) "
            "on conflict (what) do update set state = excluded.state",
            json.dumps(state),
        )

    def living(self) -> int:
        """How many conversations there are, without those that were deleted."""
        return self._count(
            "select count(*) from {schema}.conversations "
            "where id not in (select id from {schema}.deleted_conversations)"
        )

    def orphans(self) -> int:
        """How many parts there are of conversations that the table does not have."""
        return self._count(
            "select count(*) from {schema}.conversation_parts as part where not exists "
            "(select from {schema}.conversations where id = part.conversation_id)"
        )

    def _count(self, query: str) -> int:
        count: int = self._run(query)[0][0]
        return count
