"""What was loaded, compared with the simulated workspace's truth, whatever the target's types."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.support.truth import KEYS, NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.support.truth import Key

Row = dict[str, Any]

LINKS = ("conversation_tags", "conversation_contacts", "conversation_teammates")


def by_key(stream: str, rows: Iterable[Row]) -> dict[Key, Row]:
    """Rows by their key; the last one counts, as in a file that is only appended to."""
    return {tuple(_plain(row[name]) for name in KEYS[stream]): row for row in rows}


def as_link(row: Row) -> Row:
    """A conversation's tag, contact or teammate in the form of the table of links."""
    row = {name: value for name, value in row.items() if name != "id"}
    if "tag_id" in row:
        by = row.pop("applied_by") or {}
        del row["type"]
        row |= {"applied_by_type": by.get("type"), "applied_by_id": by.get("id")}
    return row


def as_event(row: Row) -> Row:
    """A handling event with the id that its row has: the API gives none."""
    return row | {"id": f"{row['timestamp']}/{row['type']}/{row['teammate']['id']}"}


def current(links: dict[Key, Row], conversations: Iterable[Row]) -> dict[Key, Row]:
    """The links that hold: a link that was removed stays behind with the time of back then."""
    moments = {row["id"]: _plain(row["updated_at"]) for row in conversations}
    return {
        key: row
        for key, row in links.items()
        if _plain(row["conversation_updated_at"]) == moments[row["conversation_id"]]
    }


def without_parts(row: Row) -> Row:
    """A ticket without its parts, which are a table of their own."""
    return {name: value for name, value in row.items() if name != "ticket_parts"}


COMPLETED: dict[str, Callable[[Row], Row]] = {
    **dict.fromkeys(LINKS, as_link),
    "conversation_handling_events": as_event,
    "tickets": without_parts,
}
"""Streams whose rows have what the truth has in another form."""


def differences(truth: dict[Key, Row], loaded: dict[Key, Row]) -> list[str]:
    """What is missing, what is too much, and where a row differs: a line each."""
    found = [f"missing: {key}" for key in truth.keys() - loaded.keys()]
    found += [f"too much: {key}" for key in loaded.keys() - truth.keys()]
    for key in truth.keys() & loaded.keys():
        found += [f"{key} {line}" for line in _unlike(truth[key], loaded[key], "")]
    return sorted(found)


def _unlike(truth: Any, loaded: Any, where: str) -> Iterator[str]:
    if isinstance(truth, dict) and isinstance(loaded, dict):
        for name, value in truth.items():
            path = f"{where}.{name}"
            if name in NOBODY and value == 0 and "assigned_to" not in truth:  # as parts have
                value = None  # noqa: PLW2901  that is how the tap writes "nobody"
            yield from _unlike(value, loaded.get(name), path)
    elif isinstance(truth, list) and isinstance(loaded, list) and len(truth) == len(loaded):
        for number, (left, right) in enumerate(zip(truth, loaded, strict=True)):
            yield from _unlike(left, right, f"{where}[{number}]")
    elif isinstance(truth, list) and isinstance(loaded, str):
        yield from _unlike(truth, json.loads(loaded), where)
    elif truth != loaded and _plain(truth) != _plain(loaded) and not _same_moment(truth, loaded):
        yield f"{where}: {truth!r} became {loaded!r}"


def _plain(value: Any) -> str:
    """A value as text, in which the types that targets give it do not show."""
    if isinstance(value, (float, Decimal)) and value == int(value):
        return str(int(value))
    moment = _moment(value)
    return str(value) if moment is None else moment.isoformat()


def _same_moment(truth: Any, loaded: Any) -> bool:
    """Epoch seconds, as the API has them, and a time, as the tap writes it."""
    if not isinstance(truth, int) or isinstance(truth, bool):
        return False
    return _moment(loaded) == datetime.fromtimestamp(truth, tz=timezone.utc)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str) and value[10:11] == "T":
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    # Databases that keep no offset keep UTC.
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
