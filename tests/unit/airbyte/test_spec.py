"""The settings as a form has them."""

from __future__ import annotations

from typing import Any

import pytest

from tap_intercom_conversations.airbyte.spec import check_settings, with_lists
from tap_intercom_conversations.errors import InvalidSettings


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('["1", "2"]', ["1", "2"]),
        ("[1", "[1"),
        ("open", "open"),
        ("5", "5"),
        (5, 5),
    ],
)
def test_a_filter_takes_a_list_as_text(value: Any, read: Any) -> None:
    config = {"search_filters": [{"field": "tag_ids", "operator": "IN", "value": value}], "a": 1}

    assert with_lists(config) == {
        "search_filters": [{"field": "tag_ids", "operator": "IN", "value": read}],
        "a": 1,
    }


@pytest.mark.parametrize("wrong", [{}, {"search_filters": "x"}, {"search_filters": ["x", {}]}])
def test_what_is_no_filter_is_left_for_the_checks(wrong: Any) -> None:
    assert with_lists(wrong) == wrong


def test_each_setting_of_singers_side_is_refused_by_name() -> None:
    with pytest.raises(InvalidSettings) as raised:
        check_settings({"access_token": "x", "stream_maps": {}, "batch_config": {}, "unknown": 1})

    assert [line.partition(":")[0] for line in raised.value.lines] == [
        "batch_config",
        "stream_maps",
    ]
