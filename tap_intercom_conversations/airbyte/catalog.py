"""The streams as Airbyte's catalog has them, and what a configured catalog asks for."""

from __future__ import annotations

import typing as t

from singer_sdk.singerlib import Catalog

from tap_intercom_conversations.errors import TapError
from tap_intercom_conversations.singer.files import check_characters

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from singer_sdk.streams import Stream

Json = dict[str, t.Any]

FULL_REFRESH, INCREMENTAL = "full_refresh", "incremental"


class ConfiguredStream(t.NamedTuple):
    """What is asked for of a stream.

    Attributes:
        columns: Its columns, with their schemas; none stand for all.
        is_full_refresh: Whether it is to be read whole, and not from a bookmark on.
    """

    columns: Json
    is_full_refresh: bool


def describe(stream: Stream) -> Json:
    """Describe a stream as Airbyte's catalog does."""
    described: Json = {
        "name": stream.name,
        "json_schema": {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "additionalProperties": True,
            **with_airbyte_types(stream.schema),
        },
        "supported_sync_modes": [FULL_REFRESH],
        "source_defined_primary_key": [[key] for key in stream.primary_keys],
        "is_resumable": False,
    }
    if stream.replication_key is not None:
        described |= {
            "supported_sync_modes": [FULL_REFRESH, INCREMENTAL],
            "source_defined_cursor": True,
            "default_cursor_field": [stream.replication_key],
            "is_resumable": True,
        }
    return described


def with_airbyte_types(schema: Json) -> Json:
    """Copy a schema, and say of each time in it that it has a time zone."""
    typed = {**schema}
    if schema.get("format") == "date-time":
        typed["airbyte_type"] = "timestamp_with_timezone"
    if "properties" in schema:
        fields = schema["properties"].items()
        typed["properties"] = {name: with_airbyte_types(field) for name, field in fields}
    if "items" in schema:
        typed["items"] = with_airbyte_types(schema["items"])
    return typed


def check_configured(catalog: Json, path: str) -> dict[str, ConfiguredStream]:
    """Check the form of a configured catalog.

    Args:
        catalog: What the file holds.
        path: The file.

    Returns:
        The name of each stream -> what is asked for of it.

    Raises:
        TapError: It is none.
    """
    streams = catalog.get("streams")
    if not isinstance(streams, list):
        raise TapError(f"The catalog file {path} has no list of streams: configure it anew")
    configured: dict[str, ConfiguredStream] = {}
    for number, entry in enumerate(streams):
        name, stream = _configured_stream(entry, number, path)
        check_characters(name, f"The catalog file {path}")
        if name in configured:
            raise TapError(f"The catalog file {path} has the stream {name!r} twice: keep one")
        configured[name] = stream
    return configured


def _configured_stream(entry: t.Any, number: int, path: str) -> tuple[str, ConfiguredStream]:
    stream = entry.get("stream") if isinstance(entry, dict) else None
    name = stream.get("name") if isinstance(stream, dict) else None
    schema = stream.get("json_schema") if isinstance(stream, dict) else None
    columns = (schema or {}).get("properties", {}) if isinstance(schema, dict) else None
    if not isinstance(name, str) or not isinstance(columns, dict):
        raise TapError(
            f"The catalog file {path} has no proper entry for the stream "
            f"{name if isinstance(name, str) else number!r}: configure it anew"
        )
    mode = entry.get("sync_mode")
    if mode not in (FULL_REFRESH, INCREMENTAL):  # no set: it may be a list
        raise TapError(
            f"The catalog file {path} has no sync_mode for the stream {name!r}: "
            f"it is {FULL_REFRESH} or {INCREMENTAL}"
        )
    return name, ConfiguredStream(columns, is_full_refresh=mode == FULL_REFRESH)


def singer_catalog(
    configured: Mapping[str, ConfiguredStream], streams: Iterable[Stream]
) -> Catalog:
    """Turn what is asked for into Singer's catalog.

    It does not say how a stream is replicated. One with a bookmark goes on from whatever state it
    has; `resumable` sees to it that a full refresh has at most one of its own. One without a
    bookmark is read whole, also where a catalog says incremental, as PyAirbyte's do.

    Args:
        configured: As `check_configured` returns it.
        streams: The streams that there are.
    """
    known = {stream.name: stream for stream in streams}
    return Catalog.from_dict(
        {
            "streams": [
                _singer_entry(name, known.get(name), stream.columns)
                for name, stream in configured.items()
            ]
        }
    )


def _singer_entry(name: str, stream: Stream | None, columns: Json) -> Json:
    """Select a stream with its configured columns; without any, all of them.

    A stream that there is not is kept: the tap tells of it.
    """
    metadata: list[Json] = [{"breadcrumb": [], "metadata": {"selected": True}}]
    if stream is None:
        return {"tap_stream_id": name, "schema": {}, "metadata": metadata}
    left_out = [column for column in stream.schema["properties"] if column not in columns]
    metadata += [
        {"breadcrumb": ["properties", column], "metadata": {"selected": False}}
        for column in (left_out if columns else ())
    ]
    return {
        "tap_stream_id": name,
        "schema": stream.schema,
        "key_properties": [*stream.primary_keys],
        "replication_key": stream.replication_key,
        "metadata": metadata,
    }
