"""docs/meltano-hub.yml is what the tap says of itself."""

from __future__ import annotations

from ruamel.yaml import YAML

from tests.support.hub_definition import FILE, text


def test_the_file_is_made_from_about() -> None:
    """If not: `python -m tests.support.hub_definition`."""
    assert FILE.read_text(encoding="utf-8") == text()


def test_each_setting_has_what_the_hub_asks_for() -> None:
    plugin = YAML(typ="safe").load(FILE)
    for setting in plugin["settings"]:
        assert {"name", "label", "kind", "description"} <= set(setting), setting["name"]
        assert (setting["kind"] == "options") == ("options" in setting)
    assert [each["name"] for each in plugin["settings"] if each.get("sensitive")] == [
        "access_token",
        "privacy_key",
    ]
