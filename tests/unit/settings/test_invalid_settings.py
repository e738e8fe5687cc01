"""What is wrong in the settings is one line that names the setting, before any request."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tap_intercom_conversations.errors import InvalidSettings
from tap_intercom_conversations.settings import Settings
from tests.unit.settings.parsing import TOKEN, batch, complaints, parse


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("region", "U.S.", "us"),
        ("region", "mars", "us"),
        ("api_version", "1.5", "2.17"),
        ("api_version", "2.1000", "2.17"),
        ("api_version", "2.017", "2.17"),
        ("api_version", "2.17 ", "2.17"),
        ("api_version", "3.0", "2.17"),
        ("api_version", 2.16, "string"),
        ("api_version", "", "2.17"),
        ("start_date", "yesterday", "2026-01-31T00:00:00Z"),
        ("start_date", "2026-02-30", "2026-01-31T00:00:00Z"),
        ("end_date", "31.01.2026", "2026-01-31T00:00:00Z"),
        ("start_date", 1_717_147_800, "string"),
        ("conversations_endpoint", "export", "search"),
        ("search_filters", {"field": "state"}, "array"),
        ("search_filters", [{"field": "state", "operator": "="}], "'value' is a required"),
        ("search_filters", [{"field": 1, "operator": "=", "value": 1}], "string"),
        (
            "search_filters",
            [{"field": "state", "operator": "=", "value": "open"}] * 14,
            "at most 13 filters, not 14",
        ),
        ("page_size", 0, "minimum of 1"),
        ("page_size", 151, "maximum of 150"),
        ("page_size", "abc", "integer"),
        ("page_size", 1.5, "integer"),
        ("page_size", True, "integer"),
        ("page_size", Decimal("10.5"), "10.5 is not of type 'integer'"),
        ("batch_config", {}, "'encoding' is a required"),
        ("batch_config", {"encoding": {}, "storage": {"root": "x"}}, "'format' is a required"),
        ("batch_config", {"encoding": {"format": "jsonl"}}, "'storage' is a required"),
        ("batch_config", {"encoding": {"format": "jsonl"}, "storage": {}}, "'root' is a required"),
        ("batch_config", batch(encoding={"format": "csv"}), "jsonl"),
        ("batch_config", batch(encoding={"format": "jsonl", "level": 9}), "'level' was unexpected"),
        ("batch_config", batch(batch_size=0), "minimum of 1"),
        ("batch_config", batch(rows=5), "'rows' was unexpected"),
        ("stream_maps", {"tags": {"name": 5}}, "5 is not valid"),
        ("stream_maps", {"tags": {"__filter__": 5}}, "5 is not of type 'string'"),
        ("stream_maps", {"__else__": "x"}, '__else__ can only be null or "__NULL__"'),
        ("stream_maps", {"tags": {"__else__": "x"}}, '__else__ can only be null or "__NULL__"'),
        ("lookback_window", -1, "minimum of 0"),
        ("lookback_window", 1e11, "maximum of 315360000"),
        ("request_timeout", 1e12, "maximum of 86400"),
        ("request_timeout", 86_401, "maximum of 86400"),
        ("accepted_failures", "123", "array"),
        ("accepted_failures", [1.5], "'string', 'integer'"),
        ("accepted_failures", [None], "'string', 'integer'"),
        ("accepted_failures", [True], "'string', 'integer'"),
        ("privacy", "some", "'none', 'analytics', 'strict'"),
        ("privacy_rules", {"emails": "drop"}, "'emails' was unexpected"),
        ("privacy_rules", {"email": "mask"}, "'keep', 'drop', 'hash'"),
        ("privacy_rules", "email", "object"),
        ("privacy", None, "is null; set what"),
        ("privacy", "", "'none', 'analytics', 'strict'"),
        ("privacy_rules", None, "is null; set what"),
        ("privacy_rules", {"email": None}, "'keep', 'drop', 'hash'"),
        ("privacy_key", "", "a text of 32 or more characters"),
        ("privacy_key", 7, "a text of 32 or more characters"),
        ("privacy_key", f" {'k' * 31}\n", "a text of 32 or more characters"),
        ("privacy_key", f"{'k' * 16}\n{'k' * 16}", "cannot be seen"),
        ("privacy_key", "\udc80" * 32, "cannot be seen"),
        ("max_concurrency", 0, "minimum of 1"),
        ("max_concurrency", 101, "maximum of 100"),
        ("rate_limit_share", 0.04, "minimum of 0.05"),
        ("rate_limit_share", 1.01, "maximum of 1"),
        ("rate_limit_share", "half", "number"),
        ("rate_limit_share", "nan", "number"),
        ("rate_limit_share", float("nan"), "number"),
        ("rate_limit_share", True, "number"),
        ("request_timeout", 0, "minimum of 1"),
        ("max_retries", -1, "minimum of 0"),
        ("max_retries", 21, "maximum of 20"),
        ("body_format", "markdown", "plaintext"),
        ("include_qa", "yes", "boolean"),
        ("include_translations", 1, "boolean"),
        ("user_agent", "", "non-empty"),
        ("user_agent", "tap\r\nX-Evil: 1", "header"),
        ("api_url", "api.intercom.io", "https://api.intercom.io"),
        ("api_url", "ftp://api.intercom.io", "https://api.intercom.io"),
        ("api_url", "https://", "https://api.intercom.io"),
        ("api_url", "https://api.intercom.io?region=eu", "https://api.intercom.io"),
        ("api_url", "https://[::1", "https://api.intercom.io"),
        ("api_url", "https://api.intercom.io:99999", "https://api.intercom.io"),
        ("api_url", "https://api.intercom.io:https", "https://api.intercom.io"),
        ("api_url", "https://api intercom.io", "https://api.intercom.io"),
        ("api_url", "https://.intercom.io", "https://api.intercom.io"),
        ("api_url", f"https://{'a' * 64}.io", "https://api.intercom.io"),
    ],
)
def test_an_invalid_value_is_one_line_that_names_the_setting(
    name: str, value: Any, said: str
) -> None:
    lines = complaints(**{name: value})

    assert len(lines) == 1
    assert lines[0].startswith((f"{name}: ", f"{name}["))
    assert said in lines[0].partition(":")[2]
    assert "\n" not in lines[0]


@pytest.mark.parametrize(
    ("config", "name", "said"),
    [
        (
            {
                "conversations_endpoint": "list",
                "search_filters": [{"field": "state", "operator": "=", "value": "open"}],
            },
            "search_filters",
            "conversations_endpoint",
        ),
        ({"include_qa": True, "api_version": "2.15"}, "include_qa", "2.16"),
        (
            {"include_qa": True, "api_version": "2.16", "conversations_endpoint": "list"},
            "include_qa",
            "Preview",
        ),
        ({"include_translations": True, "api_version": "2.13"}, "include_translations", "2.14"),
        ({"api_version": "1.4"}, "conversations_endpoint", "list"),
        (
            {"start_date": "2026-01-31T00:00:00Z", "end_date": "2026-01-30T00:00:00Z"},
            "end_date",
            "start_date",
        ),
        (
            {"start_date": "2026-01-31T00:00:00Z", "end_date": "2026-01-31T00:00:00Z"},
            "end_date",
            "start_date",
        ),
    ],
)
def test_two_that_contradict_each_other_are_one_line_that_names_both(
    config: dict[str, Any], name: str, said: str
) -> None:
    lines = complaints(**config)

    assert len(lines) == 1
    assert lines[0].startswith(f"{name}: ")
    assert said in lines[0].partition(":")[2]


@pytest.mark.parametrize(
    "config",
    [
        {"include_qa": True},
        {"include_qa": True, "api_version": "Preview", "conversations_endpoint": "list"},
        {"include_qa": True, "api_version": "Unstable"},
        {"include_translations": True, "api_version": "2.14"},
        {"include_translations": True, "api_version": "Preview"},
        {"conversations_endpoint": "list", "search_filters": []},
        {"conversations_endpoint": "list", "api_version": "1.0"},
        {"api_version": "2.0"},
        {"start_date": "2026-01-31T00:00:00Z", "end_date": "2026-01-31T00:00:01Z"},
    ],
)
def test_what_goes_together_is_accepted(config: dict[str, Any]) -> None:
    assert parse(**config).access_token == TOKEN


def test_all_that_is_wrong_is_said_at_once() -> None:
    lines = complaints(page_size=0, region="mars", start_date="soon")

    assert sorted(line.partition(":")[0] for line in lines) == ["page_size", "region", "start_date"]


@pytest.mark.parametrize("config", [{}, {"access_token": None}])
def test_a_missing_token_says_what_to_do(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings) as caught:
        Settings.parse(config)

    assert len(caught.value.lines) == 1
    assert caught.value.lines[0].startswith("access_token: is required")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(f"{TOKEN}\n", id="line break"),
        pytest.param(f"{TOKEN}\r\nX-Evil: 1", id="second header"),
        pytest.param(f"{TOKEN}…", id="beyond ASCII"),
        pytest.param([TOKEN], id="list"),
        pytest.param({"value": TOKEN}, id="object"),
        pytest.param("", id="empty"),
    ],
)
def test_a_token_that_cannot_be_one_is_never_repeated(token: Any) -> None:
    lines = complaints(access_token=token)

    assert [line.partition(":")[0] for line in lines] == ["access_token"]
    assert TOKEN not in "".join(lines)
