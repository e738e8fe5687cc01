"""The whole pipeline, from the workspace to the marts; their figures equal those of other code."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from demo.processes import ROOT, Failed, environment, meltano
from tests.e2e.models import figures
from tests.e2e.models.answers import Answers
from tests.e2e.models.clock import Clock
from tests.e2e.models.conftest import TIMEOUT
from tests.e2e.models.figures import same
from tests.e2e.models.life import Life
from tests.e2e.models.page import check_report
from tests.e2e.models.tickets import tickets as ticket_figures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Workspace
    from tests.e2e.models.conftest import Project
    from tests.e2e.models.figures import Row, Rows
    from tests.e2e.models.warehouse import Warehouse

MARTS = ROOT / "transform" / "models" / "marts"
NEW_YORK = Clock("America/New_York", (1, 2, 3, 4, 6), time(8, 30), time(18))
KEYS = {
    "conversations": ("conversation_id",),
    "messages": ("conversation_id", "position"),
    "fin_weeks": ("week",),
    "tag_weeks": ("week", "tag_id"),
    "backlog_days": ("day", "age"),
    "teammate_days": ("day", "teammate_id"),
    "team_days": ("day", "team_id"),
    "contacts": ("contact_id",),
    "companies": ("company_id",),
    "completeness_weeks": ("week",),
    "tickets": ("ticket_id",),
}


def test_figures_are_those_of_the_truth(workspace: Workspace, project: Project) -> None:
    warehouse = project.warehouse
    pipeline = ("run", "tap-intercom-conversations", warehouse.target)
    project.meltano(*pipeline, f"{warehouse.dbt}:build")
    assert differences(warehouse, expected(workspace, Clock())) == {}
    assert {name: columns(warehouse, name) for name in KEYS} == described()

    # Incremental models take up what changed, and let go of what was deleted.
    workspace.order("delete", count=7)
    for kind in ("reply", "admin_reply", "close", "reopen", "tag", "note", "redact"):
        workspace.order("touch", count=10, kind=kind)
    workspace.order("create", count=5, parts=3)
    for kind in ("comment", "note", "assignment", "state", "state"):
        workspace.order("touch", of="tickets", count=4, kind=kind)
    workspace.order("create", of="tickets", count=2)
    project.meltano(*pipeline)
    write_late_and_forget(warehouse)
    project.build(**NEW_YORK.variables())
    assert differences(warehouse, expected(workspace, NEW_YORK)) == {}
    check_report(warehouse.url, answers(workspace, NEW_YORK))

    check_fivetran(workspace, warehouse)
    check_what_lacks(project)


def test_dbt_takes_no_server_of_this_machine_for_the_one_of_a_url(tmp_path: Path) -> None:
    settings = {
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
        "TARGET_POSTGRES_SQLALCHEMY_URL": "postgresql+psycopg://me@db.example.com/support",
        "DBT_TARGET_PATH": str(tmp_path / "dbt"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    env = environment(settings, "TAP_", "TARGET_", "DBT_")
    with pytest.raises(Failed) as failed:
        meltano("invoke", "dbt-postgres", "parse", env=env, log=tmp_path / "log", timeout=TIMEOUT)
    assert "not provided: 'TARGET_POSTGRES_HOST'" in failed.value.log.read_text("utf-8")


def write_late_and_forget(warehouse: Warehouse) -> None:
    """As if a load side by side had read some rows a day before, and written them only now.

    And as if the models had as many rows that are in the tap's tables no more.
    """
    some = "select conversation_id from analytics.conversations order by 1 limit 10"
    for table, key in (("conversation_parts", "conversation_id"), ("conversations", "id")):
        warehouse.do(
            f"update analytics.stg_{table} "  # noqa: S608  our names
            f"set conversation_id = 'gone ' || conversation_id where conversation_id in ({some})"
        )
        warehouse.do(
            f"update {warehouse.schema}.{table} "  # noqa: S608
            f"set _sdc_extracted_at = _sdc_extracted_at - interval '1 day' where {key} in ({some})"
        )


def check_fivetran(workspace: Workspace, warehouse: Warehouse) -> None:
    """The views by Fivetran's names have the rows."""
    (counts,) = warehouse.ask(
        """
        select
            (select count(*) from analytics_fivetran.conversation_history) as conversations,
            (select count(*) from analytics_fivetran.conversation_part_history) as parts,
            (select count(*) from analytics_fivetran.team_admin) as members,
            (select count(*) from analytics_fivetran.company_tag_history) as company_tags
        """
    )
    teams = list(workspace.truth("teams"))
    assert counts["members"] == sum(len(team["admin_ids"]) for team in teams)
    tagged = [len(row["tags"]["tags"]) for row in workspace.truth("companies")]
    assert counts["company_tags"] == sum(tagged) > 0
    assert counts["conversations"] == len(list(workspace.truth("conversations")))
    assert counts["parts"] >= len(list(workspace.truth("conversation_parts")))


def check_what_lacks(project: Project) -> None:
    """All that Intercom counts is there; what is taken away is told, and makes no other figure."""
    warehouse = project.warehouse
    (found,) = warehouse.ask(
        """
        select cast(sum(counted) as int) as counted, cast(sum(loaded) as int) as loaded,
            (select count(*) from analytics.conversations) as living
        from analytics.completeness_weeks
        """
    )
    assert found["counted"] == found["loaded"] == found["living"]

    rows = warehouse.ask(
        "select conversation_id, created_at from analytics.conversations order by 1"
    )
    lost, (late, same_second) = rows[:3], (rows[-1], rows[len(rows) // 2])
    names = ", ".join(f"'{row['conversation_id']}'" for row in lost)
    warehouse.do(
        f"delete from {warehouse.schema}.conversations where id in ({names})"  # noqa: S608  ours
    )
    # One was deleted so shortly before the count that it was counted, one when it was counted.
    for row, before in ((late, 60), (same_second, 0)):
        warehouse.do(
            f"insert into {warehouse.schema}.deleted_conversations (id, deleted_at) "  # noqa: S608
            f"select '{row['conversation_id']}', max(counted_at) - interval '{before} seconds' "
            f"from analytics.completeness_weeks where week = '{monday_of(row)}'"
        )
    # A ticket of which a part lacks says nothing that the part might change.
    (ticket,) = warehouse.ask(
        "select ticket_id from analytics.tickets where reopens > 0 order by 1 limit 1"
    )
    warehouse.do(
        f"delete from {warehouse.schema}.ticket_parts where id = (select min(id) "  # noqa: S608
        f"from {warehouse.schema}.ticket_parts where ticket_id = '{ticket['ticket_id']}')"
    )
    # One changed an hour ago: past everywhere, though clocks of the west show less.
    just_now = (datetime.now(timezone.utc) - timedelta(hours=1)).replace(microsecond=0, tzinfo=None)
    warehouse.do(
        f"update analytics.stg_conversations set updated_at = '{just_now}' "  # noqa: S608
        f"where conversation_id = '{late['conversation_id']}'"
    )
    with pytest.raises(Failed) as failed:
        project.meltano(
            "invoke", warehouse.dbt, "build", "--select", "completeness_weeks", "tickets", "present"
        )
    weeks = Counter(map(monday_of, lost))
    lines = failed.value.log.read_text("utf-8")
    told = ", ".join(f"{week} ({count})" for week, count in sorted(weeks.items()))
    assert f"by the week in which they began: {told}\n" in lines
    verdicts = {
        row["week"]: row["verdict"]
        for row in warehouse.ask("select week, verdict from analytics.completeness_weeks")
    }
    assert verdicts.pop(monday_of(late)) == "complete but for recent changes"
    assert {verdicts.pop(week) for week in weeks} == {"incomplete"}
    assert set(verdicts.values()) == {"complete"}
    assert warehouse.ask("select as_of from analytics.present") == [{"as_of": just_now}]
    (known,) = warehouse.ask(
        "select has_all_parts, reopens, first_response_at from analytics.tickets "  # noqa: S608
        f"where ticket_id = '{ticket['ticket_id']}'"
    )
    assert list(known.values()) == [False, None, None]


def monday_of(row: Row) -> date:
    """The week in which a conversation began."""
    day: date = row["created_at"].date()
    return day - timedelta(days=day.weekday())


def described() -> dict[str, set[str]]:
    """The columns that marts.yml tells of."""
    return {
        model["name"]: {column["name"] for column in model["columns"] if column["description"]}
        for path in MARTS.glob("*.yml")
        for model in YAML(typ="safe").load(path)["models"]
    }


def columns(warehouse: Warehouse, mart: str) -> set[str]:
    """The columns that a mart has."""
    found = warehouse.ask(
        f"select column_name from information_schema.columns "  # noqa: S608  our names
        f"where table_schema = 'analytics' and table_name = '{mart}'"
    )
    return {row["column_name"] for row in found}


def lives_of(workspace: Workspace, clock: Clock) -> tuple[list[Life], date]:
    """All conversations, and the day of the last update."""
    parts: dict[str, list[Any]] = defaultdict(list)
    for part in workspace.truth("conversation_parts"):
        parts[part["conversation_id"]].append(part)
    calls: dict[str, list[Any]] = defaultdict(list)
    for call in workspace.truth("calls"):
        calls[call["conversation_id"]].append(call)
    rows = workspace.truth("conversations")
    lives = [Life(row, parts[row["id"]], calls[row["id"]]) for row in rows]
    return lives, clock.day(max(life.updated for life in lives))


def answers(workspace: Workspace, clock: Clock) -> Answers:
    """What the report has to say."""
    names = {row["id"]: row["name"] for row in workspace.truth("admins")}
    return Answers(*lives_of(workspace, clock), clock, names)


def expected(workspace: Workspace, clock: Clock) -> dict[str, Rows]:
    """The rows of all marts, of the workspace's truth."""
    lives, today = lives_of(workspace, clock)
    tickets = list(workspace.truth("tickets"))
    living = {life.id for life in lives}
    return {
        "conversations": figures.conversations(lives, clock),
        "messages": figures.messages(lives),
        "fin_weeks": figures.fin_weeks(lives, clock),
        "tag_weeks": figures.tag_weeks(lives, clock),
        "backlog_days": figures.backlog_days(lives, clock, today),
        "teammate_days": figures.days_of("admin", lives, clock, today),
        "team_days": figures.days_of("team", lives, clock, today),
        "contacts": figures.contacts(lives, tickets, workspace.truth("contacts")),
        "companies": figures.companies(lives, workspace.truth("companies")),
        "tickets": ticket_figures(tickets, workspace.truth("ticket_parts"), living, clock),
    }


def differences(warehouse: Warehouse, marts: dict[str, Rows]) -> dict[str, list[str]]:
    """Where marts differ from what is expected: the first lines of each."""
    found = {name: _differences(warehouse, name, rows)[:5] for name, rows in marts.items()}
    return {name: lines for name, lines in found.items() if lines}


def _differences(warehouse: Warehouse, mart: str, rows: Rows) -> list[str]:
    where = "open_conversations > 0" if mart == "backlog_days" else "true"
    asked = warehouse.ask(f"select * from analytics.{mart} where {where}")  # noqa: S608  our names
    built = {tuple(row[name] for name in KEYS[mart]): row for row in asked}
    lines = [f"missing: {key}" for key in rows.keys() - built.keys()]
    lines += [f"too much: {key}" for key in built.keys() - rows.keys()]
    for key in rows.keys() & built.keys():
        lines += [
            f"{key} {name}: {built[key][name]!r}, not {value!r}"
            for name, value in rows[key].items()
            if not same(built[key][name], value)
        ]
    return sorted(lines)
