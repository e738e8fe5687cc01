"""What is done to each kind of personal data: kept, dropped or hashed."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = (
    "name",
    "email",
    "phone",
    "body",
    "subject",
    "file",
    "location",
    "network",
    "identifier",
    "url",
    "free",
)
"""The kinds that the schemas' `x-personal` names; docs/privacy.md says what each is."""
KEEP, DROP, HASH = "keep", "drop", "hash"
ACTIONS = (KEEP, DROP, HASH)

PRESETS: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "analytics": {
        **dict.fromkeys(("name", "email", "phone", "network"), HASH),
        **dict.fromkeys(("body", "subject", "file", "free"), DROP),
    },
    "strict": {
        **dict.fromkeys(("email", "identifier"), HASH),
        **dict.fromkeys(("name", "phone", "network", "location", "url"), DROP),
        **dict.fromkeys(("body", "subject", "file", "free"), DROP),
    },
}
"""What the values of the setting `privacy` do; a kind that is not named is kept."""


def resolve(preset: str, rules: Mapping[str, str]) -> dict[str, str]:
    """Put the setting `privacy_rules` on top of a preset.

    Returns:
        Kind -> `drop` or `hash`; what is kept is left out.
    """
    actions = {**PRESETS[preset], **rules}
    return {kind: action for kind, action in actions.items() if action != KEEP}
