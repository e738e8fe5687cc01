"""calls: the phone calls of changed conversations, with their transcripts."""

from __future__ import annotations

import json
import typing as t
from functools import cached_property
from itertools import chain

import msgspec

from tap_intercom_conversations.api.pagination import parse_next
from tap_intercom_conversations.api.workers import AHEAD_PER_WORKER
from tap_intercom_conversations.errors import (
    ApiError,
    PermissionDenied,
    Unauthorized,
    UnreadableAnswer,
)
from tap_intercom_conversations.reading.envelope import Poison, envelope_decoder, row_decoder
from tap_intercom_conversations.streams.changed_objects import Step
from tap_intercom_conversations.streams.per_object import PerConversationStream, RawRow, Task
from tap_intercom_conversations.times import epoch_seconds

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_intercom_conversations.reading.batch import Batch
    from tap_intercom_conversations.records import Record

    Found = dict[str, list[RawRow] | ApiError]
    """Conversation -> its calls, or why they cannot be had."""

MOST_IDS = 20
"""Conversations that may be asked for at once (API documentation, "List calls with transcripts").

https://developers.intercom.com/docs/references/rest-api/api.intercom.io/calls/listcallswithtranscripts
"""
SECONDS_TO_TRANSCRIBE = 7 * 86_400
"""How long a transcript is waited for: whether it moves its conversation is not documented."""
NOT_ASKED_FOR = ""
"""Stands for the conversation of calls that came for none of those that were asked for."""


class Call(msgspec.Struct):
    """What is looked at of a call."""

    conversation_id: t.Any = None
    answered_at: t.Any = None
    created_at: t.Any = None
    transcript: t.Any = None
    transcript_status: t.Any = None


_decode_page = envelope_decoder(msgspec.Raw, ("data", "calls"))
_decode_call = row_decoder(Call)


class CallsStream(PerConversationStream):
    """POST /calls/search for 20 changed conversations at once.

    STATE keeps the conversations whose transcripts are not finished, as `transcripts`.
    """

    name = "calls"
    endpoint = "/calls/search"
    primary_keys = ("id",)
    since = "2.14"
    selected_by_default = False

    @cached_property
    def _waiting(self) -> dict[str, str]:
        """The conversations whose transcripts are waited for, with their `updated_at`."""
        kept = self.stream_state.get("transcripts")
        waiting: dict[str, str] = json.loads(kept) if kept else {}
        return waiting

    def expand(self, batches: Iterator[Batch]) -> Iterator[Step]:
        """Yield the calls of each conversation, in order; those that were waited for come first."""
        tasks = chain(list(self._again()), self._tasks(batches))
        ahead = AHEAD_PER_WORKER * self.session.workers.threads // MOST_IDS + 1
        outcomes = self.session.workers.ordered_map(self._ask, _groups(tasks), ahead=ahead)
        for group, outcome in outcomes:
            yield Step(self._rows(group, outcome.result()), len(group), group[-1].completes)

    def _again(self) -> Iterator[Task]:
        for identifier, changed_at in self._waiting.items():
            yield Task(identifier, None, {"conversation_updated_at": changed_at}, None, None)

    def _ask(self, group: list[Task]) -> Found:
        """Ask for a group's calls, in a worker; if that fails, one conversation at a time."""
        # One whose transcript is waited for may have changed as well.
        ids = list(dict.fromkeys(str(task.id) for task in group if task.unusable is None))
        try:
            return {**self._search(ids)} if ids else {}
        except (PermissionDenied, Unauthorized):
            raise
        except ApiError as error:
            if len(ids) == 1 or not error.is_of_its_page:
                return dict.fromkeys(ids, error)
        found: Found = {}
        of_nobody: list[RawRow] = []
        for identifier in ids:
            try:
                one = self._search([identifier])
            except ApiError as error:
                found[identifier] = error
            else:
                found[identifier] = one[identifier]
                of_nobody += one[NOT_ASKED_FOR]
        return {**found, NOT_ASKED_FOR: of_nobody}

    def fetch(self, identifier: str) -> list[RawRow]:
        """Read one conversation's calls, in a worker."""
        return self._search([identifier])[identifier]

    def _search(self, ids: list[str]) -> dict[str, list[RawRow]]:
        body = {"conversation_ids": ids}
        page, _ = self.session.client.fetch("POST", self.endpoint, decode=_decode_page, json=body)
        if isinstance(page.pages, dict) and parse_next(page.pages.get("next")):
            # No pages are documented, and so no way to the next one: fewer at once may be on one.
            message = "it names a next page, which nobody documents"
            raise UnreadableAnswer(f"POST {self.endpoint}", status=200, message=message)
        found: dict[str, list[RawRow]] = {key: [] for key in (*ids, NOT_ASKED_FOR)}
        for raw in page.rows:
            call = _decode_call(raw)
            if isinstance(call, Poison) and len(ids) > 1:
                # Of which one it is shows when they are asked for one by one.
                message = "it holds a call that no decoder reads"
                raise UnreadableAnswer(f"POST {self.endpoint}", status=200, message=message)
            key = str(getattr(call, "conversation_id", None))
            key = ids[0] if isinstance(call, Poison) else key
            found[key if key in found else NOT_ASKED_FOR].append(RawRow(raw, {}))
        return found

    def _rows(self, group: list[Task], found: Found) -> Iterator[Record]:
        for _ in t.cast("list[RawRow]", found.get(NOT_ASKED_FOR, [])):
            self.unusable("of no conversation that was asked for")
        for task in group:
            calls = found.get(str(task.id), [])
            if task.unusable is not None:
                self.cannot_read(task.id, task.unusable)
            elif isinstance(calls, ApiError):
                self.cannot_read(task.id, calls)
            else:
                self.unreadable.remove(task.id)
                yield from self._rows_of(task, calls)
        # A text, as Meltano merges STATE deeply. Once a group: it may hold thousands.
        self.stream_state["transcripts"] = json.dumps(self._waiting) if self._waiting else None

    def _rows_of(self, task: Task, calls: list[RawRow]) -> Iterator[Record]:
        changed_at = task.columns["conversation_updated_at"]
        self._waiting.pop(str(task.id), None)
        for call in calls:
            if self._lacks_transcript(call):
                self._waiting[str(task.id)] = changed_at
            yield from self.usable(call.raw, {"conversation_updated_at": changed_at}, task.id)

    def _lacks_transcript(self, row: RawRow) -> bool:
        """Tell whether a call's transcript may still come: not if nobody answered."""
        call = _decode_call(row.raw)
        if not isinstance(call, Call) or call.answered_at is None:
            return False
        called_at = epoch_seconds(call.created_at)
        if called_at is None or abs(self.started - called_at) > SECONDS_TO_TRANSCRIBE:
            return False
        status = call.transcript_status
        return not call.transcript if status is None else bool(status != "completed")


def _groups(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    """Cut conversations into groups that can be asked for at once; none goes past its batch."""
    group: list[Task] = []
    for task in tasks:
        group.append(task)
        if task.completes is not None or len(group) == MOST_IDS:
            yield group
            group = []
    if group:
        yield group
