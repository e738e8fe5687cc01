"""GET /conversations/{id}: its parts, its text, what is missing, and the shapes of old versions."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Workspace
from sandbox.plaintext import plain
from sandbox.truth import truth

if TYPE_CHECKING:
    from tests.sandbox.conftest import Serve

Json = dict[str, Any]


def parts(conversation: Json) -> list[Json]:
    found: list[Json] = conversation["conversation_parts"]["conversation_parts"]
    return found


@pytest.mark.parametrize("count", [0, 1, 500, 740])
def test_a_conversation_has_exactly_so_many_parts(serve: Serve, count: int) -> None:
    client = serve(20, exact_parts={count: 2})
    for number in client.workspace.exact(count):
        conversation = client.get(f"/conversations/{number}")
        assert conversation["conversation_parts"]["total_count"] == count
        served = parts(conversation)
        assert len(served) == min(count, 500)
        if count:
            assert conversation["statistics"]["count_conversation_parts"] == count
            assert served[-1]["created_at"] == conversation["updated_at"]
        assert len({part["id"] for part in served}) == len(served)


def test_of_many_parts_the_latest_are_served(serve: Serve) -> None:
    client = serve(20, exact_parts={740: 1})
    [number] = client.workspace.exact(740)
    before = [part["id"] for part in parts(client.get(f"/conversations/{number}"))]
    client.workspace.touch([number], kind="note")
    after = [part["id"] for part in parts(client.get(f"/conversations/{number}"))]
    assert after[:-1] == before[1:]


def test_the_count_of_parts_can_stop_at_five_hundred(serve: Serve) -> None:
    client = serve(20, exact_parts={740: 1}, total_count_capped=True)
    conversation = client.get(f"/conversations/{client.workspace.exact(740)[0]}")
    assert conversation["conversation_parts"]["total_count"] == 500
    assert conversation["statistics"]["count_conversation_parts"] == 740


def test_an_ordinary_workspace_has_long_and_empty_conversations() -> None:
    workspace = Workspace(300)
    assert [len(workspace.exact(parts)) for parts in (0, 1, 500, 740)] == [3, 3, 1, 1]


def test_there_are_about_five_parts_on_average() -> None:
    workspace = Workspace(1_000, exact_parts={})
    total = sum(1 for _ in truth(workspace, "conversation_parts"))
    assert 4_000 < total < 6_500


@pytest.mark.parametrize("seed", [1, 2])
def test_about_a_third_of_the_conversations_have_tags(seed: int) -> None:
    workspace = Workspace(1_000, seed)
    tags = list(truth(workspace, "conversation_tags"))
    assert tags == list(truth(Workspace(1_000, seed), "conversation_tags"))
    counts = Counter(tag["conversation_id"] for tag in tags)
    assert 300 <= len(counts) <= 400
    assert {1, 2, 3} <= set(counts.values()) <= {1, 2, 3, 4}
    assert len({(tag["conversation_id"], tag["tag_id"]) for tag in tags}) == len(tags)
    assert {tag["tag_id"] for tag in tags} == {tag["id"] for tag in workspace.cast.tags}
    assert all(tag["applied_at"] <= tag["conversation_updated_at"] for tag in tags)


def test_tags_never_run_out() -> None:
    workspace = Workspace(1)
    [number] = workspace.ids()
    many = len(workspace.cast.tags)
    for _ in range(many + 2):
        workspace.tag([number])
    assert len({tag["tag_id"] for tag in truth(workspace, "conversation_tags")}) == many


def test_the_single_conversation_says_the_same_as_the_list(serve: Serve) -> None:
    client = serve(30)
    for item in client.get("/conversations", per_page=30)["conversations"]:
        single = client.get(f"/conversations/{item['id']}")
        single.pop("conversation_parts")
        assert single == item


def test_bodies_can_be_plain_text(serve: Serve) -> None:
    client = serve(60)
    linked = 0
    for number in client.workspace.ids():
        rich = client.get(f"/conversations/{number}")
        poor = client.get(f"/conversations/{number}", display_as="plaintext")
        assert poor["source"]["body"] == plain(rich["source"]["body"])
        assert [part["id"] for part in parts(poor)] == [part["id"] for part in parts(rich)]
        text = "".join(part["body"] or "" for part in parts(poor))
        assert "<p>" not in text + poor["source"]["subject"]
        linked += "this page (https://help.larkspur.example/a?id=7&l=en)" in text
    assert linked


def test_translations_come_when_asked_for(serve: Serve) -> None:
    client = serve(20, exact_parts={5: 1})
    [number] = client.workspace.exact(5)
    for version, asked, expected in (
        ("2.13", True, False),
        ("2.14", False, False),
        ("2.14", True, True),
        ("2.16", True, True),
        ("Preview", False, True),
    ):
        client.version(version)
        parameters = {"include_translations": "true"} if asked else {}
        served = parts(client.get(f"/conversations/{number}", **parameters))
        assert {"translations" in part for part in served} == {expected}, version


def test_reviews_come_when_asked_for_in_versions_that_have_them(serve: Serve) -> None:
    client = serve(10)
    number = client.workspace.ids()[3]
    asked = {"include_monitors": "true", "include_scorecards": "true"}
    for version, single, listed, searched in (
        ("2.15", False, False, False),
        ("2.16", False, False, True),
        ("Preview", True, True, True),
    ):
        client.version(version)
        assert ("scorecards" in client.get(f"/conversations/{number}", **asked)) is single
        page = client.get("/conversations", **asked)
        assert ("monitor_evaluations" in page["conversations"][0]) is listed
        page = client.search(parameters=asked)
        assert ("monitor_evaluations" in page["conversations"][0]) is searched
        assert "scorecards" not in client.search()["conversations"][0]


@pytest.mark.parametrize("form", ["not_found", "conversation_not_found", "html"])
def test_what_is_deleted_is_not_found(serve: Serve, form: str) -> None:
    client = serve(10, not_found_form=form)
    gone = client.workspace.ids()[4]
    client.workspace.delete([gone])
    for path in (f"/conversations/{gone}", "/conversations/12", "/conversations/abc"):
        answer = client.answer(path)
        assert answer.status_code == 404
        if form == "html":
            assert answer.text.startswith("<!DOCTYPE html>")
        else:
            assert answer.json()["errors"][0]["code"] == form


def test_one_conversation_can_be_broken_for_ever(serve: Serve) -> None:
    client = serve(10)
    bad, good = client.workspace.ids()[:2]
    client.server.switches.set(broken=[bad], broken_status=503)
    assert {client.answer(f"/conversations/{bad}").status_code for _ in range(5)} == {503}
    assert client.answer(f"/conversations/{good}").status_code == 200


def test_priority_and_assignees_by_version(serve: Serve) -> None:
    client = serve(300)
    new = {row["id"]: row for row in client.search_all()}
    client.version("2.15")
    old = {row["id"]: row for row in client.search_all()}
    assert {row["priority"] for row in new.values()} > {"none", "low"}
    assert {row["priority"] for row in old.values()} == {"priority", "not_priority"}
    unassigned = [number for number, row in new.items() if row["admin_assignee_id"] == 0]
    assert unassigned
    assert {old[number]["admin_assignee_id"] for number in unassigned} == {None}


def test_versions_before_2_6_have_bare_lists_and_an_assignee(serve: Serve) -> None:
    client = serve(100)
    client.version("2.3")
    rows = client.search_all()
    assert all(isinstance(row["contacts"], list) for row in rows)
    assert all(isinstance(row["teammates"], list) for row in rows)
    assert not any("admin_assignee_id" in row for row in rows)
    mates = [mate for row in rows for mate in row["teammates"]]
    assert {"type", "id", "name", "email"} == set(mates[0])
    assert any(row["assignee"] and row["assignee"]["type"] == "admin" for row in rows)
    closers = [row["statistics"]["last_closed_by"] for row in rows if row["statistics"]]
    assert any(closer and closer["name"] for closer in closers)


def test_version_1_has_messages_in_place_of_sources(serve: Serve) -> None:
    client = serve(10)
    client.version("1.3")
    for row in client.get("/conversations")["conversations"]:
        assert row["source"] is None
        assert row["conversation_message"]["body"]


def test_templates_give_each_conversation_its_own_id_and_moments(serve: Serve) -> None:
    client = serve(200, templates=20)
    rows = client.search_all()
    expected = list(truth(client.workspace, "conversations"))[::-1]
    for row, one in zip(rows, expected, strict=True):
        for key in ("monitor_evaluations", "scorecards", "ai_topics"):
            one.pop(key)
        assert row == one
    [(number, at)] = client.workspace.touch(client.workspace.ids()[50:51])
    conversation = client.get(f"/conversations/{number}")
    assert conversation["updated_at"] == at
    assert parts(conversation)[-1]["created_at"] == at


def test_who_was_asked_by_a_workflow_rated_it_from_2_17_on(serve: Serve) -> None:
    kinds = {}
    for version in ("2.16", "2.17"):
        client = serve(300)
        client.version(version)
        ratings = [row["conversation_rating"] for row in client.search_all()]
        kinds[version] = {rating["teammate"]["type"] for rating in ratings if rating}
    assert kinds == {"2.16": {"admin"}, "2.17": {"admin", "workflow"}}


def test_a_part_says_whom_it_assigned_to_and_whom_it_took_from(serve: Serve) -> None:
    client = serve(300)
    client.version("2.17")
    found = {}
    for number in client.workspace.ids()[:200]:
        parts = client.get(f"/conversations/{number}")["conversation_parts"]["conversation_parts"]
        for part in parts:
            target = part["assigned_to"] or {"type": None}
            assignees = part["admin_assignee_id"], part["team_assignee_id"]
            found[target["type"]] = tuple(type(one).__name__ if one else one for one in assignees)
    assert found == {
        None: (None, None),
        "admin": ("int", None),
        "bot": ("int", None),
        "team": (None, "int"),
        "nobody_admin": (0, None),
    }
