"""The log's level, as the environment sets it: checked before the SDK meets it."""

from __future__ import annotations

import logging
import typing as t

from tap_intercom_conversations.errors import TapError

if t.TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = ("TAP_INTERCOM_CONVERSATIONS_LOGLEVEL", "LOGLEVEL")
"""The first that is set counts."""


def check_log_level(environment: Mapping[str, str]) -> None:
    """Check that the level is one.

    Raises:
        TapError: It is none.
    """
    name = next((name for name in VARIABLES if environment.get(name)), VARIABLES[-1])
    level = environment.get(name)  # the SDK stumbles over an empty one, too
    if level is not None and not isinstance(logging.getLevelName(level.upper()), int):
        raise TapError(
            f"{name} in the environment is {level!r}: set it to debug, info, warning or error"
        )
