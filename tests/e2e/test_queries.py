"""The queries of docs/queries.md, run on what was loaded after changes and deletions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
import pytest

from demo.look import documented_query
from tests.conftest import catalog_of
from tests.e2e.compare import by_key, current
from tests.e2e.loaders import SCHEMA, DuckDB, Postgres
from tests.e2e.pipeline import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Workspace
    from tests.e2e.loaders import Loader

SHOWN_ID = "215468000000013"


def ask(loader: Loader, query: str) -> list[tuple[Any, ...]]:
    """Run a query, and keep what it changes."""
    if isinstance(loader, DuckDB):
        with duckdb.connect(loader.file) as database:
            return database.execute(query).fetchall()
    assert isinstance(loader, Postgres)
    with psycopg.connect(loader.server, options=f"-c search_path={SCHEMA}") as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("loader", ["target-duckdb", "target-postgres"], indirect=True)
def test_queries_give_what_they_promise(
    workspace: Workspace, loader: Loader, run: Callable[[], None]
) -> None:
    run()
    workspace.order("delete", count=7)
    workspace.order("touch", count=20, kind="tag")
    run()
    living = {row["id"] for row in workspace.truth("conversations")}
    assert {row["id"] for row in loader.rows("conversations")} > living

    found = ask(loader, documented_query("living conversations").replace("select *", "select id"))
    assert sorted(key for (key,) in found) == sorted(living)

    missing = documented_query("weeks that differ")
    assert ask(loader, missing) == []
    lost = max(loader.rows("conversations"), key=lambda row: (row["id"] in living, row["id"]))
    ask(loader, f"delete from conversations where id = '{lost['id']}'")  # noqa: S608  an id of ours
    [(week, counted, loaded, difference)] = ask(loader, missing)
    monday = lost["created_at"] - timedelta(days=lost["created_at"].weekday())
    assert (week, loaded - counted, difference) == (f"{monday:%Y-%m-%d}", -1, -1)
    living.remove(lost["id"])

    database = "PostgreSQL" if isinstance(loader, Postgres) else "DuckDB"
    joined = ask(loader, documented_query(f"tickets of conversations, {database}"))
    linked = {
        (row["id"], item["id"])
        for row in workspace.truth("tickets")
        for item in row["linked_objects"]["data"]
        if item["type"] == "conversation"
    }
    assert {(ticket, conversation) for ticket, conversation, _ in joined} <= linked
    assert joined

    links = by_key("conversation_tags", loader.rows("conversation_tags"))
    query = documented_query("current links").replace("link.*", "link.conversation_id, link.tag_id")
    assert sorted(ask(loader, query)) == sorted(current(links, loader.rows("conversations")))

    parts = list(workspace.truth("conversation_parts"))
    some = next(row["conversation_id"] for row in parts if row["body"])
    messages = [row for row in parts if row["conversation_id"] == some and row["body"]]
    thread = ask(loader, documented_query("thread").replace(SHOWN_ID, some))
    assert len(thread) == len(messages) + 1
    assert [at for at, _, _ in thread] == sorted(at for at, _, _ in thread)
    assert {body for _, _, body in thread} >= {row["body"] for row in messages}

    ask(loader, documented_query("delete what was deleted"))
    assert {row["id"] for row in loader.rows("conversations")} == living


@pytest.mark.parametrize("loader", ["target-duckdb", "target-postgres"], indirect=True)
def test_contacts_that_are_gone(workspace: Workspace, loader: Loader, tmp_path: Path) -> None:
    config = workspace.config()
    catalog = catalog_of(config, ("contacts", "contact_activities"))
    users = [row["id"] for row in workspace.truth("contacts") if row["role"] == "user"]
    state = None
    for order in (
        ("merge", {"source": users[0], "target": users[1]}),
        ("merge", {"source": users[1], "target": users[2]}),
        ("delete", {"of": "contacts", "ids": [users[3]]}),
    ):
        with pipeline(tmp_path, loader, config, catalog, state) as run:
            *_, state = run.states()
            assert run.wait() == (0, 0)
        workspace.order(order[0], **order[1])
    with pipeline(tmp_path, loader, config, catalog, state) as last:
        assert list(last.states())
        assert last.wait() == (0, 0)

    heirs = dict(ask(loader, documented_query("merged contacts")))
    assert (heirs[users[0]], heirs[users[1]]) == (users[2], users[2])
    assert {row["id"] for row in loader.rows("contacts")} > set(heirs.values())
    found = ask(loader, documented_query("living contacts").replace("select *", "select id"))
    assert {key for (key,) in found} == {row["id"] for row in workspace.truth("contacts")}
