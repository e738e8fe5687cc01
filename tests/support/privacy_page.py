"""The tables of docs/privacy.md: `python -m tests.support.privacy_page` writes them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tap_intercom_conversations.schemas import MARK, NOT_PERSONAL, load_marked_schema
from tap_intercom_conversations.settings.privacy import KEEP, KINDS, PRESETS
from tap_intercom_conversations.streams.registry import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"


def presets_table() -> str:
    """The kinds, what each is, and what the presets do to it."""
    names = [name for name in PRESETS if PRESETS[name]]
    rows = [["kind", "what it is", *(f"`{name}`" for name in names)], ["---"] * (2 + len(names))]
    for kind, meaning in KINDS.items():
        actions = [PRESETS[name].get(kind, KEEP) for name in names]
        rows.append([f"`{kind}`", meaning, *actions])
    return _table(rows)


def fields_table() -> str:
    """The fields of each kind; streams with the same fields of a kind share a row."""
    rows = [["kind", "stream", "fields"], ["---"] * 3]
    for kind in KINDS:
        streams_of: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for stream in STREAMS:
            marked = _marked(load_marked_schema(stream.name), "")
            fields = tuple(path for path, mark in marked if mark == kind)
            streams_of[fields].append(f"`{stream.name}`")
        for fields, streams in streams_of.items():
            if fields:
                shown = ", ".join(f"`{field}`" for field in fields)
                rows.append([f"`{kind}`", ", ".join(streams), shown])
    return _table(rows)


def _marked(schema: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    if schema.get(MARK, NOT_PERSONAL) != NOT_PERSONAL:
        yield path, schema[MARK]
    for name, field in schema.get("properties", {}).items():
        yield from _marked(field, f"{path}.{name}" if path else name)
    if "items" in schema:
        yield from _marked(schema["items"], f"{path}[]")


def _table(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_tables(page: str) -> str:
    """The page with its tables as they should be."""
    for name, table in (("presets", presets_table()), ("fields", fields_table())):
        before, rest = page.split(f"<!-- {name}:begin -->\n")
        after = rest.split(f"<!-- {name}:end -->")[1]
        page = f"{before}<!-- {name}:begin -->\n{table}\n<!-- {name}:end -->{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
