"""A setting that does not exist is told, with the nearest that does."""

from __future__ import annotations

import pytest

from tap_intercom_conversations.settings import CONFIG_SCHEMA, unknown_settings

PREFIX = "TAP_INTERCOM_CONVERSATIONS_"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("start_dat", "did you mean start_date?"),
        ("Start_Date", "did you mean start_date?"),
        ("acces_token", "did you mean access_token?"),
        ("stream_map", "did you mean stream_maps?"),
        ("colour", "--about lists them"),
        ("", "--about lists them"),
    ],
)
def test_a_name_in_the_configuration(name: str, hint: str) -> None:
    assert list(unknown_settings(["page_size", name], [], PREFIX)) == [
        f"{name!r} in the configuration is no setting; {hint}"
    ]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("START_DAT", f"did you mean {PREFIX}START_DATE?"), ("COLOUR", "--about lists them")],
)
def test_a_name_in_the_environment(name: str, hint: str) -> None:
    assert list(unknown_settings([], ["PATH", PREFIX + name], PREFIX)) == [
        f"{PREFIX}{name} in the environment is no setting; {hint}"
    ]


def test_every_setting_is_one_also_those_of_the_sdk() -> None:
    names = [*CONFIG_SCHEMA["properties"]]
    variables = [f"{PREFIX}{name.upper()}" for name in names]

    assert {"stream_maps", "batch_config", "flattening_enabled", "faker_config"} <= {*names}
    assert list(unknown_settings(names, variables, PREFIX)) == []


@pytest.mark.parametrize(
    "variable",
    [
        pytest.param("TAP_OTHER_START_DAT", id="another tap's"),
        pytest.param(f"{PREFIX}LOGLEVEL", id="the SDK's"),
        pytest.param(f"{PREFIX}_SELECT", id="Meltano's extra"),
        pytest.param(f"{PREFIX}_EU_START_DAT", id="of a plugin named with two dashes"),
        pytest.param(f"{PREFIX}EU_START_DATE", id="of a plugin that inherits"),
        pytest.param(f"{PREFIX}STREAM_MAPS_TAGS_NAME", id="a key of an object"),
    ],
)
def test_what_is_of_others_in_the_environment(variable: str) -> None:
    assert list(unknown_settings([], [variable], PREFIX)) == []
