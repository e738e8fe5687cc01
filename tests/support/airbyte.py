"""The Airbyte protocol for tests: each line validated by Airbyte's own models, and what it says."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbyte_protocol.models import AirbyteMessage, AirbyteStateBlob, ConfiguredAirbyteCatalog
from pydantic import BaseModel

from tap_intercom_conversations.airbyte.catalog import check_configured
from tap_intercom_conversations.airbyte.source import IntercomSource
from tests.conftest import TOKEN, config_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.support.serving import Api

Json = dict[str, Any]


def validated(line: str | bytes) -> Json:
    """Decode a line; it must be a message, and have nothing that the protocol does not know.

    The models let anything through that they do not know: a slip in a name, too.
    """
    message = AirbyteMessage.model_validate_json(line)
    assert not _extras(message), line
    decoded: Json = json.loads(line)
    return decoded


def _extras(model: Any) -> list[str]:
    if isinstance(model, list):
        return [name for item in model for name in _extras(item)]
    if not isinstance(model, BaseModel) or isinstance(model, AirbyteStateBlob):
        return []
    found = [*(model.model_extra or ())]
    for name in type(model).model_fields:
        found += _extras(getattr(model, name))
    return found


@dataclass
class Read:
    """What a read wrote, and how it ended."""

    status: int
    messages: list[Json]

    def of(self, kind: str) -> list[Json]:
        """What is inside the messages of a type."""
        inside = {"CONNECTION_STATUS": "connectionStatus"}.get(kind, kind.lower())
        return [message[inside] for message in self.messages if message["type"] == kind]

    def records(self, stream: str) -> list[Json]:
        """The data of a stream's records."""
        return [record["data"] for record in self.of("RECORD") if record["stream"] == stream]

    def statuses(self, stream: str) -> list[str]:
        """What was said of a stream's status."""
        said = [trace["stream_status"] for trace in self.of("TRACE") if "stream_status" in trace]
        return [each["status"] for each in said if each["stream_descriptor"]["name"] == stream]

    @property
    def errors(self) -> list[Json]:
        """The errors, each with its stream."""
        return [trace["error"] for trace in self.of("TRACE") if "error" in trace]

    @property
    def state(self) -> list[Json]:
        """The last state of each stream, as a platform keeps them for the next read."""
        last = {_stream_of(state): {"type": "STREAM", **state} for state in self.of("STATE")}
        return [*last.values()]

    def blob(self, stream: str) -> Json:
        """A stream's last state."""
        states = [state for state in self.of("STATE") if _stream_of(state) == stream]
        blob: Json = states[-1]["stream"]["stream_state"]
        return blob


def _stream_of(state: Json) -> str:
    name: str = state["stream"]["stream_descriptor"]["name"]
    return name


def catalog_of(
    config: Mapping[str, Any],
    streams: Iterable[str] | None = None,
    sync_mode: str = "incremental",
) -> Json:
    """Configure streams as PyAirbyte does: in one mode, whatever they support; by default all."""
    wanted = {name: config[name] for name in ("api_version",) if name in config}
    source = IntercomSource({"access_token": TOKEN, **wanted}, for_discovery=True)
    catalog = {
        "streams": [
            {"stream": stream, "sync_mode": sync_mode, "destination_sync_mode": "append"}
            for stream in source.discover()
            if streams is None or stream["name"] in streams
        ]
    }
    ConfiguredAirbyteCatalog.model_validate(catalog)
    return catalog


def read(
    server: Api,
    *streams: str,
    catalog: Json | None = None,
    state: Json | None = None,
    **settings: Any,
) -> Read:
    """Read streams in this process, by default all.

    Args:
        server: The API.
        streams: Their names.
        catalog: A configured catalog, in place of the names.
        state: Singer's state, as the command makes it of Airbyte's.
        settings: The settings.
    """
    config = config_of(server, **settings)
    catalog = catalog or catalog_of(config, streams or None)
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        source = IntercomSource(
            config, configured=check_configured(catalog, "catalog.json"), state=state
        )
        try:
            source.read()
        finally:
            status = source.close()
    out.seek(0)
    return Read(status, [validated(line) for line in out])
