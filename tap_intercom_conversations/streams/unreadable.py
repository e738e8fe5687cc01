"""Objects that cannot be read: the others are written, these are told, and asked for again.

One failure must not cost the rest of a stream. But a gateway that answers for Intercom, or a token
that lacks a permission, fails for so many that the stream has to fail as a whole.
"""

from __future__ import annotations

import json
import typing as t

from tap_intercom_conversations.errors import PermissionDenied, TapError, Unauthorized

if t.TYPE_CHECKING:
    from collections.abc import Collection

    from tap_intercom_conversations.errors import NotFound

LEAST_FAILURES = 20
FAILED_SHARE = 0.01
MOST_FAILURES = 1_000
"""A stream fails as a whole at 1 % and at least 20 of its objects, or at 1,000."""
IDS_SHOWN = 10


def too_many(count: int, total: int) -> bool:
    """Tell whether so many of all are too many."""
    return count >= MOST_FAILURES or (count >= LEAST_FAILURES and count > FAILED_SHARE * total)


class UnreadableObjects:
    """The objects of one stream that could not be read, in this sync or in those before.

    Args:
        kept: What STATE holds of them, a JSON list of ids as a text.
        accepted: Ids that are no reason to fail.
        noun: What they are called, in the plural.

    Attributes:
        total: How many objects there are in this sync, as far as known.
        looked_at: How many objects were looked at in this sync, whether or not they could be read.
        gone: How many were found in this sync, and then were no more.
    """

    def __init__(self, kept: object, accepted: Collection[str], noun: str) -> None:
        self._reasons: dict[str, str] = dict.fromkeys(_ids(kept), "")
        # One by one they were known to fail: they tell nothing of the API as a whole.
        self._expected = {*self._reasons, *accepted}
        self._accepted = accepted
        self._noun = noun
        self.looked_at = self.total = self.gone = 0
        self._failed: set[str] = set()
        self._last: TapError | None = None

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        return list(self._reasons)

    @property
    def state(self) -> str | None:
        """What STATE keeps; null if there are none. A text, as Meltano merges STATE deeply."""
        return json.dumps(self.ids) if self._reasons else None

    def count_looked_at(self, number: int) -> None:
        """Count objects that were looked at."""
        self.looked_at += number

    def add(self, identifier: str, error: TapError) -> None:
        """Note one that cannot be read.

        Raises:
            TapError: They are too many; what is wrong is not one object.
        """
        self._reasons[identifier] = str(error)
        if identifier in self._expected:
            return
        self._failed.add(identifier)
        self._last = error
        if self.are_too_many(len(self._failed)):
            self.raise_if_denied()
            raise TapError(
                f"{len(self._failed)} of {self.looked_at} {self._noun} could not be read, the last "
                f"one, {identifier}: {error}"
            ) from error

    def add_gone(self, error: NotFound) -> None:
        """Count one that is gone since it was found.

        Raises:
            TapError: So many are gone that it cannot be true.
        """
        self.gone += 1
        if self.are_too_many(self.gone):
            raise TapError(
                f"{self.gone} of {self.looked_at} {self._noun} were found and are said not to "
                f"exist, the last one: {error}. Check that Intercom itself answers at api_url"
            )

    def are_too_many(self, count: int) -> bool:
        """Tell whether so many of this sync's objects are too many."""
        return too_many(count, max(self.looked_at, self.total))

    def remove(self, identifier: str | None) -> None:
        """Note that one was read, or is gone; what has no id was never kept."""
        if identifier is not None:
            self._reasons.pop(identifier, None)

    def raise_if_denied(self) -> None:
        """Raise what the API says of the token, if it said so of each object that was asked for."""
        denied = isinstance(self._last, (PermissionDenied, Unauthorized))
        if self._last is not None and denied and len(self._failed) >= self.looked_at:
            raise self._last

    def complaint(self) -> str | None:
        """What to tell at the end of the stream; None if all could be read."""
        return _line([key for key in self._reasons if key not in self._accepted], self._reasons)

    def acceptance(self) -> str | None:
        """What to tell of those that are accepted; None if there are none."""
        return _line([key for key in self._reasons if key in self._accepted], self._reasons)


def _line(ids: list[str], reasons: dict[str, str]) -> str | None:
    if not ids:
        return None
    shown = [f"{key} ({reasons[key]})" if reasons[key] else key for key in ids[:IDS_SHOWN]]
    more = ", ..." if len(ids) > IDS_SHOWN else ""
    return f"{len(ids)} could not be read: {', '.join(shown)}{more}"


def _ids(kept: object) -> list[str]:
    try:
        ids = json.loads(kept) if isinstance(kept, str) else []
    except ValueError:
        return []
    return [key for key in ids if isinstance(key, str)] if isinstance(ids, list) else []
