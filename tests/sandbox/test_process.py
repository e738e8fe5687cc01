"""The sandbox as a process, and what other processes may do to it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox import Sandbox, Workspace

if TYPE_CHECKING:
    from tests.sandbox.conftest import Serve

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox", "--conversations", "50", "--parts", "3=50"]
    command += ["--latency", "0-0.01", "--token", "abc", "--switch", "next_form=string"]
    with subprocess.Popen(  # noqa: S603  our own command
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        headers = {"Authorization": "Bearer abc"}
        page = requests.get(url + "/conversations", headers=headers, timeout=10).json()
        assert isinstance(page["pages"]["next"], str)
        assert page["total_count"] == 50
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_the_command_says_that_a_port_is_taken(serve: Serve) -> None:
    port = serve(10).server.url.rpartition(":")[2]
    ended = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "sandbox", "--conversations", "10", "--port", port],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Port {port} cannot be had (")
    assert ended.stderr.count("\n") == 1


def test_nothing_is_left_behind() -> None:
    before = threading.active_count()
    for _ in range(3):
        with Sandbox(Workspace(10)) as server:
            headers = {"Authorization": f"Bearer {server.token}"}
            assert requests.get(server.url + "/me", headers=headers, timeout=5).ok
    assert threading.active_count() == before


def test_other_processes_can_change_the_workspace(serve: Serve) -> None:
    client = serve(30)
    start = client.workspace.now
    touched = client.post("/_sandbox/touch", {"count": 3, "kind": "note"}).json()["touched"]
    assert [item["updated_at"] for item in touched] == [start + 1, start + 2, start + 3]
    some = client.workspace.ids()[:4]
    again = client.post("/_sandbox/touch", {"ids": some, "at": start + 9}).json()["touched"]
    assert [item["id"] for item in again] == some
    bulk = client.post("/_sandbox/bulk_touch", {"count": 8, "at": start + 20}).json()
    assert bulk == {"count": 8, "updated_at": start + 20}
    born = client.post("/_sandbox/create", {"count": 2, "parts": 4}).json()["ids"]
    assert client.get(f"/conversations/{born[0]}")["conversation_parts"]["total_count"] == 4
    gone = client.post("/_sandbox/delete", {"ids": born}).json()["ids"]
    assert gone == born
    assert client.get("/conversations/deleted")["conversations"][0]["id"] == born[1]
    assert len(client.post("/_sandbox/delete", {}).json()["ids"]) == 1
    now = client.workspace.now
    assert client.post("/_sandbox/tick", {"seconds": 60}).json() == {"now": now + 60}


def test_orders_that_make_no_sense_are_refused(serve: Serve) -> None:
    client = serve(5)
    for path, order in (
        ("touch", {"ids": ["12"]}),
        ("touch", {"count": 1, "kind": "nonsense"}),
        ("touch", []),
        ("switches", {"nonsense": 1}),
    ):
        answer = client.post(f"/_sandbox/{path}", order)
        assert answer.status_code == 400
        assert answer.json()["error"]
    assert client.answer("/_sandbox/truth/nonsense").status_code == 400


def test_switches_are_set_while_it_runs(serve: Serve) -> None:
    client = serve(5)
    assert client.get("/me")
    after = client.post("/_sandbox/switches", {"fault_500": 1}).json()
    assert after["fault_500"] == 1.0
    assert "token" not in after
    assert client.answer("/me").status_code == 500
    client.post("/_sandbox/switches", {"fault_500": 0})
    before = client.get("/conversations")["conversations"]
    client.post("/_sandbox/switches", {"drift": 1.0})
    assert client.get("/conversations")["conversations"] != before


def test_stats_count_what_was_asked_for(serve: Serve) -> None:
    client = serve(30)
    client.get("/conversations")
    client.search()
    client.search()
    client.answer("/conversations/1")
    stats = client.get("/_sandbox/stats")
    assert stats["requests"] == 4
    assert stats["by_endpoint"] == {"list": 1, "search": 2, "conversation": 1}
    assert stats["by_status"] == {"200": 3, "404": 1}
    assert stats["by_endpoint_and_status"]["conversation 404"] == 1
    assert sum(stats["by_window"].values()) == 4
    assert stats["max_in_flight"] == 1
    assert stats["conversations"] == 30
    client.post("/_sandbox/stats/reset", {})
    assert client.get("/_sandbox/stats")["requests"] == 0


def test_the_truth_is_what_the_api_serves(serve: Serve) -> None:
    client = serve(60)
    client.version("Preview")
    lines = client.answer("/_sandbox/truth/conversations").text.splitlines()
    asked = {"include_monitors": "true", "include_scorecards": "true"}
    served = client.search_all(parameters=asked)
    rows = [json.loads(line) for line in lines][::-1]
    assert rows == served
    lines = client.answer("/_sandbox/truth/conversation_parts").text.splitlines()
    parts: dict[str, list[Json]] = {number: [] for number in client.workspace.ids()}
    for line in lines:
        part = json.loads(line)
        del part["conversation_updated_at"]
        parts[part.pop("conversation_id")].append(part)
    for number, expected in parts.items():
        found = client.get(f"/conversations/{number}")["conversation_parts"]
        assert found["conversation_parts"] == expected
