"""Articles, collections, the admins' log, calls and data attributes: lists by page number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.moments import EPOCH
from sandbox.truth import truth
from tests.sandbox.conftest import ids

if TYPE_CHECKING:
    from tests.sandbox.conftest import Client, Serve

Json = dict[str, Any]
DAY = 86_400
LOGS = "/admins/activity_logs"


def everything(client: Client, path: str, key: str = "data", **parameters: Any) -> list[Json]:
    page = client.get(path, **parameters)
    found: list[Json] = page[key]
    while page["pages"]["next"]:
        page = client.session.get(page["pages"]["next"], timeout=10).json()
        found += page[key]
    return found


@pytest.mark.parametrize(
    ("path", "stream"),
    [("/articles", "articles"), ("/help_center/collections", "help_center_collections")],
)
def test_the_help_center_is_listed_latest_first(serve: Serve, path: str, stream: str) -> None:
    client = serve(10)
    client.version("Preview")
    first = client.get(path)
    assert (len(first["data"]), first["pages"]["per_page"]) == (25, 25)
    found = everything(client, path)
    assert len(found) == first["total_count"] > 25
    moments = [row["updated_at"] for row in found]
    assert moments == sorted(moments, reverse=True)
    rows = list(truth(client.workspace, stream))
    assert sorted(found, key=lambda row: int(row["id"])) == sorted(
        rows, key=lambda row: int(row["id"])
    )


def test_an_article_that_is_edited_comes_first(serve: Serve) -> None:
    client = serve(10)
    number = client.workspace.articles.ids()[7]
    client.workspace.articles.touch([number])
    first = client.get("/articles")["data"][0]
    assert first["id"] == number
    assert "Edited 1" in first["body"]


def test_the_log_goes_by_the_url_of_its_next_page(serve: Serve) -> None:
    client = serve(10)
    found = everything(client, LOGS, "activity_logs", created_at_after=1)
    assert sorted(found, key=lambda row: (row["created_at"], row["id"])) == sorted(
        truth(client.workspace, "admin_activity_logs"),
        key=lambda row: (row["created_at"], row["id"]),
    )
    page = client.get(LOGS, created_at_after=1)
    assert set(page) == {"type", "pages", "activity_logs"}
    assert len(page["activity_logs"]) == 20
    low, high = EPOCH - 90 * DAY, EPOCH - 30 * DAY
    within = everything(client, LOGS, "activity_logs", created_at_after=low, created_at_before=high)
    assert within == [row for row in found if low < row["created_at"] < high]
    assert within


def test_the_log_asks_for_its_beginning(serve: Serve) -> None:
    client = serve(10)
    assert client.answer(LOGS).status_code == 400
    client.server.switches.set(log_window=30)
    assert client.answer(LOGS, created_at_after=EPOCH - 40 * DAY).status_code == 500
    assert client.answer(LOGS, created_at_after=EPOCH - 20 * DAY).status_code == 200


def test_the_log_is_searched_from_2_16_on(serve: Serve) -> None:
    client = serve(10)
    body = {"created_at_after": 1, "per_page": 250, "event_types": ["bulk_export"]}
    page = client.post(f"{LOGS}/search", body).json()
    rows = truth(client.workspace, "admin_activity_logs")
    wanted = [row["id"] for row in rows if row["activity_type"] == "bulk_export"]
    assert sorted(ids(page["activity_logs"])) == sorted(wanted)
    second = client.post(f"{LOGS}/search", {**body, "per_page": 30, "page": 2}).json()
    assert ids(second["activity_logs"]) == ids(page["activity_logs"])[30:]
    assert second["pages"]["total_pages"] == 2
    assert client.post(f"{LOGS}/search", {**body, "per_page": 251}).status_code == 400
    client.version("2.15")
    assert client.post(f"{LOGS}/search", body).status_code == 400


def test_a_new_entry_of_the_log_is_the_latest(serve: Serve) -> None:
    client = serve(10)
    (born,) = client.workspace.activity_logs.create()
    assert client.get(LOGS, created_at_after=EPOCH)["activity_logs"][0]["id"] == born


def test_calls_belong_to_the_conversations_that_tell_of_them(serve: Serve) -> None:
    client = serve(300, deleted=0)
    client.version("Preview")
    told = {}
    for number in client.workspace.ids():
        conversation = client.get(f"/conversations/{number}")
        for part in conversation["conversation_parts"]["conversation_parts"]:
            if part["part_type"] == "call_summary":
                told[part["event_details"]["call_id"]] = conversation
    calls = {row["id"]: row for row in everything(client, "/calls")}
    assert told
    assert told.keys() <= calls.keys()
    for number, conversation in told.items():
        contacts = conversation["contacts"]["contacts"]
        assert calls[number]["conversation_id"] == conversation["id"]
        assert calls[number]["contact_id"] in ids(contacts)
    assert "transcript" not in calls[next(iter(told))]


def test_calls_are_searched_for_by_twenty_conversations(serve: Serve) -> None:
    client = serve(300, deleted=0)
    client.version("Preview")
    numbers = client.workspace.ids()
    found: list[Json] = []
    for place in range(0, len(numbers), 20):
        body = {"conversation_ids": numbers[place : place + 20]}
        found += client.post("/calls/search", body).json()["data"]
    expected = list(truth(client.workspace, "calls"))
    assert ids(found) == ids(expected)
    assert [row["transcript"] for row in found] == [row["transcript"] for row in expected]
    assert {type(row["created_at"]) for row in found} == {str, int}
    assert max(ids(found).count(number) for number in ids(found)) == 1
    for wrong in ([], numbers[:21], "x"):
        answer = client.post("/calls/search", {"conversation_ids": wrong})
        assert answer.json()["errors"][0]["code"] == "conversation_id_limit_exceeded"
    client.version("2.14")
    old = client.post("/calls/search", {"conversation_ids": [found[0]["conversation_id"]]})
    assert "duration" not in old.json()["data"][0]
    client.version("2.13")
    assert client.post("/calls/search", {"conversation_ids": numbers[:1]}).status_code == 400


def test_a_transcript_comes_days_after_its_call_and_moves_nothing(serve: Serve) -> None:
    client = serve(60, deleted=0)
    asked = {"conversation_ids": client.workspace.ids()[18:19]}
    client.workspace.now = client.workspace.created_at(18) + DAY
    (before, *_) = client.post("/calls/search", asked).json()["data"]
    revision = client.workspace.revision
    client.workspace.tick(3 * DAY)
    (after, *_) = client.post("/calls/search", asked).json()["data"]
    assert (before["transcript"], before["transcript_status"]) == ([], "processing")
    assert after["transcript"]
    assert after["transcript_status"] == "completed"
    assert after["updated_at"] == before["updated_at"]
    assert client.workspace.revision == revision


def test_data_attributes_are_told_by_model(serve: Serve) -> None:
    client = serve(10)
    for model in ("contact", "company"):
        client.version("Preview")
        rows = client.get("/data_attributes", model=model, include_archived="true")["data"]
        assert rows == list(truth(client.workspace, f"{model}_attributes"))
        assert {row["model"] for row in rows} == {model}
        assert {"id" in row for row in rows if not row["custom"]} == {False}
        living = client.get("/data_attributes", model=model)["data"]
        assert len(living) == len(rows) - 1
    every = client.get("/data_attributes")["data"]
    assert {row["model"] for row in every} == {"contact", "company"}
    client.version("2.15")
    every = client.get("/data_attributes")["data"]
    assert {row["model"] for row in every} == {"contact", "company", "conversation"}


def test_a_date_with_a_time_is_a_type_of_its_own_since_2_17(serve: Serve) -> None:
    client = serve(10)
    kinds = {}
    for version in ("2.16", "2.17"):
        client.version(version)
        rows = client.get("/data_attributes", model="contact")["data"]
        kinds[version] = [row["data_type"] for row in rows if row["name"] == "trial_ends_at"]
    assert kinds == {"2.16": ["date"], "2.17": ["datetime"]}


def test_segments_are_as_a_copy_has_them(serve: Serve) -> None:
    client = serve(10)
    assert client.get("/segments")["segments"] == list(truth(client.workspace, "segments"))
