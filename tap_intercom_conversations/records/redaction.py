"""What becomes of personal data: each field's mark in its schema, and the user's rules for it.

A schema marks each field that has no fields of its own with `x-personal`, a kind of personal data
or "none". Both ways to a record compile the marks: what is dropped is never decoded into a record,
what is hashed is replaced before anybody else sees the record.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tap_intercom_conversations.records.fields import holds_text, personal_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    Hash = Callable[[str], str]

FREE = "free"
"""The kind of what nobody documented: it may hold anything."""
HASH_CHARACTERS = 64
"""Length of a hash: the 32 bytes of HMAC-SHA-256, in hexadecimal."""
REMEMBERED_HASHES = 10_000
"""The same few names and addresses come again and again."""


class Redaction:
    """The user's rules, for whoever compiles a schema.

    Attributes:
        redacts: Something is dropped or hashed.
        drops_free: What nobody documented is left out.
    """

    def __init__(self, rules: Mapping[str, str], key: str | None = None) -> None:
        """Take over the rules.

        Args:
            rules: Kind -> `drop` or `hash`; what is not named is kept.
            key: The key of the hashes.

        Raises:
            ValueError: Something is to be hashed, and there is no key.
        """
        self._rules = rules
        self.redacts = bool(rules)
        # A free value is seldom a text, and its name may tell as much.
        self.drops_free = FREE in rules
        self._hash_text: Hash | None = None
        self._hash_email: Hash | None = None
        if "hash" in rules.values():
            if not key:
                raise ValueError("a key is needed to hash")
            self._hash_text = _hasher(key.encode(), _as_written)
            self._hash_email = _hasher(key.encode(), _one_spelling)

    def drops(self, schema: Mapping[str, Any]) -> bool:
        """Tell whether a field becomes null: by its rule, or as its type can hold no hash."""
        action = self._action(schema)
        return action == "drop" or (action == "hash" and not holds_text(schema))

    def hasher_for(self, schema: Mapping[str, Any]) -> Hash | None:
        """Return what makes a field's hash of its text; None if it is not to be hashed."""
        if self._action(schema) != "hash" or not holds_text(schema):
            return None
        return self._hash_email if personal_kind(schema) == "email" else self._hash_text

    def removals(
        self, properties: Mapping[str, Mapping[str, Any]]
    ) -> list[Callable[[dict[str, Any]], None]]:
        """Compile what is left out among the fields of an object, whatever their values are.

        Args:
            properties: The object's own fields; none if they are nobody's but the workspace's.

        Returns:
            Functions that each change the object.
        """
        found: list[Callable[[dict[str, Any]], None]] = []
        if dropped := dict.fromkeys(key for key, field in properties.items() if self.drops(field)):
            # Null also where the API did not send them: an older row may have a value.
            found.append(lambda obj: obj.update(dropped))
        if properties and self.drops_free:
            found.append(lambda obj: _keep_only(obj, properties))
        return found

    def touches(self, schema: Mapping[str, Any]) -> bool:
        """Tell whether a field, or any below it, is not kept as it is."""
        if not self.redacts:
            return False
        if self._action(schema):
            return True
        below = [*schema.get("properties", {}).values()]
        return any(map(self.touches, [*below, schema["items"]] if "items" in schema else below))

    def _action(self, schema: Mapping[str, Any]) -> str | None:
        return self._rules.get(personal_kind(schema))


KEEP_ALL = Redaction({})
"""Nothing is dropped or hashed."""


def _keep_only(obj: dict[str, Any], properties: Collection[str]) -> None:
    for key in [key for key in obj if key not in properties]:
        del obj[key]


def _as_written(text: str) -> str:
    return text


def _one_spelling(email: str) -> str:
    """Write an address of an email as all its forms are written before they are hashed."""
    return email.strip().lower()


def _hasher(key: bytes, spelling: Callable[[str], str]) -> Hash:
    """Make the function that hashes a text in that spelling."""

    @lru_cache(REMEMBERED_HASHES)
    def hashed(text: str) -> str:
        text = spelling(text)
        if not text:
            return text  # there is nobody behind it
        return hmac.digest(key, text.encode("utf-8", "replace"), "sha256").hex()

    return hashed
