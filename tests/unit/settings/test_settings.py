"""A configuration becomes settings, in the types that the code uses."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from tap_intercom_conversations import __version__
from tap_intercom_conversations.settings import (
    CONFIG_SCHEMA,
    SearchFilter,
    Settings,
    at_least,
    environment_complaints,
)
from tests.unit.settings.parsing import TOKEN, batch, parse


def epoch(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=timezone.utc).timestamp())  # type: ignore[misc,arg-type]


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


def test_what_is_secret_is_not_shown() -> None:
    shown = repr(parse(privacy="strict", privacy_key=TOKEN[::-1] * 2))

    assert "api_url" in shown
    assert TOKEN not in shown
    assert TOKEN[::-1] not in shown


@pytest.mark.parametrize(
    "name",
    sorted(CONFIG_SCHEMA["properties"].keys() - {"access_token", "privacy", "privacy_rules"}),
)
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


@pytest.mark.parametrize("version", ["2.18", "2.20", "2.999"])
def test_a_later_version_is_sent_as_given_and_taken_for_the_newest(version: str) -> None:
    assert parse(api_version=version, include_qa=True).api_version == version
    assert at_least(version, "2.17")
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
