"""Contacts, and the links from them to companies and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW
from tests.support.serving import Said, refusal
from tests.support.truth import KEYS, differences, expected, key_of, moment, rows

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Answer, Json, Run, Runner, Serve
    from tests.support.serving import Asked

CONTACTS, COMPANIES, TAGS = "contacts", "contact_companies", "contact_tags"
STREAMS = (CONTACTS, COMPANIES, TAGS)
FIRST = {"id": "c1", "updated_at": NOW - 9_000}


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


def few(*contacts: Json, **lists: Any) -> Any:
    """Answers the search with a few contacts, and their own lists by name."""

    def api(asked: Asked) -> Said:
        if asked.path == "/contacts/search":
            bound = asked.body["query"]["value"][0]["value"]
            found = [contact for contact in contacts if contact["updated_at"] > bound]
            return Said({"type": "list", "data": found, "total_count": len(found), "pages": {}})
        name = asked.path.rpartition("/")[2]
        said = lists.get(name, {})
        return said if isinstance(said, Said) else Said(said.get(asked.query.get("page", "1"), {}))

    return api


def links(*ids: str, **around: Any) -> Json:
    """A list of links, as a contact has it."""
    return {"type": "list", "data": [{"type": "x", "id": key} for key in ids], **around}


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


@pytest.mark.parametrize(
    "pages",
    [
        {"1": links("1", "2", pages={"next": "https://x/y?page=2"}), "2": links("3")},
        {"1": links("1", "2", pages={"total_pages": 2}), "2": links("3", pages={"total_pages": 2})},
        {"1": links("1", "2", total_count=3), "2": links("3", total_count=3)},
        {"1": links("1", "2", "3", pages={"next": {"page": 2}}), "2": links("3", "1")},
        {"1": links("1", "2", "3", total_count=9), "2": links()},
    ],
)
def test_all_pages_of_a_list_are_read(run_tap: Runner, answer: Answer, pages: Json) -> None:
    contact = {**FIRST, "companies": links("1", has_more=True)}
    run = run_tap(answer(few(contact, companies=pages)), COMPANIES, api_version="2.17")

    assert run.failures == []
    assert [record["company_id"] for record in run.records(COMPANIES)] == ["1", "2", "3"]


def test_a_list_that_counts_more_than_it_has_is_told(
    run_tap: Runner, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    contact = {**FIRST, "tags": links("1", has_more=True)}
    pages = {"1": links("1", "2", total_count=9), "2": links(total_count=9)}
    run = run_tap(answer(few(contact, tags=pages)), TAGS, api_version="2.17")

    assert (run.status, len(run.records(TAGS))) == (0, 2)
    assert "1 contacts have fewer tags in their own lists than these count" in caplog.text


@pytest.mark.parametrize(
    "pages",
    [
        {"1": {"type": "list", "data": None, "total_count": 2}},
        {"1": links("1", total_count=2), "2": {"type": "list", "data": None, "total_count": 2}},
    ],
)
def test_a_page_without_a_list_is_no_end(run_tap: Runner, answer: Answer, pages: Json) -> None:
    contact = {**FIRST, "tags": links("1", has_more=True)}
    run = run_tap(answer(few(contact, tags=pages)), TAGS, api_version="2.17", max_retries=0)

    assert (run.status, run.records(TAGS)) == (1, [])
    assert "it holds no data" in run.failures[0]


@pytest.mark.parametrize("said", [{"total_count": 2}, {"has_more": True}])
def test_a_count_above_what_is_shown_is_more(run_tap: Runner, answer: Answer, said: Json) -> None:
    contact = {**FIRST, "tags": links("1", **said)}
    run = run_tap(answer(few(contact, tags={"1": links("1", "2")})), TAGS, api_version="2.17")

    assert [record["tag_id"] for record in run.records(TAGS)] == ["1", "2"]


def test_a_contact_that_is_gone_meanwhile_is_passed_over(run_tap: Runner, answer: Answer) -> None:
    second = {"id": "c2", "updated_at": NOW - 8_000, "tags": links("5")}
    contact = {**FIRST, "tags": links("1", has_more=True)}
    for said in (refusal(404, "not_found"), refusal(410, "contact_merged")):
        run = run_tap(answer(few(contact, second, tags=said)), TAGS, api_version="2.17")

        assert run.failures == []
        assert [record["contact_id"] for record in run.records(TAGS)] == ["c2"]


def test_so_many_that_are_gone_cannot_be_true(run_tap: Runner, answer: Answer) -> None:
    """A gateway may say it in the API's own words."""
    contacts = [
        {"id": f"c{number}", "updated_at": NOW - number, "tags": links("1", has_more=True)}
        for number in range(9_000, 9_040)
    ]
    server = answer(few(*contacts, tags=refusal(404, "not_found")))
    run = run_tap(server, TAGS, api_version="2.17")

    assert (run.status, run.records(TAGS)) == (1, [])
    assert "20 of 20 contacts were found and are said not to exist" in run.failures[0]


@pytest.mark.parametrize("identifier", [{"no": "id"}, ["c1"], True])
def test_what_is_no_id_does_not_become_a_path(
    run_tap: Runner, answer: Answer, identifier: Any
) -> None:
    contact = {**FIRST, "id": identifier, "tags": links("1", has_more=True)}
    server = answer(few(contact, tags=refusal(404, "not_found")))
    run = run_tap(server, TAGS, api_version="2.17")

    assert (run.status, run.records(TAGS)) == (1, [])
    assert [asked.path for asked in server.asked if asked.method == "GET"] in ([], ["/me"])


def test_a_list_that_cannot_be_read_is_asked_for_again(run_tap: Runner, answer: Answer) -> None:
    contact = {**FIRST, "tags": links("1", has_more=True)}
    broken = answer(few(contact, tags=refusal(422, "unprocessable_entity")))
    first = run_tap(broken, TAGS, api_version="2.17", max_retries=0)
    assert (first.status, first.records(TAGS)) == (1, [])
    assert "1 could not be read: c1" in first.failures[0]

    def mended(asked: Asked) -> Said:
        return Said(contact) if asked.path == "/contacts/c1" else api(asked)

    api = few(tags={"1": links("1", "2")})
    second = run_tap(answer(mended), TAGS, api_version="2.17", state=first.state)

    assert second.failures == []
    assert [record["tag_id"] for record in second.records(TAGS)] == ["1", "2"]
    assert second.state["bookmarks"][TAGS]["unreadable"] is None


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


@pytest.mark.parametrize("owner_id", [421, "421"])
def test_an_owner_has_one_form_whatever_the_version(
    run_tap: Runner, answer: Answer, owner_id: str | int
) -> None:
    run = run_tap(answer(few({**FIRST, "owner_id": owner_id})), CONTACTS, api_version="2.17")

    assert run.records(CONTACTS)[0]["owner_id"] == "421"


def test_a_refusal_names_the_permission(run_tap: Runner, answer: Answer) -> None:
    run = run_tap(
        answer(lambda _: refusal(401, "token_unauthorized")), CONTACTS, api_version="2.17"
    )

    assert 'It needs the permission "Read and list users and companies".' in run.failures[0]
