"""Contacts, and the links from them to companies and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NOW
from tests.support.serving import Said, refusal

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Runner
    from tests.support.serving import Asked

CONTACTS, COMPANIES, TAGS = "contacts", "contact_companies", "contact_tags"
FIRST = {"id": "c1", "updated_at": NOW - 9_000}


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
