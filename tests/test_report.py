"""The report's words, its page of an empty database, and what it says of one it cannot use."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from report.database import Database
from report.page import page
from report.words import NONE, cell, change, change_of_share, duration, number, share

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = """
CREATE SCHEMA analytics;
CREATE TABLE analytics.present (as_of TIMESTAMP, today DATE);
INSERT INTO analytics.present VALUES (NULL, NULL);
CREATE TABLE analytics.activity (kind TEXT, day DATE, seconds BIGINT, rating INT);
CREATE TABLE analytics.backlog_days (day DATE, age TEXT, age_order INT, open_conversations BIGINT);
CREATE TABLE analytics.conversations (
    conversation_id TEXT, created_on DATE, asked_on DATE, asked_weekday INT,
    asked_hour INT, state TEXT, title TEXT, subject TEXT,
    first_response_seconds BIGINT, fin_participated BOOLEAN, fin_outcome TEXT,
    waiting_since TIMESTAMP, team_name TEXT, teammate_name TEXT, channel TEXT
);
CREATE TABLE analytics.completeness_weeks (
    week DATE, counted BIGINT, loaded BIGINT, difference BIGINT, verdict TEXT, counted_at TIMESTAMP
);
CREATE TABLE analytics.fin_weeks (
    week DATE, conversations INT, involved INT, resolved INT, handed_over INT
);
CREATE TABLE analytics.tag_weeks (week DATE, tag_id TEXT, tag_name TEXT, conversations INT);
CREATE TABLE analytics.teammate_days (
    day DATE, teammate_id TEXT, teammate_name TEXT, replies INT, first_responses INT, closed INT,
    open_at_end INT
);
"""


def run(*arguments: str) -> tuple[int, str]:
    ended = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "report", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stderr


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A database whose models have no rows."""
    path = tmp_path / "empty.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(EMPTY)
    return path


def test_page_of_a_workspace_without_conversations(empty: Path) -> None:
    database = Database(str(empty))
    written = page(database)
    database.close()
    assert "Nothing is loaded yet." in written
    assert written.count("Nothing yet.") == written.count("<section")


def test_a_name_ends_no_script_and_is_no_markup(empty: Path) -> None:
    name = "</script><b>x"
    with duckdb.connect(str(empty)) as connection:
        connection.execute("UPDATE analytics.present SET today = '2026-06-01'")
        connection.execute(
            "INSERT INTO analytics.teammate_days VALUES ('2026-06-01', '1', ?, 1, 1, 1, 1)", [name]
        )
    database = Database(f"duckdb:///{empty}")
    written = page(database)
    database.close()
    assert name not in written
    assert "&lt;/script&gt;&lt;b&gt;x" in written
    assert "\\u003c/script>\\u003cb>x" in written


@pytest.mark.parametrize(
    ("weeks", "line"),
    [
        ([], "Nobody has counted whether all conversations are here"),
        ([(5, 5, "complete")], "Complete. Intercom counted 5 conversations on 2026-06-01, and all"),
        (
            [(5, 5, "complete"), (5, 4, "complete but for recent changes")],
            "Complete but for 1 that changed just then",
        ),
        (
            [(5, 6, "more than counted")],
            "No week lacks any, but in 1 more are here than Intercom counts",
        ),
        (
            [(5, 5, "complete"), (9, 4, "incomplete")],
            "Incomplete. Intercom counted 14 conversations on 2026-06-01; these weeks lack some",
        ),
    ],
)
def test_last_line_says_whether_all_is_there(
    empty: Path, weeks: list[tuple[int, int, str]], line: str
) -> None:
    with duckdb.connect(str(empty)) as connection:
        for number_of_week, (counted, loaded, verdict) in enumerate(weeks):
            connection.execute(
                "INSERT INTO analytics.completeness_weeks VALUES "
                "(DATE '2026-05-04' + 7 * ?, ?, ?, ?, ?, '2026-06-01')",
                [number_of_week, counted, loaded, counted - loaded, verdict],
            )
    database = Database(str(empty))
    written = page(database)
    database.close()
    assert f"<footer>{line}" in written
    assert ("2026-05-11 (5)" in written) == line.startswith("Incomplete")


def test_says_that_there_is_no_database(tmp_path: Path) -> None:
    status, said = run(str(tmp_path / "none.duckdb"))
    assert status == 1
    assert said.startswith("There is no file ")
    assert said.count("\n") == 1


def test_says_that_it_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("no database" * 1_000, "utf-8")
    status, said = run(str(path))
    assert status == 1
    assert "Expected is a DuckDB file, or postgresql://" in said
    assert said.count("\n") == 1


def test_says_that_the_models_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "loaded.duckdb"
    duckdb.connect(str(path)).close()
    status, said = run(str(path))
    assert status == 1
    assert ". Build the models first: meltano run dbt-duckdb:build" in said
    assert "!." not in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_says_that_no_server_answers_and_not_with_which_password(scheme: str) -> None:
    status, said = run(f"{scheme}://somebody:secret@127.0.0.1:1/none")
    assert status == 1
    assert "127.0.0.1" in said
    assert "secret" not in said
    assert "Traceback" not in said


def test_says_that_it_reads_no_such_database_and_not_with_which_password() -> None:
    status, said = run("mysql://somebody:secret@127.0.0.1:1/none")
    assert status == 1
    assert said.startswith("mysql is no database that the report reads. Expected is ")
    assert "secret" not in said


def test_says_that_the_page_cannot_be_written(empty: Path) -> None:
    status, said = run(str(empty), "--output", str(empty / "report.html"))
    assert status == 1
    assert said == f"The report cannot be written to {empty / 'report.html'}: File exists.\n"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (duration(None), NONE),
        (duration(29), "29 s"),
        (duration(59.9), "1 min"),
        (duration(3_599), "1 h 00 min"),
        (duration(3_660), "1 h 01 min"),
        (duration(90_000), "1 d 1 h"),
        (number(None), NONE),
        (number(1_234), "1,234"),
        (number(4.5), "4.50"),
        (share(0.385), "38%"),
        (change(6, 4), "+50 %"),
        (change(2, 4), "\N{MINUS SIGN}50 %"),
        (change(4, 4), "as before"),
        (change(4, 0), ""),
        (change(None, 4), ""),
        (change_of_share(0.41, 0.38), "+3 points"),
        (change_of_share(0.3, 0.31), "\N{MINUS SIGN}1 point"),
        (change_of_share(0.3, 0.3), "as before"),
        (change_of_share(None, 0.3), ""),
        (cell("median_seconds", 60), "1 min"),
        (cell("team", None), NONE),
    ],
)
def test_words(said: str, meant: str) -> None:
    assert said == meant
