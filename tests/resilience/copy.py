"""A target that stores STATE as real ones do: once all records before it are written."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.support.truth import expected, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox import Workspace
    from tests.support.truth import Json, Key, Rows

SHOWN = 3


class Copy:
    """What a target holds.

    Attributes:
        rows: By stream and key.
        state: The last one stored.
        received: Records that came in, by stream.
        repeated: How many of them had come in just so before.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {}
        self.state: Json = {}
        self.received: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self._waiting: list[tuple[str, Key, Json]] = []
        self._seen: dict[tuple[str, Key], Json] = {}

    def take(self, messages: Iterable[Json]) -> None:
        """Take in messages."""
        for message in messages:
            if message["type"] == "RECORD":
                self._record(message["stream"], message["record"])
            elif message["type"] == "STATE":
                self.apply()
                self.state = message["value"]

    def _record(self, stream: str, row: Json) -> None:
        key = key_of(stream, row)
        self.received[stream] += 1
        self.repeated[stream] += self._seen.get((stream, key)) == row
        self._seen[stream, key] = row
        self._waiting.append((stream, key, row))

    def apply(self) -> None:
        """Write what came in since the last STATE."""
        for stream, key, row in self._waiting:
            self.rows.setdefault(stream, {})[key] = row
        self._waiting.clear()

    def lose(self) -> None:
        """Die before what came in since the last STATE was written."""
        self._waiting.clear()

    def check(self, workspace: Workspace, *streams: str) -> int:
        """Fail if the copy is not the truth.

        Rows of conversations that are deleted by now do not count: deleted_conversations has them.

        Returns:
            How many rows were compared.
        """
        gone = {key[0] for key in expected(workspace, "deleted_conversations")}
        found: list[str] = []
        compared = 0
        for stream in streams:
            rows = self.rows.get(stream, {})
            if stream != "deleted_conversations":
                rows = {key: row for key, row in rows.items() if key[0] not in gone}
            truth = expected(workspace, stream)
            compared += len(truth)
            found += _differences(stream, truth, rows)
        assert not found, "\n".join(found)
        return compared


def _differences(stream: str, truth: Rows, rows: Rows) -> list[str]:
    """How rows differ from the truth: keys, and names of fields; values are messages."""
    other = sorted(key for key in truth.keys() & rows.keys() if truth[key] != rows[key])
    kinds = {
        "missing": sorted(truth.keys() - rows.keys()),
        "invented": sorted(rows.keys() - truth.keys()),
        "other": other,
    }
    found = [
        f"{stream}: {len(keys)} {kind}, such as {keys[:SHOWN]}"
        for kind, keys in kinds.items()
        if keys
    ]
    for key in other[:SHOWN]:
        right, row = truth[key], rows[key]
        fields = sorted(
            name for name in right.keys() | row.keys() if right.get(name) != row.get(name)
        )
        found.append(f"  {key} differs in {fields}")
    return found
