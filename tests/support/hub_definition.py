"""docs/meltano-hub.yml, made from `--about`: `python -m tests.support.hub_definition` writes it."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tap_intercom_conversations.streams.registry import STREAMS

FILE = Path(__file__).parents[2] / "docs" / "meltano-hub.yml"
HEAD = """\
# The tap as a plugin of Meltano, for the Hub and `meltano add --from-ref`: see docs/meltano.md.
# Made from the tap's --about by `python -m tests.support.hub_definition`.
"""
PACKAGE = "tap_intercom_conversations"
KINDS = {"array": "array", "boolean": "boolean", "integer": "integer", "object": "object"}
NO_DEFAULT = frozenset({"user_agent"})
"""Defaults that carry the tap's version."""


def about() -> dict[str, Any]:
    """What the tap says of itself."""
    command = [sys.executable, "-m", PACKAGE, "--about", "--format=json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  ours
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def definition() -> dict[str, Any]:
    """The plugin's definition, in the Hub's form."""
    told = about()
    name, settings = told["name"], told["settings"]
    on = [stream.name for stream in STREAMS if stream.selected_by_default]
    return {
        "name": name,
        "variant": "intercom-conversations",
        "namespace": PACKAGE,
        "label": "Intercom conversations",
        "description": told["description"],
        "domain_url": "https://www.intercom.com",
        "pip_url": name,
        "executable": name,
        "capabilities": told["capabilities"],
        # Meltano selects all unless it is told.
        "select": [f"{stream}.*" for stream in on],
        "settings_group_validation": [settings["required"]],
        "settings": [_setting(name, schema) for name, schema in settings["properties"].items()],
    }


def _setting(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    setting = {"name": name, "label": schema.get("title", name), "kind": _kind(schema)}
    if schema.get("secret"):
        setting["sensitive"] = True
    if schema.get("default") is not None and name not in NO_DEFAULT:
        # Meltano 4.4 has decimals, but cannot write them into a plugin's configuration.
        default = schema["default"]
        setting["value"] = str(default) if isinstance(default, float) else default
    if "enum" in schema:
        values = [value for value in schema["enum"] if value is not None]
        setting["options"] = [{"label": str(value), "value": value} for value in values]
    return setting | {"description": schema["description"]}


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "options"
    if schema.get("format") == "date-time":
        return "date_iso8601"
    types = [kind for kind in schema["type"] if kind != "null"]
    return KINDS.get(types[0], "string")


def text() -> str:
    """The file as it should be."""
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=2, offset=0)
    written = StringIO()
    yaml.dump(definition(), written)
    return HEAD + written.getvalue()


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
