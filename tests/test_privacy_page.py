"""docs/privacy.md says what the schemas and settings say, and its recipes work."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tap_intercom_conversations.schemas import load_marked_schema
from tap_intercom_conversations.streams.registry import STREAMS
from tests.support.few import Few
from tests.support.planted import CHANGED_AT, Marks, documented
from tests.support.privacy_page import PAGE, with_tables

if TYPE_CHECKING:
    from tests.conftest import Answer, Runner, Serve

TEXT = PAGE.read_text(encoding="utf-8")
RECIPES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]

CONVERSATION_TABLES = ("parts", "tags", "contacts", "teammates")
TABLES = {
    "conversations": "id",
    **{f"conversation_{name}": "conversation_id" for name in CONVERSATION_TABLES},
    "contacts": "id",
    "contact_companies": "contact_id",
    "contact_tags": "contact_id",
}
"""The tables that rows are deleted from, and by which column."""


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


def test_one_person_is_found_by_a_hash(answer: Answer, run_tap: Runner) -> None:
    key = f" {RECIPES[0]['privacy_key']}\n"  # as a file may have it
    (script,) = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    printed = subprocess.run(  # noqa: S603  the page itself
        ["/bin/sh", "-c", script],
        env={**os.environ, "TAP_INTERCOM_CONVERSATIONS_PRIVACY_KEY": key},
        capture_output=True,
        check=True,
        text=True,
    )
    author = {"type": "user", "id": "5", "email": " Ada@Example.com"}
    row = {"id": "1", "updated_at": CHANGED_AT, "source": {"author": author}}
    (record,) = run_tap(answer(Few(row)), **{**RECIPES[0], "privacy_key": key}).records()

    assert printed.stdout.strip() == record["source"]["author"]["email"]


def test_deletions_are_carried_out() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        for table, key in TABLES.items():
            database.execute(f"create table {table} ({key})")
            database.execute(f"insert into {table} values ('1'), ('2'), ('3')")  # noqa: S608  ours
        database.executescript(
            "create table deleted_conversations as select '1' as id;"
            "create table contact_activities as select 'contact.deleted' as event_type,"
            " '2' as contact_id, null as merge_source_id"
            " union select 'contact.merged', '3', '1' union select 'contact.created', '3', null;"
        )
        for script in re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL):
            database.executescript(script)
        left = {
            table: database.execute(f"select * from {table}").fetchall()  # noqa: S608  ours
            for table in TABLES
        }

    assert left == {
        table: [("3",)] if table.startswith("contact") else [("2",), ("3",)] for table in TABLES
    }


def test_deletions_reach_all_tables_that_are_loaded_by_default() -> None:
    loaded = {
        stream.name
        for stream in STREAMS
        if stream.selected_by_default
        and "conversation_id" in load_marked_schema(stream.name)["properties"]
    }

    assert loaded <= TABLES.keys()
