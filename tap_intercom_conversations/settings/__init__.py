"""What the user sets: the schema, the checks, the versions of the API."""

from tap_intercom_conversations.settings.schema import CONFIG_SCHEMA
from tap_intercom_conversations.settings.unknown import unknown_settings
from tap_intercom_conversations.settings.values import (
    SearchFilter,
    Settings,
    environment_complaints,
)
from tap_intercom_conversations.settings.versions import NEWEST, VERSIONS, at_least, is_later

__all__ = [
    "CONFIG_SCHEMA",
    "NEWEST",
    "VERSIONS",
    "SearchFilter",
    "Settings",
    "at_least",
    "environment_complaints",
    "is_later",
    "unknown_settings",
]
