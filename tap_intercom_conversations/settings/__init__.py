"""What the user sets: the schema, the checks, the versions of the API."""

from tap_intercom_conversations.settings.schema import CONFIG_SCHEMA
from tap_intercom_conversations.settings.values import (
    SearchFilter,
    Settings,
    environment_complaints,
)
from tap_intercom_conversations.settings.versions import VERSIONS, at_least

__all__ = [
    "CONFIG_SCHEMA",
    "VERSIONS",
    "SearchFilter",
    "Settings",
    "at_least",
    "environment_complaints",
]
