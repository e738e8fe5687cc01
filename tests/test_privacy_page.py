"""docs/privacy.md says what the schemas and settings say, and its recipes work."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.privacy_page import PAGE, with_tables

if TYPE_CHECKING:
    from tests.conftest import Runner, Serve

TEXT = PAGE.read_text(encoding="utf-8")
RECIPES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]


def test_the_tables_are_those_of_the_schemas_and_settings() -> None:
    assert with_tables(TEXT) == TEXT, "python -m tests.support.privacy_page"
    assert "`source.author.email`" in TEXT


@pytest.mark.parametrize("number", range(len(RECIPES)))
def test_a_recipe_works(serve: Serve, run_tap: Runner, number: int) -> None:
    run = run_tap(serve(40), **RECIPES[number])

    assert run.failures == []
    assert len(run.records()) == 40


def test_what_the_recipes_promise(serve: Serve, run_tap: Runner) -> None:
    server = serve(40)
    first, url, domain, attribute = (run_tap(server, **recipe).records() for recipe in RECIPES)
    plain = run_tap(server).records()

    assert not any(sources(first, "url"))
    assert [(link or "").split("?")[0] for link in sources(plain, "url")] == [
        link or "" for link in sources(url, "url")
    ]
    assert all(record["email_domain"] for record in domain)
    assert "@" not in json.dumps(domain)
    assert all(set(record["custom_attributes"] or ()) <= {"Plan"} for record in attribute)


def test_deletions_are_carried_out() -> None:
    sql = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
    links = ("parts", "tags", "contacts", "teammates")
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("create table conversations as select '1' as id union select '2'")
        database.execute("create table deleted_conversations as select '1' as id")
        for name in links:
            source = "select id as conversation_id from conversations"
            database.execute(f"create table conversation_{name} as {source}")
        for script in sql:
            database.executescript(script)
        left = [
            database.execute(f"select * from {name}").fetchall()  # noqa: S608  names of our own
            for name in ("conversations", *(f"conversation_{name}" for name in links))
        ]

    assert left == [[("2",)]] * 5


def sources(records: list[Any], name: str) -> list[Any]:
    """A field of each record's source."""
    return [(record["source"] or {}).get(name) for record in records]
