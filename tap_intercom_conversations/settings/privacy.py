"""What is done to each kind of personal data: kept, dropped or hashed."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KINDS: Mapping[str, str] = {
    "name": "names of people and companies, and pages that tell one: a website, a social profile",
    "email": "addresses of emails",
    "phone": "telephone numbers",
    "body": "what people wrote, and what was written about it",
    "subject": "subjects and titles",
    "file": "names, types and addresses of files and pictures",
    "location": "where somebody is",
    "network": "addresses of machines, also where they are a part of an email's Message-ID",
    "identifier": "ids from other systems than Intercom",
    "url": "addresses of pages",
    "free": "what may hold anything: custom attributes, reasons, undocumented fields",
}
"""The kinds that the schemas' `x-personal` names, and what each is."""
KEEP, DROP, HASH = "keep", "drop", "hash"
ACTIONS = (KEEP, DROP, HASH)
LEAST_KEY_CHARACTERS = 32
"""Of a key, blanks around it left out. 32 hexadecimal digits are 128 bits, which nobody guesses."""

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


def null_complaints(config: Mapping[str, t.Any]) -> Iterator[str]:
    """Yield one line for each null that would quietly mean that nothing is redacted.

    Args:
        config: The configuration as the user gave it.
    """
    for name in ("privacy", "privacy_rules"):
        if name in config and config[name] is None:
            yield f"{name}: is null; set what is to be done to personal data, or leave it out"


def contradictions(
    rules: Mapping[str, str], given: Mapping[str, t.Any], *, needs_key: bool
) -> Iterator[str]:
    """Yield one line for each of the three settings that does not go with the others.

    Args:
        rules: What `resolve` makes of them.
        given: The settings, each of its type.
        needs_key: Whether it is an error to have no key for hashes.
    """
    for name in ("privacy_key", "privacy_rules"):
        if given.get(name) and not rules:
            yield (
                f"{name}: is set, and yet nothing is dropped or hashed; "
                f"set privacy to analytics or strict, or leave {name} out"
            )
    hashed = [kind for kind, action in rules.items() if action == HASH]
    if hashed and needs_key and not given.get("privacy_key"):
        yield (
            f"privacy_key: is required, as privacy and privacy_rules have {', '.join(hashed)} "
            "hashed; set it to a long random text, and keep that"
        )
