"""Phone calls of conversations, with transcripts that are there some time after the call."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from sandbox.chance import every, pick
from sandbox.ids import conversation_id

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

Json = dict[str, Any]

_PERIOD, _FIRST = (
    39,
    18,
)  # the conversations that have the part `call_summary`, see sandbox/story.py
_FIRST_CALL = 3_822_000_000
_SECOND_CALL = 3_900_000_000
_SOON, _LATE = 600, 3 * 86_400  # seconds until there is a transcript
_ENDS = ("completed", "agent_hangup", None)
MOMENTS = ("initiated_at", "answered_at", "ended_at", "created_at", "updated_at")
NEWER = ("duration", "talk_time", "queue_time", "hold_time")


def numbers_of(ordinal: int) -> list[int]:
    """Return the numbers of a conversation's calls."""
    if not every(ordinal, _PERIOD, _FIRST):
        return []
    again = [_SECOND_CALL + ordinal] if every(ordinal, 2 * _PERIOD, _FIRST) else []
    return [_FIRST_CALL + ordinal, *again]


def all_numbers(workspace: Workspace) -> list[tuple[int, int]]:
    """Return the calls of all living conversations, as (the conversation's ordinal, number)."""
    ordinals = range(_FIRST, workspace.begun, _PERIOD)
    living = [n for n in ordinals if n not in workspace.deleted]
    return [(ordinal, number) for ordinal in living for number in numbers_of(ordinal)]


def served(made: Json, *, preview: bool, transcript: bool) -> Json:
    """Return a call as an endpoint has it: every second one has its times in words."""
    left_out = (() if preview else NEWER) + (() if transcript else _TRANSCRIPT)
    shaped = {key: value for key, value in made.items() if key not in left_out}
    if every(int(made["id"]), 2):
        shaped |= {key: shaped[key] and _in_words(shaped[key]) for key in MOMENTS}
    return shaped


def _in_words(at: int) -> str:
    return datetime.fromtimestamp(at, tz=timezone.utc).isoformat()


_TRANSCRIPT = ("transcript", "transcript_status")


def call(workspace: Workspace, ordinal: int, number: int) -> Json:
    """Return a call of a conversation with its transcript."""
    turn = ordinal // _PERIOD
    started = workspace.created_at(ordinal) + 60
    ended = started + 45 + turn % 900
    missed = every(turn, 6, 5)
    url = f"https://api.larkspur.example/calls/{number}"
    return {
        "type": "call",
        "id": str(number),
        "conversation_id": conversation_id(ordinal),
        "admin_id": None if missed else str(workspace.cast.admin_id(turn % 14)),
        "contact_id": workspace.told(ordinal).scene.contact["id"],
        "state": "missed" if missed else "completed",
        "initiated_at": started,
        "answered_at": None if missed else started + 12,
        "ended_at": ended,
        "created_at": started,
        "updated_at": ended,
        "recording_url": None if missed else f"{url}/recording",
        "call_type": "phone",
        "direction": pick(("inbound", "outbound"), turn),
        "ended_reason": pick(_ENDS, turn),
        "phone": f"+4930{number % 10_000_000:07d}",
        "fin_recording_url": f"{url}/fin_recording" if every(turn, 4) else None,
        "fin_transcription_url": f"{url}/fin_transcript" if every(turn, 4) else None,
        "duration": ended - started,
        "talk_time": None if missed else ended - started - 12,
        "queue_time": 12,
        "hold_time": 5 if every(turn, 3) else None,
        **_transcript(workspace.now, turn, ended, url, missed=missed),
    }


def _transcript(now: int, turn: int, ended: int, url: str, *, missed: bool) -> Json:
    done = now >= ended + (_LATE if every(turn, 3) else _SOON)
    lines = [
        {"speaker": "admin", "text": "Larkspur support, how can I help?", "at": 0},
        {"speaker": "contact", "text": "The export stops at the third page.", "at": 4.5},
    ]
    if missed:
        return {"transcription_url": None, "transcript": [], "transcript_status": None}
    return {
        "transcription_url": f"{url}/transcript" if done else None,
        "transcript": lines if done else [],
        "transcript_status": "completed" if done else "processing",
    }
