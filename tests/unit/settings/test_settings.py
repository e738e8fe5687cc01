"""Settings are checked before any request; what is wrong is one line that names the setting."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from tap_intercom_conversations import __version__
from tap_intercom_conversations.errors import InvalidSettings
from tap_intercom_conversations.settings import (
    CONFIG_SCHEMA,
    VERSIONS,
    SearchFilter,
    Settings,
    at_least,
    environment_complaints,
)
from tap_intercom_conversations.settings.privacy import ACTIONS, KINDS, PRESETS

TOKEN = "dG9rOmE1NDMyMTBfc2VjcmV0"  # noqa: S105  nobody's


def parse(**config: Any) -> Settings:
    return Settings.parse({"access_token": TOKEN, **config})


def complaints(**config: Any) -> list[str]:
    with pytest.raises(InvalidSettings) as caught:
        parse(**config)
    assert str(caught.value) == "; ".join(caught.value.lines)
    return caught.value.lines


def batch(**changed: Any) -> dict[str, Any]:
    """A batch_config, but for what is changed in it."""
    return {"encoding": {"format": "jsonl"}, "storage": {"root": "file:///tmp"}, **changed}


def epoch(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=timezone.utc).timestamp())  # type: ignore[misc,arg-type]


# --- What is right ---


def test_defaults_are_the_documented_ones() -> None:
    assert parse() == Settings(
        access_token=TOKEN,
        api_url="https://api.intercom.io",
        api_version="2.16",
        start=None,
        end=None,
        conversations_endpoint="search",
        search_filters=(),
        page_size=150,
        lookback_window=600,
        max_concurrency=32,
        rate_limit_share=0.9,
        request_timeout=60,
        max_retries=8,
        body_format="html",
        include_qa=False,
        include_translations=False,
        accepted_failures=frozenset(),
        privacy_rules={},
        privacy_key=None,
        user_agent=f"tap-intercom-conversations/{__version__}",
    )


def test_every_setting_is_described_and_token_and_key_alone_are_secret() -> None:
    ours = CONFIG_SCHEMA["properties"].keys() & {*Settings.__annotations__, "region", "start_date"}
    properties = {name: CONFIG_SCHEMA["properties"][name] for name in ours}

    assert len(properties) == 20
    assert all(field["title"] and field["description"] for field in properties.values())
    secret = {name for name, field in properties.items() if field.get("secret")}
    assert secret == {"access_token", "privacy_key"}
    assert "access_token" in CONFIG_SCHEMA["required"]


@pytest.mark.parametrize("name", sorted(CONFIG_SCHEMA["properties"].keys() - {"access_token"}))
def test_null_counts_as_not_set(name: str) -> None:
    assert parse(**{name: None}) == parse()


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us", "https://api.intercom.io"),
        ("eu", "https://api.eu.intercom.io"),
        ("au", "https://api.au.intercom.io"),
    ],
)
def test_the_region_picks_the_host(region: str, host: str) -> None:
    assert parse(region=region).api_url == host


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("region", "EU", "eu"),
        ("api_version", "preview", "Preview"),
        ("conversations_endpoint", "Search", "search"),
        ("body_format", "HTML", "html"),
    ],
)
def test_a_choice_in_capitals_is_the_same_choice(name: str, written: str, meant: str) -> None:
    assert parse(**{name: written}) == parse(**{name: meant})


@pytest.mark.parametrize("version", ["2.17", "2.20", "2.999"])
def test_a_later_version_is_sent_as_given_and_taken_for_the_newest(version: str) -> None:
    assert parse(api_version=version, include_qa=True).api_version == version
    assert at_least(version, "2.16")
    assert not at_least(version, "Preview")


@pytest.mark.parametrize(
    "ids", [["12", "215468000000013"], [12, 215468000000013], [12.0, "215468000000013"]]
)
def test_accepted_failures_are_texts(ids: list[Any]) -> None:
    """From the environment, the SDK reads some numbers as decimals."""
    assert parse(accepted_failures=ids).accepted_failures == {"12", "215468000000013"}


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://proxy.example/intercom"])
def test_an_api_url_takes_the_place_of_the_regions(url: str) -> None:
    assert parse(region="eu", api_url=url).api_url == url
    assert parse(region="eu", api_url=f"{url}/").api_url == url


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("2026-01-31T12:30:00Z", epoch(2026, 1, 31, 12, 30)),
        ("2026-01-31T12:30:00+02:00", epoch(2026, 1, 31, 10, 30)),
        ("2026-01-31T12:30:00", epoch(2026, 1, 31, 12, 30)),
        ("2026-01-31 12:30:00Z", epoch(2026, 1, 31, 12, 30)),
        ("2026-01-31", epoch(2026, 1, 31)),
        ("1970-01-01T00:00:00Z", 0),
        # Conversations have whole seconds: the first that is not before the bound.
        ("2026-01-31T12:30:00.000001Z", epoch(2026, 1, 31, 12, 30, 1)),
        ("2026-01-31T12:30:00.999Z", epoch(2026, 1, 31, 12, 30, 1)),
    ],
)
def test_dates_in_the_forms_that_people_write(text: str, second: int) -> None:
    assert parse(start_date=text).start == second
    assert parse(end_date=text).end == second


def test_search_filters_in_the_apis_own_terms() -> None:
    filters = [
        {"field": "state", "operator": "=", "value": "open"},
        {"field": "tag_ids", "operator": "IN", "value": ["1", "2"]},
        {"field": "team_assignee_id", "operator": "!=", "value": None},
    ]

    assert parse(search_filters=filters).search_filters == (
        SearchFilter("state", "=", "open"),
        SearchFilter("tag_ids", "IN", ["1", "2"]),
        SearchFilter("team_assignee_id", "!=", None),
    )


def test_a_number_may_be_a_text_as_in_the_environment() -> None:
    assert parse(rate_limit_share="0.5").rate_limit_share == 0.5


def test_a_whole_number_may_have_a_point() -> None:
    assert parse(page_size=50.0).page_size == 50


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("page_size", (1, 150)),
        ("max_concurrency", (1, 100)),
        ("rate_limit_share", (0.05, 1.0)),
        ("max_retries", (0, 20)),
        ("lookback_window", (0, 315_360_000)),
        ("request_timeout", (1, 86_400)),
    ],
)
def test_bounds_are_inclusive(name: str, values: tuple[float, float]) -> None:
    assert tuple(getattr(parse(**{name: value}), name) for value in values) == values


def test_decimals_become_numbers() -> None:
    """As the SDK reads a JSON array of the environment."""
    filters = [{"field": "created_at", "operator": "IN", "value": [Decimal("1.5"), 2]}]
    read = parse(search_filters=filters, rate_limit_share=Decimal("0.5"), page_size=Decimal("5.0"))

    assert read.search_filters == (SearchFilter("created_at", "IN", [1.5, 2]),)
    assert (read.rate_limit_share, read.page_size) == (0.5, 5)


@pytest.mark.parametrize("value", [None, batch(), batch(batch_size=5), batch(batch_size=None)])
def test_a_batch_config_that_the_sdk_takes(value: Any) -> None:
    assert parse(batch_config=value) == parse()


@pytest.mark.parametrize("text", ["true", "TRUE", "1", "yes", "on", "false", "No", "0", "off", ""])
def test_a_truth_value_of_the_environment(text: str) -> None:
    assert list(environment_complaints({"TAP_INCLUDE_QA": text}, "TAP_")) == []


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("include_qa", "maybe", "true or false"),
        ("page_size", "10.5", "a whole number"),
        ("search_filters", "state=open", "a JSON array"),
        ("accepted_failures", "12,13", "a JSON array"),
        ("batch_config", "{", "a JSON object"),
    ],
)
def test_what_the_environment_cannot_mean(name: str, text: str, wanted: str) -> None:
    variable = f"TAP_{name.upper()}"

    assert list(environment_complaints({variable: text}, "TAP_")) == [
        f"{name}: {variable} in the environment must be {wanted}"
    ]


def test_settings_of_others_are_none_of_our_business() -> None:
    assert parse(stream_maps={"tags": None}, flattening_enabled=True, brand_new=1) == parse()


# --- What is wrong ---


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("region", "U.S.", "us"),
        ("region", "mars", "us"),
        ("api_version", "1.5", "2.16"),
        ("api_version", "2.1000", "2.16"),
        ("api_version", "2.017", "2.16"),
        ("api_version", "2.17 ", "2.16"),
        ("api_version", "3.0", "2.16"),
        ("api_version", 2.16, "string"),
        ("api_version", "", "2.16"),
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
        ("privacy_key", "", "a text of at least one character"),
        ("privacy_key", 7, "a text of at least one character"),
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


def test_versions_have_an_order() -> None:
    assert VERSIONS[0] == "1.0"
    assert VERSIONS[-3:] == ("2.16", "Preview", "Unstable")
    assert at_least("2.10", "2.9")
    assert at_least("2.16", "2.16")
    assert at_least("Preview", "2.16")
    assert not at_least("2.9", "2.10")
    assert not at_least("1.4", "2.0")
    assert not at_least("2.16", "Preview")


# --- Privacy ---


def test_rules_stand_on_top_of_a_preset() -> None:
    rules = {"name": "drop", "body": "keep", "location": "hash"}
    parsed = parse(privacy="Analytics", privacy_rules=rules, privacy_key="k").privacy_rules

    assert parsed == {
        **dict.fromkeys(("email", "phone", "network", "location"), "hash"),
        **dict.fromkeys(("name", "subject", "file", "free"), "drop"),
    }


@pytest.mark.parametrize(
    "config",
    [{"privacy": "analytics"}, {"privacy": "strict"}, {"privacy_rules": {"email": "hash"}}],
)
def test_a_hash_needs_a_key(config: dict[str, Any]) -> None:
    (line,) = complaints(**config)

    assert line.startswith("privacy_key: is required, as privacy and privacy_rules have ")
    assert "email" in line
    assert Settings.parse(config, needs_token=False).privacy_key is None, "discovery needs none"


@pytest.mark.parametrize(
    "config",
    [{"privacy": "none"}, {"privacy_rules": {"email": "drop"}}, {"privacy_rules": {}}],
)
def test_nothing_else_needs_a_key(config: dict[str, Any]) -> None:
    assert parse(**config).privacy_key is None


def test_the_key_is_never_repeated() -> None:
    assert "secret" not in "".join(complaints(privacy_key=["secret"], privacy="some"))


def test_every_preset_rules_on_known_kinds() -> None:
    assert set(PRESETS) == {"none", "analytics", "strict"}
    assert all(set(rules) <= set(KINDS) for rules in PRESETS.values())
    assert all(set(rules.values()) <= set(ACTIONS) for rules in PRESETS.values())
