"""Every table around conversations is the truth in every version, at first and after changes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.truth import expected, key_of

if TYPE_CHECKING:
    from sandbox import Workspace
    from tests.conftest import Json, Run, Runner, Serve
    from tests.support.truth import Key, Rows

VERSIONS = ("2.11", "2.14", "2.16", "2.17", "Preview")
SINCE = {"contact_activities": "Preview", "ticket_states": "2.14", "calls": "2.14"}
"""The first of these versions that has a stream, if not the first."""
LINKS = ("contact_companies", "contact_tags")
STREAMS = (
    "contacts",
    *LINKS,
    "contact_activities",
    "companies",
    "tickets",
    "ticket_parts",
    "ticket_types",
    "ticket_states",
    "calls",
    "segments",
    "contact_attributes",
    "company_attributes",
    "admin_activity_logs",
    "articles",
    "help_center_collections",
)
COUNTS = "conversation_counts"
A_DAY = 86_400
WEEK = 7 * A_DAY
FIRST_MONDAY = 4 * A_DAY
BY_SCROLL: Json = {"company_cap": 30, "scroll_size": 20}
"""A list of companies that ends before all have come."""
NEWER = {
    "2.14": {
        "tickets": "ticket_state_id",
        "ticket_parts": "app_package_code updated_attribute_data",
        "ticket_types": "ticket_states",
        "articles": "tags",
    },
    "2.16": {
        "contacts": "merge_history",
        "companies": "notes",
        "tickets": "previous_ticket_state_id",
        "articles": "ai_chatbot_availability ai_copilot_availability ai_sales_agent_availability "
        "body_markdown created_by_id draft_updated_at exclude_from_article_suggestions "
        "has_unpublished_changes help_center_audience scheduled_unpublish_at updated_by_id",
    },
    "2.17": {},
    "Preview": {
        "contacts": "formatted_phone",
        "ticket_parts": "translations",
        "calls": "duration hold_time queue_time talk_time",
        "articles": "folder_id",
    },
}
"""Fields that came with a version, by stream; every other is there in all of them."""
GROWN = {"tickets": ("ticket_state", "ticket_type"), "articles": ("translated_content",)}
"""Objects of which newer versions have more fields."""


def streams_of(version: str) -> list[str]:
    """The streams of these that a version has."""
    newer = VERSIONS.index(version)
    return [name for name in STREAMS if VERSIONS.index(SINCE.get(name, "2.11")) <= newer]


def as_served(stream: str, version: str, truth: Json, row: Json) -> Json:
    """The truth of a row, so far as a version has it."""
    newer = [NEWER[later].get(stream, "") for later in VERSIONS[VERSIONS.index(version) + 1 :]]
    lacking = {*" ".join(newer).split()}
    wanted = {name: value for name, value in truth.items() if name not in lacking}
    if version in {"2.11", "2.14"}:
        wanted |= {name: _common(wanted[name], row[name]) for name in GROWN.get(stream, ())}
    if version not in {"2.17", "Preview"} and wanted.get("data_type") == "datetime":
        wanted["data_type"] = "date"
    if version == "Preview" and stream == "companies":
        del wanted["last_request_at"]  # a visit is no update, and only those are followed there
    return wanted


def _common(truth: Any, row: Any) -> Any:
    if isinstance(truth, dict) and isinstance(row, dict):
        return {name: _common(truth[name], row[name]) for name in row if name in truth}
    return truth


class Tables:
    """What a target holds: rows by key; a table without a bookmark is replaced by each sync."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.rows: dict[str, Rows] = {}

    def take(self, run: Run, streams: list[str]) -> None:
        """Write a run's rows."""
        for stream in streams:
            new = {key_of(stream, row): row for row in run.records(stream)}
            is_whole = run.bookmark(stream) is None
            self.rows[stream] = new if is_whole else {**self.rows.get(stream, {}), **new}

    def living(self, stream: str) -> Rows:
        """The rows of what is neither deleted nor merged, and the links that are current."""
        workspace, rows = self._workspace, self.rows[stream]
        tickets, companies = set(workspace.tickets.ids()), set(workspace.companies.ids())
        living = {"tickets": tickets, "ticket_parts": tickets, "companies": companies}
        living |= dict.fromkeys(("contacts", *LINKS), self._contacts())
        if stream in living:
            rows = {key: row for key, row in rows.items() if key[0] in living[stream]}
        if stream == "calls":
            ids = set(workspace.ids())
            rows = {key: row for key, row in rows.items() if row["conversation_id"] in ids}
        if stream in LINKS:
            latest = {key: row["updated_at"] for (key,), row in self.rows["contacts"].items()}
            rows = {
                key: row for key, row in rows.items() if row["contact_updated_at"] == latest[key[0]]
            }
        return rows

    def _contacts(self) -> set[str]:
        """The contacts that live, as their activities tell; in older versions nothing does."""
        if "contact_activities" not in self.rows:
            return set(self._workspace.contacts.ids())
        gone = {
            event["merge_source_id" if event["event_type"] == "contact.merged" else "contact_id"]
            for event in self.rows["contact_activities"].values()
            if event["event_type"] in {"contact.merged", "contact.deleted"}
        }
        return {key for (key,) in self.rows["contacts"]} - gone

    def unlike_the_truth(self, stream: str, version: str) -> list[tuple[str, Key]]:
        """How the table differs: rows that are missing or too much, and fields that differ."""
        truth, rows = expected(self._workspace, stream), self.living(stream)
        assert truth, stream
        found = [("missing", key) for key in truth.keys() - rows.keys()]
        found += [("invented", key) for key in rows.keys() - truth.keys()]
        for key in truth.keys() & rows.keys():
            row = rows[key]
            wanted = as_served(stream, version, truth[key], row)
            shown = {name: row.get(name) for name in wanted}
            if version in {"2.11", "2.14"}:
                shown |= {
                    name: _common(row[name], truth[key][name]) for name in GROWN.get(stream, ())
                }
            found += [(name, key) for name in wanted if shown[name] != wanted[name]]
        return found


def counted(run: Run) -> dict[str, int]:
    """How many conversations each week has that has any."""
    rows = run.records(COUNTS)
    assert len({row["week"] for row in rows}) == len(rows)
    return {row["week"]: row["conversations"] for row in rows if row["conversations"]}


def created(workspace: Workspace) -> dict[str, int]:
    """The same, of the workspace."""
    ordinals = [workspace.ordinal_of(key) for key in workspace.ids()]
    moments = [workspace.created_at(ordinal) for ordinal in ordinals]
    mondays = [at - (at - FIRST_MONDAY) % WEEK for at in moments]
    return Counter(f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d}" for at in mondays)


def live_on(workspace: Workspace) -> None:
    """Have something of every kind changed, created, merged and deleted."""
    workspace.tick(4 * A_DAY)  # by then there are transcripts of calls, whose conversations rest
    contacts, companies, tickets = workspace.contacts, workspace.companies, workspace.tickets
    people = contacts.ids()
    for number, kind in enumerate(contacts.kinds):
        contacts.touch(people[5 * number : 5 * number + 4], kind=kind)
    contacts.merge(people[60], people[61])
    contacts.merge(people[0], people[62])
    contacts.delete([people[1], people[63]])
    contacts.create(3)
    for kind in companies.kinds:
        companies.touch_some(4, kind=kind)
    companies.visit(companies.ids()[-3:])
    # Whether a company that is archived moves its contacts is not documented: here they move.
    left = companies.ids()[:2]
    links = expected(workspace, "contact_companies")
    contacts.touch(sorted({person for person, company in links if company in left}))
    companies.delete(left)
    companies.create(2)
    for kind in tickets.kinds:
        tickets.touch_some(3, kind=kind)
    tickets.delete(tickets.ids()[:2])
    tickets.create(2)
    called = sorted({row["conversation_id"] for row in expected(workspace, "calls").values()})
    workspace.touch(called[:2])
    workspace.delete([called[-1], *workspace.some(2)])
    workspace.create(45)  # of so many, one has a call
    workspace.articles.touch_some(3)
    workspace.articles.delete(workspace.articles.ids()[:2])
    workspace.articles.create(2)
    workspace.activity_logs.create(5)
    workspace.tick(60)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_table_is_the_truth_at_first_and_after_changes(
    serve: Serve, run_tap: Runner, version: str
) -> None:
    by_scroll = BY_SCROLL if version in {"2.11", "2.16"} else {}
    server = serve(150, contacts=120, companies=70, tickets=30, **by_scroll)
    workspace, streams = server.workspace, streams_of(version)
    tables = Tables(workspace)
    state: Json = {}
    for change in (None, live_on, live_on):
        if change:
            change(workspace)
        run_tap.now = workspace.now + 1
        run = run_tap(server, *streams, COUNTS, api_version=version, state=state)
        state = run.state
        tables.take(run, streams)
        unlike = [tables.unlike_the_truth(stream, version) for stream in streams]

        assert (run.status, run.failures) == (0, [])
        assert dict(zip(streams, unlike, strict=True)) == {stream: [] for stream in streams}
        assert counted(run) == created(workspace)
        if change:
            continue
        keys = {name: [key_of(name, row) for row in run.records(name)] for name in streams}
        twice = [name for name in streams if len({*keys[name]}) < len(keys[name])]
        # What the list of companies served before it ended, the scroll has again.
        assert twice == (["companies"] if by_scroll else [])
