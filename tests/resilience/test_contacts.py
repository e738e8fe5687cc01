"""Contacts and companies: faults, kills, and whatever changes while they are read."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING

import pytest

from sandbox import Sandbox, Workspace
from tap_intercom_conversations.api.retries import fixed_pauses
from tap_intercom_conversations.streams import collections
from tests.conftest import PLENTY
from tests.resilience.copy import Copy
from tests.resilience.harness import Tap, at_each_request, say
from tests.support.truth import WHOLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Json, Runner, Serve

CONTACTS = ("contacts", "contact_companies", "contact_tags")
STREAMS = (*CONTACTS, "contact_activities", "companies")
SCROLL: Json = {"company_cap": 60, "scroll_size": 25}
"""A list that ends after its first page, so that companies are scrolled."""
FAULTS = ("500", "502", "503", "reset", "cut", "empty", "html", "404_html")


def check(copy: Copy, workspace: Workspace, *streams: str) -> int:
    """Fail if the copy is not the truth; of merged and deleted contacts nothing tells the tap."""
    living = set(workspace.contacts.ids())
    for stream in CONTACTS:
        rows = copy.rows.get(stream, {})
        copy.rows[stream] = {key: row for key, row in rows.items() if key[0] in living}
    return copy.check(workspace, *streams)


@pytest.mark.parametrize("version", ["2.16", "Preview"])
def test_faults_cost_no_row(
    serve: Serve, run_tap: Runner, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    # The tap has to know where this list ends, or the count counts for nothing: each lost answer
    # would cost another scroll, and a wait for the one that broke off.
    monkeypatch.setattr(collections, "COMPANIES_LISTED", SCROLL["company_cap"])
    faults = {f"fault_{kind}": 0.03 for kind in FAULTS}
    server = serve(10, contacts=400, companies=200, **SCROLL, **faults)
    settings: Json = {"api_version": version, "page_size": 20, "max_retries": 20}
    with fixed_pauses(0.01):
        run = run_tap(server, *STREAMS, **settings)

    assert run.failures == []
    found = {stream: {record["id"] for record in run.records(stream)} for stream in STREAMS[::4]}
    assert found == {
        "contacts": set(server.workspace.contacts.ids()),
        "companies": set(server.workspace.companies.ids()),
    }
    say(f"{len(faults)} faults at 3 % each, {version}: 400 contacts and 200 companies complete")


@pytest.mark.parametrize("seed", [1, 2])
def test_contacts_that_change_while_they_are_read(serve: Serve, run_tap: Runner, seed: int) -> None:
    server = serve(10, contacts=200, companies=60, seed=30 + seed)
    workspace, contacts = server.workspace, server.workspace.contacts
    rng = random.Random(seed)  # noqa: S311  chooses what changes
    copy = Copy()

    def change(_: int) -> None:
        some = rng.sample(contacts.ids(), 3)
        rng.choice(
            (
                lambda: contacts.touch(some, kind=rng.choice(contacts.kinds)),
                lambda: contacts.create(2),
                lambda: contacts.merge(some[0], some[1]),
                lambda: contacts.delete(some[:1]),
            )
        )()

    for act in (change, change, lambda _: None):
        run_tap.now = workspace.now + 1
        with at_each_request(server, act):
            run = run_tap(server, *CONTACTS, state=copy.state, page_size=10, **WHOLE)
        assert run.failures == []
        copy.take(run.messages)
    rows = check(copy, workspace, *CONTACTS)
    say(f"contacts that change at every request, seed {seed}: then {rows} rows right")


def test_killed_among_contacts_of_one_day(tmp_path: Path) -> None:
    """Up to 2.16 a day is the finest that a search can ask for, and all of these are of one."""
    workspace = Workspace(10, contacts=1_500, companies=60)
    contacts = workspace.contacts
    contacts.touch(contacts.ids(), workspace.now - 7_200)
    rng = random.Random(7)  # noqa: S311  chooses moments
    copy, kills = Copy(), 5
    with Sandbox(workspace, rate_limit=PLENTY) as server:
        tap = Tap(tmp_path, server, "contacts", page_size=30)
        for last in (*(rng.randint(100, 400) for _ in range(kills)), None):
            with tap.run(copy.state) as process:
                for number, message in enumerate(process.lines(), 1):
                    copy.take([message])
                    if number == last:
                        process.signal(signal.SIGKILL)
                status, errors = process.ended()
            assert status == (0 if last is None else -signal.SIGKILL), errors
            copy.lose()
    assert {key for (key,) in copy.rows["contacts"]} == set(contacts.ids())
    again = copy.repeated["contacts"]
    say(f"{kills} kills among 1,500 contacts of one day: all came, {again} of them twice")
