"""The files that the command is given: read, or refused in one line that names file and culprit."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from singer_sdk.singerlib import Catalog

from tap_intercom_conversations.errors import TapError

TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


def read_config(path: str) -> dict[str, t.Any]:
    """Read a configuration.

    Raises:
        TapError: It cannot be read, or is none.
    """
    return read_object(path, "config")


def read_object(path: str, what: str) -> dict[str, t.Any]:
    """Read a file that holds a JSON object.

    Args:
        path: Where it is.
        what: What it is to the user: "config", "catalog".

    Raises:
        TapError: It cannot be read, or holds something else.
    """
    return _expect_object(read_json(path, what), f"The {what} file {path}")


def read_json(path: str, what: str) -> t.Any:
    """Read a file that holds any JSON; see `read_object`.

    Raises:
        TapError: It cannot be read, or is no JSON.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise TapError(f"The {what} file {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise TapError(f"The {what} file {path} is not text in UTF-8: save it as that") from None
    return _decode(text, f"The {what} file {path}")


def read_state_file(file: t.IO[str] | None) -> dict[str, t.Any] | None:
    """Read a state, if there is one.

    Raises:
        TapError: It is none.
    """
    if file is None:
        return None
    state = _object(_text(file, "state"), f"The state file {file.name}")
    check_characters(state, f"The state file {file.name}")
    return state


def check_characters(content: t.Any, what: str) -> None:
    """Check that what was read can be written again, as each STATE will be.

    Args:
        content: Anything decoded from JSON.
        what: The file that it is from, as the beginning of a sentence.

    Raises:
        TapError: It cannot.
    """
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise TapError(f"{what} holds half a character: correct it") from None


def read_catalog(file: t.IO[str] | None) -> Catalog | None:
    """Read a catalog, if there is one.

    Raises:
        TapError: It is none.
    """
    if file is None:
        return None
    what = f"The catalog file {file.name}"
    streams = _object(_text(file, "catalog"), what).get("streams")
    if not isinstance(streams, list):
        raise TapError(f"{what} has no list of streams: discover it anew")
    catalog = Catalog()
    for number, stream in enumerate(streams):
        try:
            _check_entry(stream)
            catalog.update(Catalog.from_dict({"streams": [stream]}))
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            name = stream.get("tap_stream_id", number) if isinstance(stream, dict) else number
            raise TapError(
                f"{what} has no proper entry for the stream {name!r}: discover it anew"
            ) from None
    return catalog


def _text(file: t.IO[str], what: str) -> str:
    try:
        return file.read()
    except ValueError:
        raise TapError(
            f"The {what} file {file.name} is not text in UTF-8: save it as that"
        ) from None


def _object(text: str, what: str) -> dict[str, t.Any]:
    return _expect_object(_decode(text, what), what)


def _decode(text: str, what: str) -> t.Any:
    try:
        # Some editors begin a file with a byte order mark.
        return json.loads(text.removeprefix("\ufeff"))
    except (RecursionError, ValueError) as error:
        raise TapError(f"{what} is not JSON: {error}") from None


def _expect_object(content: t.Any, what: str) -> dict[str, t.Any]:
    if not isinstance(content, dict):
        raise TapError(f"{what} does not hold a JSON object")
    return content


def _check_entry(stream: dict[str, t.Any]) -> None:
    """Check what the SDK takes on trust; raises a ValueError, or whatever it runs into."""
    if not isinstance(stream["tap_stream_id"], str):
        raise TypeError
    if not isinstance(stream.get("stream"), (str, type(None))):
        raise TypeError
    if not _is_schema(stream.get("schema", {})):
        raise ValueError


def _is_schema(schema: dict[str, t.Any]) -> bool:
    """Tell whether all types are types; to check by the metaschema takes 80 ms of each start."""
    kinds = schema.get("type", "object")
    children = [*schema.get("properties", {}).values()]
    children += [schema["items"]] if "items" in schema else []
    return TYPES.issuperset([kinds] if isinstance(kinds, str) else kinds) and all(
        map(_is_schema, children)
    )
