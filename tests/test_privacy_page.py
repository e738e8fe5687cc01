"""docs/privacy.md says what the schemas and settings say, and its recipes work."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.schemas import load_marked_schema
from tests.support.few import Few
from tests.support.planted import Marks, documented
from tests.support.privacy_page import PAGE, with_tables

if TYPE_CHECKING:
    from tests.conftest import Answer, Runner, Serve

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


def test_what_the_recipes_promise(answer: Answer, run_tap: Runner) -> None:
    """Of a conversation that has a marked text in every field."""
    marks = Marks()
    row = documented(load_marked_schema("conversations"), marks, "1")
    row["custom_attributes"]["Plan"] = "Pro"
    server = answer(Few(row))
    records = [run_tap(server, **recipe).records()[0] for recipe in RECIPES]
    first, url, domain, attribute = records
    left = [marks.kinds_in(json.dumps(record)) for record in records]

    assert left == [{"identifier"}, {"identifier"}, {"identifier", "url"}, {"identifier", "url"}]
    assert first["source"]["url"] is None
    assert url["source"]["url"] == url["first_contact_reply"]["url"] == "https://a.example/b"
    assert domain["email_domain"] == "example.com"
    assert attribute["custom_attributes"] == {"Plan": "Pro"}


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
