"""State files of other connectors, and the state that docs/moving.md makes: no new first load."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.truth import truth
from tap_intercom_conversations.times import epoch_seconds, rfc3339
from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.conftest import Runner, Serve

PAGE = (ROOT / "docs" / "moving.md").read_text(encoding="utf-8")
LOOKBACK = 600
BOTH = ("conversations", "conversation_parts")


def stitch(at: int) -> dict[str, Any]:
    """As singer-io's tap leaves it after a sync."""
    moment = {"updated_at": rfc3339(at).replace("Z", ".000000Z")}
    return {"bookmarks": {"companies": moment, **dict.fromkeys(BOTH, moment)}}


def old_stitch(at: int) -> dict[str, Any]:
    """As its first versions left it."""
    return {
        "currently_syncing": "teams",
        "bookmarks": dict.fromkeys(("leads", *BOTH), rfc3339(at)),
    }


def ticketswap(at: int) -> dict[str, Any]:
    """As TicketSwap's leaves it, which is made with the Singer SDK."""
    bookmark = {"replication_key": "updated_at", "replication_key_value": at}
    return {"bookmarks": {**dict.fromkeys(BOTH, bookmark), "tags": {}, "teams": {}}}


def written(bookmark: str) -> dict[str, Any]:
    """As the page's command writes it."""
    [command] = re.findall(r"^(python3 -c '.*?) > state\.json", PAGE, re.MULTILINE | re.DOTALL)
    _, *arguments, _ = shlex.split(command)
    output = subprocess.check_output([sys.executable, *arguments, bookmark])  # noqa: S603
    state: dict[str, Any] = json.loads(output)
    return state


def airbyte(at: int) -> dict[str, Any]:
    """Airbyte shows seconds."""
    return written(str(at))


def fivetran(at: int) -> dict[str, Any]:
    """Fivetran shows when a sync began."""
    return written(rfc3339(at))


@pytest.mark.parametrize("theirs", [stitch, old_stitch, ticketswap, airbyte, fivetran])
def test_it_begins_where_the_other_ended(serve: Serve, run_tap: Runner, theirs: Any) -> None:
    server = serve(60, seed=3)
    moments = {row["id"]: row["updated_at"] for row in truth(server.workspace, "conversations")}
    bookmark = sorted(moments.values())[40]
    run = run_tap(server, *BOTH, state=theirs(bookmark), lookback_window=LOOKBACK)

    loaded = {row["id"]: epoch_seconds(row["updated_at"]) for row in run.records()}
    assert run.status == 0
    assert loaded == {key: at for key, at in moments.items() if at >= bookmark - LOOKBACK}
    assert {row["conversation_id"] for row in run.records("conversation_parts")} <= {
        row["id"] for row in run.records()
    }
    assert run.state["bookmarks"]["conversations"]["replication_key"] == "updated_at"


def test_each_stream_of_the_page_exists_and_follows_a_time(run_tap: Runner, serve: Serve) -> None:
    state = written("2026-05-01T00:00:00Z")
    run = run_tap(serve(5), *state["bookmarks"], state=state)

    assert run.status == 0
    assert set(run.state["bookmarks"]) == set(state["bookmarks"])
