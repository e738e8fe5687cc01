"""Settings that do not exist: a slip in a name would else be passed over in silence."""

from __future__ import annotations

import typing as t
from difflib import get_close_matches

from tap_intercom_conversations.settings.schema import CONFIG_SCHEMA

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OF_THE_SDK = frozenset({"loglevel"})
"""What the SDK reads from the environment, but from no configuration."""


def unknown_settings(
    configured: Iterable[str], environment: Iterable[str], prefix: str
) -> Iterator[str]:
    """Yield one line for each name that is no setting, with the nearest name that is one.

    Args:
        configured: The names in the configuration.
        environment: The names of all environment variables.
        prefix: What the variables of this tap begin with.
    """
    for name in sorted(configured):
        if name not in CONFIG_SCHEMA["properties"]:
            yield f"{name!r} in the configuration is no setting; {_nearest(name)}"
    for variable in sorted(environment):
        name = variable.removeprefix(prefix).lower()
        if variable.startswith(prefix) and not _may_be_of_others(name):
            hint = _nearest(name, prefix)
            yield f"{variable} in the environment is no setting; {hint}"


def _may_be_of_others(name: str) -> bool:
    """Tell whether a variable is right as it is.

    Besides the settings there are Meltano's: extras (`_SELECT`), each key of an object on its own
    (`STREAM_MAPS_TAGS`), and the settings of a plugin that inherits from this one and whose name
    begins with its name (`EU_START_DATE`).
    """
    properties = CONFIG_SCHEMA["properties"]
    objects = tuple(f"{name}_" for name, schema in properties.items() if "object" in schema["type"])
    return (
        name in properties
        or name in OF_THE_SDK
        or name.startswith("_")
        or name.startswith(objects)
        or name.endswith(tuple(f"_{setting}" for setting in properties))
    )


def _nearest(name: str, prefix: str = "") -> str:
    close = get_close_matches(name.lower(), CONFIG_SCHEMA["properties"], 1)
    if not close:
        return "--about lists them"
    return f"did you mean {prefix + close[0].upper() if prefix else close[0]}?"
