"""Objects of every API version become records of one shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_intercom_conversations.errors import UnusableRecord
from tap_intercom_conversations.records.careful import RecordShaper
from tap_intercom_conversations.schemas import load_schema

UPDATED = {"updated_at": 1717147800}


def shape(stream: str, obj: dict[str, Any]) -> dict[str, Any]:
    return RecordShaper(load_schema(stream)).shape(obj)


def conversation(**fields: Any) -> dict[str, Any]:
    """Shape a conversation with these fields, and return what is not its key."""
    record = shape("conversations", {"id": "1", **UPDATED, **fields})
    return {name: record[name] for name in record if name not in {"id", "updated_at"}}


def part(**fields: Any) -> dict[str, Any]:
    """Shape a part with these fields, and return what is not its key."""
    head = {"conversation_id": "1", "conversation_updated_at": 1717147800, "id": "2"}
    record = shape("conversation_parts", {**head, **fields})
    return {name: record[name] for name in record if name not in head}


# --- Whole objects ---


def test_what_is_as_documented_changes_only_in_its_times() -> None:
    obj: dict[str, Any] = {
        "type": "conversation",
        "id": "471",
        "title": None,
        "created_at": 1717140600,
        "updated_at": 1717147800,
        "waiting_since": None,
        "open": True,
        "priority": "high",
        "admin_assignee_id": 814860,
        "team_assignee_id": "5017691",
        "company": {"type": "company", "id": "c1", "created_at": 0, "monthly_spend": 155.5},
        "tags": {
            "type": "tag.list",
            "tags": [
                {
                    "type": "tag",
                    "id": "9",
                    "name": "billing",
                    "applied_at": 1717140660,
                    "applied_by": {"type": "admin", "id": "814860"},
                }
            ],
        },
        "source": {
            "type": "email",
            "author": {"type": "user", "id": "u1", "name": None, "email": "ann@example.com"},
            "attachments": [{"type": "upload", "name": "a.png", "filesize": 100}],
            "redacted": False,
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "u1"}]},
        "custom_attributes": {"Plan": "pro", "Since": 1717140600, "Seats": [1, 2.5, None]},
        "statistics": {"time_to_assignment": 60, "first_close_at": 1717144200},
        "linked_objects": {"type": "list", "total_count": 0, "has_more": False, "data": []},
        "scorecards": [{"scorecard_id": "7", "score": 0.85, "evaluated_at": 1717147799}],
    }
    expected = json.loads(
        json.dumps(obj)
        .replace('"created_at": 1717140600', '"created_at": "2024-05-31T07:30:00Z"')
        .replace('"updated_at": 1717147800', '"updated_at": "2024-05-31T09:30:00Z"')
        .replace('"applied_at": 1717140660', '"applied_at": "2024-05-31T07:31:00Z"')
        .replace('"first_close_at": 1717144200', '"first_close_at": "2024-05-31T08:30:00Z"')
        .replace('"evaluated_at": 1717147799', '"evaluated_at": "2024-05-31T09:29:59Z"')
        .replace('"created_at": 0', '"created_at": "1970-01-01T00:00:00Z"')
    )

    assert shape("conversations", obj) == expected


def test_a_conversation_of_before_2_7() -> None:
    record = shape(
        "conversations",
        {
            "id": 19111,
            "updated_at": 1717147800,
            "contacts": [{"id": "5bc8f7", "type": "lead"}],
            "teammates": [{"id": 814860, "type": "admin", "name": "Ann", "email": "a@example.com"}],
            "tags": [],
            "assignee": {"id": 814860, "type": "admin", "name": "Ann"},
            "source": None,
            "statistics": {
                "first_contacat_reply_at": 1717140600,
                "last_closed_by": {"type": "admin", "id": 325432652, "name": "Tom"},
                "count_reopens": "3",
            },
        },
    )

    assert record == {
        "id": "19111",
        "updated_at": "2024-05-31T09:30:00Z",
        "contacts": {"type": "contact.list", "contacts": [{"id": "5bc8f7", "type": "lead"}]},
        "teammates": {
            "type": "admin.list",
            "teammates": [
                {"id": "814860", "type": "admin", "name": "Ann", "email": "a@example.com"}
            ],
        },
        "tags": {"type": "tag.list", "tags": []},
        "assignee": {"id": "814860", "type": "admin", "name": "Ann"},
        "source": None,
        "statistics": {
            "first_contacat_reply_at": "2024-05-31T07:30:00Z",
            "first_contact_reply_at": "2024-05-31T07:30:00Z",
            "last_closed_by": {"type": "admin", "id": "325432652", "name": "Tom"},
            "last_closed_by_id": "325432652",
            "count_reopens": 3,
        },
    }


def test_a_part_of_any_version() -> None:
    record = shape(
        "conversation_parts",
        {
            "conversation_id": "471",
            "conversation_updated_at": "2024-05-31T09:30:00Z",
            "conversation_total_parts": 12,
            "type": "conversation_part",
            "id": 3,
            "assigned_to": 814860,
            "waiting_since": "1717140600",
            "author": {"type": "bot", "id": 5, "from_ai_agent": True},
            "attachments": [{"filesize": "1024", "width": "640", "height": 480}],
            "tags": [{"type": "tag", "id": 9, "name": "billing"}],
            "event_details": {"custom_until_time": "2025-09-03T18:44:20.146Z", "until": "tomorrow"},
            "translations": {"original": "en", "fr": "<p>Oui</p>"},
        },
    )

    assert record == {
        "conversation_id": "471",
        "conversation_updated_at": "2024-05-31T09:30:00Z",
        "conversation_total_parts": 12,
        "type": "conversation_part",
        "id": "3",
        "assigned_to": {"id": "814860"},
        "waiting_since": "2024-05-31T07:30:00Z",
        "author": {"type": "bot", "id": "5", "from_ai_agent": True},
        "attachments": [{"filesize": 1024, "width": 640, "height": 480}],
        "tags": [{"type": "tag", "id": "9", "name": "billing"}],
        "event_details": {"custom_until_time": "2025-09-03T18:44:20.146Z", "until": "tomorrow"},
        "translations": {"original": "en", "fr": "<p>Oui</p>"},
    }


def test_a_handling_event() -> None:
    record = shape(
        "conversation_handling_events",
        {
            "id": "2026-01-09T09:00:00Z paused 123",
            "conversation_id": "471",
            "conversation_updated_at": 1717147800,
            "teammate": {"type": "admin", "id": 123, "name": "Ann", "email": "ann@example.com"},
            "type": "paused",
            "timestamp": "2026-01-09T10:00:00+01:00",
        },
    )

    assert record["timestamp"] == "2026-01-09T09:00:00Z"
    assert record["teammate"]["id"] == "123"


def test_an_attribute_of_each_endpoint() -> None:
    built_in = {"name": "title", "full_name": "conversation.title", "options": ["a", "b"]}
    own = {"id": 8, "name": "Tier", "options": [{"id": "u-1", "label": "Gold", "archived": False}]}

    assert shape("conversation_attributes", built_in) == {
        "id": "conversation.title",
        "name": "title",
        "full_name": "conversation.title",
        "options": [{"label": "a"}, {"label": "b"}],
    }
    assert shape("conversation_attributes", own) == {**own, "id": "8"}


# --- What has no place ---


def test_an_undocumented_field_is_kept() -> None:
    record = conversation(company_id="6", brand={"id": 1}, source={"mood": {"is": "good"}})

    assert record == {
        "source": {"mood": {"is": "good"}},
        "undocumented_fields": {"company_id": "6", "brand": {"id": 1}},
    }


def test_a_value_that_cannot_be_converted_is_kept() -> None:
    record = conversation(
        statistics={"time_to_assignment": "n/a", "count_reopens": 2**63},
        tags={"tags": [{"id": "1"}, {"id": "2", "applied_at": "soon"}, 5.5]},
        scorecards=[{"evaluators": [{"result": {"reason_ids": [1, None, "2"]}}, "?"]}],
        contacts="nobody",
        custom_attributes=[],
        open="perhaps",
    )

    assert record == {
        "statistics": {"time_to_assignment": None, "count_reopens": None},
        "tags": {"tags": [{"id": "1"}, {"id": "2", "applied_at": None}, None]},
        "scorecards": [{"evaluators": [{"result": {"reason_ids": ["1", None, "2"]}}, None]}],
        "contacts": None,
        "custom_attributes": None,
        "open": None,
        "undocumented_fields": {
            "statistics.time_to_assignment": "n/a",
            "statistics.count_reopens": 2**63,
            "tags.tags[1].applied_at": "soon",
            "tags.tags[2]": 5.5,
            "scorecards[0].evaluators[1]": "?",
            "contacts": "nobody",
            "custom_attributes": [],
            "open": "perhaps",
        },
    }


@pytest.mark.parametrize("own", [5, {"brand": 1}])
def test_the_apis_own_undocumented_fields_go_inside(own: Any) -> None:
    record = conversation(undocumented_fields=own, brand=2)

    assert record == {"undocumented_fields": {"undocumented_fields": own, "brand": 2}}


def test_two_that_claim_one_name_are_both_kept() -> None:
    record = conversation(**{"source.redacted": 1, "source": {"redacted": 2}})

    assert record["undocumented_fields"] == {"source.redacted": 1, "source.redacted'": 2}


def test_nan_is_never_written() -> None:
    record = part(attachments=[{"width": float("nan"), "name": float("inf")}])

    assert record == {
        "attachments": [{"width": None, "name": None}],
        "undocumented_fields": {"attachments[0].width": "nan", "attachments[0].name": "inf"},
    }
    assert conversation(scorecards=[{"score": float("nan")}]) == {
        "scorecards": [{"score": None}],
        "undocumented_fields": {"scorecards[0].score": "nan"},
    }


def test_counts_the_times_that_cannot_be_read() -> None:
    shaper = RecordShaper(load_schema("conversations"))
    times: list[Any] = [1717140600, "never", None, 10**20, {}]
    for created_at in times:
        shaper.shape({"id": "1", **UPDATED, "created_at": created_at, "snoozed_until": 0})

    assert shaper.unreadable_times == 3


# --- What cannot be a record ---


@pytest.mark.parametrize(
    ("obj", "field"),
    [
        ({"updated_at": 1717147800}, "id"),
        ({"id": None, "updated_at": 1717147800}, "id"),
        ({"id": "", "updated_at": 1717147800}, "id"),
        ({"id": {"secret": "words"}, "updated_at": 1717147800}, "id"),
        ({"id": True, "updated_at": 1717147800}, "id"),
        ({"id": "1"}, "updated_at"),
        ({"id": "1", "updated_at": "secret words"}, "updated_at"),
    ],
)
def test_no_record_without_its_key(obj: dict[str, Any], field: str) -> None:
    with pytest.raises(UnusableRecord, match=f"^without {field}$"):
        shape("conversations", obj)
