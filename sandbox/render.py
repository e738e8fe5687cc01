"""Conversations as JSON bytes, in the shape of a version; rendered once and kept for a while."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox import shapes
from sandbox.conversation import list_item, parts_of
from sandbox.drift import drifted
from sandbox.ids import conversation_id
from sandbox.plaintext import plain_message
from sandbox.poison import poisoned, written
from sandbox.strange import strange

if TYPE_CHECKING:
    from sandbox.collection import Collection
    from sandbox.switches import Switches
    from sandbox.workspace import Workspace

Json = dict[str, Any]
_encode = msgspec.json.Encoder().encode
_BUDGET = 96 * 2**20
# Stand for a conversation's own values where a template is rendered.
_ID, _CREATED, _UPDATED = "@@ID@@", "4000000001", "4000000002"
_MARKS = re.compile(f"({_ID}|{_CREATED}|{_UPDATED})")


@dataclass(frozen=True, slots=True)
class View:
    """What a request wants to see of a conversation."""

    version: int
    monitors: bool = False
    scorecards: bool = False
    plaintext: bool = False
    translations: bool = False
    parts: bool = False


class Cache:
    """The most recently used bytes, up to a budget."""

    def __init__(self, budget: int = _BUDGET) -> None:
        self._items: OrderedDict[object, bytes] = OrderedDict()
        self._budget = budget
        self._size = 0

    def get(self, key: object) -> bytes | None:
        """Return what is kept under a key."""
        found = self._items.get(key)
        if found is not None:
            self._items.move_to_end(key)
        return found

    def put(self, key: object, value: bytes) -> None:
        """Keep a value, and forget the oldest ones if there is no room."""
        if key in self._items:
            self._size -= len(self._items.pop(key))
        self._items[key] = value
        self._size += len(value)
        while self._size > self._budget:
            _, gone = self._items.popitem(last=False)
            self._size -= len(gone)

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        self._size = 0


class Renderer:
    """Renders the conversations of a workspace."""

    def __init__(self, workspace: Workspace, switches: Switches) -> None:
        self.workspace = workspace
        self.switches = switches
        self.cache = Cache()
        self._templates: dict[object, list[bytes]] = {}
        cast = workspace.cast
        self._people = {person["id"]: person for person in [*cast.admins, *cast.teams]}

    def page(self, ordinals: list[int], view: View) -> bytes:
        """Return conversations as the inside of a JSON list."""
        return b",".join([self.conversation(ordinal, view) for ordinal in ordinals])

    def conversation(self, ordinal: int, view: View) -> bytes:
        """Return one conversation."""
        workspace = self.workspace
        version = workspace.version_of(ordinal)
        script = workspace.script_of(ordinal)
        if script != ordinal and not version and not self.switches.odd:
            return self._from_template(ordinal, script, view)
        key = (ordinal, version, self.switches.generation, view)
        found = self.cache.get(key)
        if found is None:
            shaped = self._shaped(ordinal, workspace.canonical(ordinal), view)
            found = dressed(shaped, conversation_id(ordinal), self.switches)
            self.cache.put(key, found)
        return found

    def _from_template(self, ordinal: int, script: int, view: View) -> bytes:
        """Return a conversation by putting its id and moments into that of the template."""
        key = (script, self.switches.generation, view)
        pieces = self._templates.get(key)
        if pieces is None:
            marked = list_item(self.workspace.told(script), int(_UPDATED))
            marked |= {"id": _ID, "created_at": int(_CREATED)}
            body = encode(self._shaped(script, marked, view)).decode("utf-8")
            pieces = self._templates[key] = [piece.encode() for piece in _MARKS.split(body)]
        workspace = self.workspace
        own = {
            _ID: conversation_id(ordinal),
            _CREATED: str(workspace.created_at(ordinal)),
            _UPDATED: str(workspace.updated_at(ordinal)),
        }
        values = {mark.encode(): value.encode() for mark, value in own.items()}
        return b"".join([values.get(piece, piece) for piece in pieces])

    def _shaped(self, ordinal: int, canonical: Json, view: View) -> Json:
        if not view.monitors:
            del canonical["monitor_evaluations"]
        if not view.scorecards:
            del canonical["scorecards"]
        shaped = shapes.conversation(canonical, view.version)
        if view.plaintext:
            shaped["source"] = plain_message(shaped["source"])
        if view.parts:
            shaped["conversation_parts"] = self._parts(ordinal, view)
        shaped = shapes.legacy(shaped, view.version, self._people)
        return drifted(shaped, self.workspace.seed, ordinal, self.switches)

    def _parts(self, ordinal: int, view: View) -> Json:
        tale = self.workspace.told(ordinal)
        parts = [
            shapes.part(part, view.version, translated=view.translations) for part in parts_of(tale)
        ]
        if view.plaintext:
            parts = [plain_message(part) for part in parts]
        count = len(parts) if self.switches.total_count_capped else len(tale.events)
        return {
            "type": "conversation_part.list",
            "conversation_parts": parts,
            "total_count": count,
        }


def dressed(shaped: Json, identifier: str, switches: Switches) -> bytes:
    """Return an object as JSON, with its poison if it is to have any."""
    kind = switches.poison.get(identifier)
    return written(encode(poisoned(shaped, kind)), kind) if kind else encode(shaped)


def served(shaped: Json, collection: Collection, ordinal: int, switches: Switches) -> bytes:
    """Return an object of any kind as JSON, with its odd shapes and its poison."""
    odd = strange(shaped, collection.seed, ordinal, switches)
    return dressed(odd, collection.id_of(ordinal), switches)


def encode(value: object) -> bytes:
    """Return a value as JSON; what strict encoders refuse is written as lenient ones do."""
    try:
        return _encode(value)
    except (UnicodeEncodeError, OverflowError):
        # Lone surrogates and integers beyond 64 bits: valid JSON all the same, as escapes.
        return json.dumps(value, separators=(",", ":")).encode()
