"""The fields that the search of contacts knows."""

from __future__ import annotations

from typing import Any

from sandbox.fieldset import ANY, BOOLEAN, DATE, STRING, Getter, path

Json = dict[str, Any]

_TEXTS = (
    "id role name avatar owner_id email email_domain phone formatted_phone external_id"
    " language_override browser browser_language os location.country location.region location.city"
    " ios_app_version ios_device ios_os_version ios_sdk_version"
    " android_app_version android_device android_os_version android_sdk_version"
)
_MOMENTS = (
    "created_at signed_up_at updated_at last_seen_at last_contacted_at last_replied_at"
    " last_email_opened_at last_email_clicked_at ios_last_seen_at android_last_seen_at"
)
_FLAGS = "unsubscribed_from_emails marked_email_as_spam has_hard_bounced"
_CUSTOM = "custom_attributes."


def _tags(contact: Json) -> list[str]:
    return [tag["id"] for tag in contact["tags"]["data"]]


FIELDS: dict[str, tuple[str, Getter]] = {"tag_id": (STRING, _tags)}
FIELDS |= {name: (STRING, path(name)) for name in _TEXTS.split()}
FIELDS |= {name: (DATE, path(name)) for name in _MOMENTS.split()}
FIELDS |= {name: (BOOLEAN, path(name)) for name in _FLAGS.split()}


def lookup(name: str) -> tuple[str, Getter] | None:
    """Return a field's type and how to get at it, or None for no such field."""
    if name.startswith(_CUSTOM) and len(name) > len(_CUSTOM):
        key = name[len(_CUSTOM) :]
        return ANY, lambda contact: contact["custom_attributes"].get(key)
    return FIELDS.get(name)
