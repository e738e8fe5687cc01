"""What the API does otherwise than it documents is put in order, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.records.test_careful import conversation, shape

AT = {"conversation_updated_at": 1_780_358_400}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"type": "admin.list", "admins": [{"id": 1}]}, [{"id": "1"}]),
        ({"type": "admin.list", "admins": [{"id": 1}], "teammates": None}, [{"id": "1"}]),
        ({"type": "admin.list", "teammates": [{"id": "1"}]}, [{"id": "1"}]),
        ([{"id": 1}, None], [{"id": "1"}, None]),
        ([7], [{"id": "7"}]),
    ],
)
def test_teammates_in_all_forms(sent: Any, expected: Any) -> None:
    teammates = {"type": "admin.list", "teammates": expected}

    assert conversation(teammates=sent) == {"teammates": teammates}


def test_teammates_under_both_names_stay_apart() -> None:
    both = {"teammates": [{"id": "1"}], "admins": [{"id": 2}]}

    assert conversation(teammates=dict(both)) == {"teammates": both}


@pytest.mark.parametrize("nobody", [0, "0", None])
def test_nobody_is_null(nobody: Any) -> None:
    record = conversation(admin_assignee_id=nobody, team_assignee_id=nobody)

    assert record == {"admin_assignee_id": None, "team_assignee_id": None}


@pytest.mark.parametrize(("said", "kept"), [(0, "0"), ("0", "0"), (None, None)])
def test_a_part_tells_nobody_from_nothing(said: Any, kept: Any) -> None:
    """With 0 it took the conversation from somebody, with null it left that as it was."""
    part = {"id": "7", "assigned_to": None, "team_assignee_id": said, "admin_assignee_id": said}
    record = shape("conversation_parts", {**part, "conversation_id": "1", **AT})

    assert record["team_assignee_id"] == kept
    assert record["admin_assignee_id"] == (None if kept is None else 0)


def test_somebody_is_not() -> None:
    record = conversation(admin_assignee_id="814860", team_assignee_id=5017691)

    assert record == {"admin_assignee_id": 814860, "team_assignee_id": "5017691"}


@pytest.mark.parametrize(
    ("avatar", "expected"),
    [
        ("https://example.com/a.png", "https://example.com/a.png"),
        ({"type": "avatar", "image_url": "https://example.com/a.png"}, "https://example.com/a.png"),
        ({"image_url": None}, None),
        ({}, "{}"),
        ({"image_url": "a", "size": 5}, '{"image_url": "a", "size": 5}'),
    ],
)
def test_an_avatar_is_an_address(avatar: Any, expected: str | None) -> None:
    assert shape("admins", {"id": 1, "avatar": avatar, "team_ids": [814865, "2"]}) == {
        "id": "1",
        "avatar": expected,
        "team_ids": ["814865", "2"],
    }


def test_what_stands_twice_is_not_overwritten() -> None:
    statistics = {
        "first_contact_reply_at": 1717147800,
        "first_contacat_reply_at": 1717140600,
        "last_closed_by_id": "1",
        "last_closed_by": {"id": 2},
    }

    record = conversation(statistics=statistics)["statistics"]

    assert record["first_contact_reply_at"] == "2024-05-31T09:30:00Z"
    assert record["last_closed_by_id"] == "1"


def test_an_object_with_every_field_null_stays() -> None:
    rating = {"rating": None, "contact": {"id": None, "type": None}, "teammate": None}

    assert conversation(conversation_rating=dict(rating)) == {"conversation_rating": rating}


def test_custom_attributes_stay_as_they_are() -> None:
    own = {"id": 5, "updated_at": 1717147800, "CX: score": None, "list": {"instances": [{"id": 1}]}}

    assert conversation(custom_attributes=dict(own)) == {"custom_attributes": own}
