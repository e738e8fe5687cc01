"""Contacts and their links, as the simulated workspace has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW
from tests.support.truth import KEYS, differences, expected, key_of, moment, rows

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Run, Runner, Serve

CONTACTS, COMPANIES, TAGS = "contacts", "contact_companies", "contact_tags"
STREAMS = (CONTACTS, COMPANIES, TAGS)


def unlike(server: Sandbox, run: Run, stream: str) -> list[Any]:
    """How a run's rows differ from the truth: the keys of those missing, too much, or other."""
    truth = expected(server.workspace, stream)
    found = {key_of(stream, row): row for row in run.records(stream)}
    assert len(found) == len(run.records(stream)), "keys are unique"
    assert len(truth) > 60
    served = {name for record in run.records(stream) for name in record}
    for row in truth.values():
        for name in {"formatted_phone", "merge_history"} - served:  # which not all versions have
            row.pop(name, None)
    others = [(key, differences(found[key], truth[key])) for key in truth.keys() & found.keys()]
    return [*(truth.keys() ^ found.keys()), *(other for other in others if other[1])]


@pytest.mark.parametrize("version", ["2.11", "2.14", "2.16", "2.17", "Preview"])
@pytest.mark.parametrize("stream", STREAMS)
def test_the_table_is_the_truth(serve: Serve, run_tap: Runner, stream: str, version: str) -> None:
    server = serve(20, contacts=400, companies=60)
    run = run_tap(server, stream, api_version=version, page_size=60)

    assert run.status == 0
    assert unlike(server, run, stream) == []
    assert run.bookmark(stream) == moment(max(ups(server)))


@pytest.mark.parametrize("zone", ["Etc/GMT+11", "UTC", "Etc/GMT-14"])
def test_days_of_any_timezone_lose_nothing(serve: Serve, run_tap: Runner, zone: str) -> None:
    """Up to 2.16 the search cuts all times to days, and `>` begins on the day after."""
    server = serve(10, contacts=300, timezone=zone)
    contacts = server.workspace.contacts
    run = run_tap(server, CONTACTS)
    assert set(run.ids(CONTACTS)) == set(contacts.ids())

    for hour in range(1, 60):  # two and a half days, so all hours of a day in each timezone
        run_tap.now = NOW + hour * 3_600
        contacts.touch([contacts.ids()[hour]], run_tap.now - 60)
        if hour % 3 == 0:
            run = run_tap(server, CONTACTS, state=run.state)
            assert contacts.ids()[hour] in run.ids(CONTACTS)
            changed = [contacts.ids()[hour - before] for before in range(3)]
            assert set(changed) <= set(run.ids(CONTACTS)), hour


@pytest.mark.parametrize("zone", ["Etc/GMT+11", "UTC", "Etc/GMT-14"])
def test_nothing_new_costs_three_days(serve: Serve, run_tap: Runner, zone: str) -> None:
    server = serve(10, contacts=4_000, timezone=zone, activity="even")
    run = run_tap(server, CONTACTS)
    server.counters.reset()
    again = run_tap(server, CONTACTS, state=run.state)

    assert len(again.records(CONTACTS)) <= 1
    # A page has more than three days of them; then one look at what is newer than the sync.
    assert server.counters.by_endpoint["contacts_search"] <= 3


def ups(server: Sandbox) -> list[int]:
    """When each living contact last changed."""
    contacts = server.workspace.contacts
    return [contacts.updated_at(contacts.ordinal_of(key)) for key in contacts.ids()]


@pytest.mark.parametrize("stream", STREAMS)
def test_what_changed_comes_again_and_nothing_else(
    serve: Serve, run_tap: Runner, stream: str
) -> None:
    server = serve(20, contacts=200, companies=60)
    contacts = server.workspace.contacts
    first = run_tap(server, stream, CONTACTS, api_version="Preview")
    contacts.touch(contacts.ids()[:20], NOW - 3_600, "tag")
    contacts.touch(contacts.ids()[20:40], NOW - 3_000, "company")
    source, target = contacts.ids()[50:52]
    contacts.merge(source, target, NOW - 2_500)
    contacts.delete(contacts.ids()[60:62])
    second = run_tap(server, stream, api_version="Preview", state=first.state, lookback_window=0)
    owner = KEYS[stream][0]
    touched = {*contacts.ids()[:40], target}
    # What changed in the very second of the bookmark comes twice.
    newest = {
        row["id"]
        for row in first.records(CONTACTS)
        if row["updated_at"] == first.bookmark(CONTACTS)
    }

    assert {record[owner] for record in second.records(stream)} <= touched | newest
    for row in rows(server, stream, second.schema(stream)):
        if row[owner] in touched:
            assert any(not differences(record, row) for record in second.records(stream)), row


def test_what_a_contact_took_in_is_told_from_2_16_on(serve: Serve, run_tap: Runner) -> None:
    server = serve(20, contacts=200)
    contacts = server.workspace.contacts
    users = [key for key in contacts.ids() if contacts.role_of(contacts.ordinal_of(key)) == "user"]
    contacts.merge(users[0], users[1])
    records = run_tap(server, CONTACTS, api_version="2.17").records(CONTACTS)

    [heir] = [record for record in records if record["id"] == users[1]]
    assert users[0] in [entry["source_contact_id"] for entry in heir["merge_history"]]
    assert users[0] not in [record["id"] for record in records]


def test_one_picture_of_all_three_for_the_price_of_one(serve: Serve, run_tap: Runner) -> None:
    server = serve(20, contacts=200)
    run_tap(server, CONTACTS, api_version="2.17")
    alone = server.counters.by_endpoint["contacts_search"]
    server.counters.reset()
    run_tap(server, *STREAMS, api_version="2.17")

    assert server.counters.by_endpoint["contacts_search"] == alone


def test_only_where_there_are_more_than_ten_a_list_is_asked_for(
    serve: Serve, run_tap: Runner
) -> None:
    server = serve(20, contacts=400, companies=60)
    run_tap(server, COMPANIES, TAGS, api_version="2.17")
    contacts = server.workspace.contacts
    made = [contacts.canonical(contacts.ordinal_of(key)) for key in contacts.ids()]

    for name in ("companies", "tags"):
        long = sum(contact[name]["has_more"] for contact in made)
        assert server.counters.by_endpoint[f"contact_{name}"] == long > 5


@pytest.mark.parametrize("stream", STREAMS)
def test_a_contact_that_cannot_be_read_is_asked_for_again(
    serve: Serve, run_tap: Runner, stream: str
) -> None:
    server = serve(10, contacts=120, companies=60)
    tagged = {row["contact_id"] for row in rows(server, TAGS, {})}
    bad = next(
        row["contact_id"] for row in rows(server, COMPANIES, {}) if row["contact_id"] in tagged
    )
    server.switches.poison = {bad: "updated_at"}
    first = run_tap(server, stream, api_version="Preview", max_retries=0)
    assert (first.status, first.failures[0].count(bad)) == (1, 1)
    assert bad not in {record[KEYS[stream][0]] for record in first.records(stream)}

    server.switches.poison = {}
    second = run_tap(server, stream, state=first.state, api_version="Preview", lookback_window=0)
    assert second.failures == []
    found = [record for record in second.records(stream) if record[KEYS[stream][0]] == bad]
    assert found
    assert second.state["bookmarks"][stream]["unreadable"] is None
