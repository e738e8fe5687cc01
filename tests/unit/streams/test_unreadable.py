"""What cannot be read is told, kept, asked for again, and costs nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_intercom_conversations.errors import PermissionDenied, TapError
from tap_intercom_conversations.streams.unreadable import UnreadableObjects
from tests.conftest import NOW
from tests.support.few import LATELY, NO_SUCH, Few
from tests.support.serving import Said
from tests.support.truth import moment

if TYPE_CHECKING:
    from tests.conftest import Answer, Json, Run, Runner
    from tests.support.serving import Asked

# --- The objects of one stream ---

BROKEN = TapError("broken")


def unreadable(kept: object = None, *accepted: str) -> UnreadableObjects:
    return UnreadableObjects(kept, frozenset(accepted), "conversations")


@pytest.mark.parametrize("kept", [None, 7, "", "{", "{}", "7", "[7, null]", ["1"], {"1": 1}])
def test_a_state_that_is_no_list_of_ids_keeps_none(kept: object) -> None:
    assert unreadable(kept).ids == []
    assert unreadable(kept).state is None


def test_ids_are_kept_as_a_text() -> None:
    """Meltano merges objects and lists of STATE deeply."""
    objects = unreadable('["1", "2"]')
    objects.add("3", BROKEN)
    objects.remove("1")
    objects.remove("9")
    objects.remove(None)

    assert objects.state == '["2", "3"]'
    assert unreadable(objects.state).ids == ["2", "3"]


def test_the_complaint_says_why_and_not_of_hundreds() -> None:
    objects = unreadable('["0"]', "accepted")
    objects.count_looked_at(10_000)
    for number in range(1, 15):
        objects.add(str(number), BROKEN)
    objects.add("accepted", BROKEN)

    assert objects.complaint() == (
        "15 could not be read: 0, "
        + ", ".join(f"{number} (broken)" for number in range(1, 10))
        + ", ..."
    )
    assert objects.acceptance() == "1 could not be read: accepted (broken)"


@pytest.mark.parametrize(
    ("read", "failed"), [(10, 20), (1_999, 20), (2_000, 21), (5_000, 51), (10**6, 1_000)]
)
def test_so_many_fail_the_stream(read: int, failed: int) -> None:
    """At 20 they must be more than 1 %; 1,000 are too many whatever the share."""
    objects = unreadable()
    objects.count_looked_at(read)
    for number in range(failed - 1):
        objects.add(str(number), BROKEN)
    with pytest.raises(TapError, match=f"{failed} of {read} conversations could not be read"):
        objects.add("the last one", BROKEN)


def test_what_is_known_to_fail_tells_nothing_of_the_rest() -> None:
    """Else 20 of a first load of thousands would fail each small sync after it."""
    kept = json.dumps([str(number) for number in range(1_500)])
    objects = unreadable(kept, *(f"accepted {number}" for number in range(1_500)))
    for number in range(1_500):
        objects.add(str(number), BROKEN)
        objects.add(f"accepted {number}", BROKEN)

    assert len(objects.ids) == 3_000


def test_one_object_that_fails_many_times_is_one() -> None:
    objects = unreadable()
    objects.count_looked_at(1)
    for _ in range(100):
        objects.add("1", BROKEN)

    assert objects.ids == ["1"]


DENIED = PermissionDenied("GET /conversations/1", status=403, code="token_unauthorized")


@pytest.mark.parametrize(("read", "is_the_tokens_fault"), [(3, True), (4, False)])
def test_the_token_is_blamed_if_nothing_could_be_read(
    read: int, *, is_the_tokens_fault: bool
) -> None:
    objects = unreadable()
    objects.count_looked_at(read)
    for number in range(3):
        objects.add(str(number), DENIED)
    if is_the_tokens_fault:
        with pytest.raises(PermissionDenied):
            objects.raise_if_denied()
    else:
        objects.raise_if_denied()
    assert len(objects.ids) == 3


# --- Through the tap ---

CONVERSATIONS = "conversations"
TAGS = "conversation_tags"
PARTS = "conversation_parts"
EVENTS = "conversation_handling_events"
ALL = (CONVERSATIONS, TAGS, PARTS, EVENTS)
STREAMS = pytest.mark.parametrize("stream", ALL)
HEALTHY: Json = {"id": "2", "updated_at": LATELY + 100}
DEEP = b"[" * 100_000 + b"]" * 100_000
"""Levels that no Python reads; from 3.12 on, some read thousands."""
POISON = b'{"id": "2", "updated_at": %d, "a": %b}' % (HEALTHY["updated_at"], DEEP)
PART = {"conversation_parts": {"conversation_parts": [{"id": "7"}]}}
EVENT = {"handling_events": [{"type": "paused", "timestamp": "2026-05-31T09:30:00Z"}]}


class Workspace:
    """Three conversations with a row of each stream, of which the second can be made unreadable."""

    def __init__(self) -> None:
        self.broken: Said | None = Said({}, 403)
        self.asked: list[str] = []

    def __call__(self, asked: Asked) -> Said:
        """Answer a request."""
        self.asked.append(asked.path)
        second = POISON if self.broken else self._tagged(HEALTHY)
        others = [self._tagged({"id": "1", "updated_at": LATELY})]
        others.append(self._tagged({"id": "3", "updated_at": LATELY + 200}))
        return Few(*others, second, else_where=self._own)(asked)

    def _own(self, asked: Asked) -> Said | None:
        _, _, identifier, *below = *asked.path.split("/"), "", ""
        if identifier in {"", "search"}:
            return None
        if identifier == "2" and self.broken:
            return self.broken
        if below[0] == "handling_events":
            return Said(EVENT)
        return Said({**self._tagged(HEALTHY), "id": identifier, **PART})

    @staticmethod
    def _tagged(row: Json) -> Json:
        return {**row, "tags": [{"id": "7"}]}


def of_conversations(run: Run, stream: str) -> list[str]:
    """Which conversations a run's rows are of."""
    key = "id" if stream == CONVERSATIONS else "conversation_id"
    return [record[key] for record in run.records(stream)]


@STREAMS
def test_one_that_cannot_be_read_is_asked_for_until_it_can(
    run_tap: Runner, answer: Answer, stream: str
) -> None:
    workspace = Workspace()
    server = answer(workspace)
    first = run_tap(server, stream)

    assert of_conversations(first, stream) == ["1", "3"]
    assert first.status == 1
    assert first.failures[0].startswith(f"{stream}: 1 could not be read: 2 (")
    assert "accepted_failures" in first.failures[0]
    assert first.bookmark(stream) == moment(LATELY + 200)
    assert first.state["bookmarks"][stream]["unreadable"] == '["2"]'

    # It has not changed since; it is asked for all the same, first thing.
    workspace.asked.clear()
    second = run_tap(server, stream, state=first.state, lookback_window=0)
    assert (second.status, of_conversations(second, stream)) == (1, ["3"])
    assert second.state["bookmarks"][stream]["unreadable"] == '["2"]'
    assert next(path for path in workspace.asked if path != "/me") == "/conversations/2"

    workspace.broken = None
    third = run_tap(server, stream, state=second.state, lookback_window=0)
    assert (third.status, of_conversations(third, stream)) == (0, ["2", "3"])
    assert third.state["bookmarks"][stream] == {
        **second.state["bookmarks"][stream],
        "unreadable": None,
    }

    workspace.asked.clear()
    run_tap(server, stream, state=third.state, lookback_window=0)
    assert not any(path.startswith("/conversations/2") for path in workspace.asked)


@STREAMS
def test_one_that_is_gone_is_forgotten(run_tap: Runner, answer: Answer, stream: str) -> None:
    workspace = Workspace()
    server = answer(workspace)
    first = run_tap(server, stream)
    workspace.broken = Said(NO_SUCH, 404)
    second = run_tap(server, stream, state=first.state, lookback_window=0)

    assert (second.status, of_conversations(second, stream)) == (0, ["3"])
    assert second.state["bookmarks"][stream]["unreadable"] is None


@STREAMS
def test_an_id_in_words_that_was_kept_goes_as_soon_as_something_is_redacted(
    run_tap: Runner, answer: Answer, caplog: pytest.LogCaptureFixture, stream: str
) -> None:
    def refuse(asked: Asked) -> Said | None:
        return Said(b"no", 400) if asked.path.startswith("/conversations/Ada") else None

    server = answer(Few(else_where=refuse))
    state = {"bookmarks": {stream: {"unreadable": '["Ada"]'}}}
    kept = run_tap(server, stream, state=state)
    assert kept.state["bookmarks"][stream]["unreadable"] == '["Ada"]'

    caplog.clear()
    run = run_tap(server, stream, state=state, privacy_rules={"name": "drop"})
    assert run.state["bookmarks"][stream]["unreadable"] is None
    assert "an id that is none" in run.failures[0]
    assert "Ada" not in caplog.text + run.failures[0]


@STREAMS
def test_one_that_is_accepted_is_told_and_no_reason_to_fail(
    run_tap: Runner, answer: Answer, caplog: pytest.LogCaptureFixture, stream: str
) -> None:
    workspace = Workspace()
    run = run_tap(answer(workspace), stream, accepted_failures=["2"])

    assert (run.status, of_conversations(run, stream)) == (0, ["1", "3"])
    assert "1 could not be read: 2 (" in caplog.text
    assert run.state["bookmarks"][stream]["unreadable"] == '["2"]'


@pytest.mark.parametrize("accepted", [[], ["2"]])
@STREAMS
def test_no_version_is_activated_with_a_gap(
    run_tap: Runner, answer: Answer, stream: str, accepted: list[str]
) -> None:
    """A target would delete what it has of the one that cannot be read."""
    settings: Json = {"emit_activate_version_messages": True, "accepted_failures": accepted}
    workspace = Workspace()
    server = answer(workspace)
    gap = run_tap(server, stream, method="FULL_TABLE", **settings)
    workspace.broken = None
    whole = run_tap(server, stream, method="FULL_TABLE", state=gap.state, **settings)

    assert "ACTIVATE_VERSION" not in {message["type"] for message in gap.messages}
    assert whole.messages[-2]["type"] == "ACTIVATE_VERSION"
    assert set(of_conversations(whole, stream)) == {"1", "2", "3"}


def test_one_that_changes_again_and_can_be_read_is_written_once_more(
    run_tap: Runner, answer: Answer
) -> None:
    """Its own GET fails, but the search has it: that is enough for conversations."""
    state: Json = {
        "bookmarks": {
            CONVERSATIONS: {
                "replication_key": "updated_at",
                "replication_key_value": moment(LATELY),
                "unreadable": '["2"]',
            }
        }
    }
    broken = Said({}, 403)
    few = Few(
        {"id": "2", "updated_at": LATELY + 9},
        else_where=lambda asked: broken if asked.path == "/conversations/2" else None,
    )
    run = run_tap(answer(few), state=state)

    assert (run.status, run.ids()) == (0, ["2"])
    assert run.state["bookmarks"][CONVERSATIONS]["unreadable"] is None


@pytest.mark.parametrize("identifier", ["..", ".", ""])
def test_an_id_in_state_that_no_path_can_hold(
    run_tap: Runner, answer: Answer, identifier: str
) -> None:
    state: Json = {"bookmarks": {CONVERSATIONS: {"unreadable": json.dumps([identifier])}}}
    run = run_tap(answer(Few({"id": "1", "updated_at": LATELY})), state=state)

    assert (run.status, run.ids()) == (1, ["1"])


@pytest.mark.parametrize("stream", [CONVERSATIONS, TAGS])
def test_one_that_left_the_users_bounds_meanwhile_is_forgotten(
    run_tap: Runner, answer: Answer, stream: str
) -> None:
    state: Json = {"bookmarks": {stream: {"unreadable": '["2"]'}}}
    row: Any = {"id": "2", "updated_at": NOW - 10, "tags": [{"id": "7"}]}
    run = run_tap(answer(Few(row)), stream, state=state, end_date=moment(NOW - 100))

    assert (run.status, run.records(stream)) == (0, [])
    assert run.state["bookmarks"][stream]["unreadable"] is None


def test_one_is_asked_for_again_with_what_pages_are_asked_for(
    run_tap: Runner, answer: Answer
) -> None:
    """Or it came without the columns that `include_qa` fills."""
    server = answer(Few({"id": "7", "updated_at": LATELY}))
    state: Json = {"bookmarks": {"conversations": {"unreadable": '["7"]'}}}
    run = run_tap(server, state=state, include_qa=True)
    [again] = [asked.query for asked in server.asked if asked.path == "/conversations/7"]

    assert (run.status, run.state["bookmarks"]["conversations"]["unreadable"]) == (0, None)
    assert again == {"include_monitors": "true", "include_scorecards": "true"}
