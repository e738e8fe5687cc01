"""What happened to the contacts of the simulated workspace: all of it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.truth import differences, rows

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Json, Run, Runner, Serve

STREAM = "contact_activities"
WHOLE: Json = {"api_version": "Preview"}


def lacking(server: Sandbox, run: Run) -> list[str]:
    """The events of the truth that a run's records do not have as they are."""
    found = {record["id"]: record for record in run.records(STREAM)}
    return [
        row["id"]
        for row in rows(server, STREAM, run.schema(STREAM))
        if differences(found.get(row["id"], {}), row)
    ]


def test_everything_comes_once(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, contacts=400)
    run = run_tap(server, STREAM, **WHOLE)
    ids = [record["id"] for record in run.records(STREAM)]

    assert run.status == 0
    assert lacking(server, run) == []
    assert len(ids) == len(set(ids)) > 400
    assert server.counters.by_endpoint[STREAM] == -(-len(ids) // 150)


def test_the_next_sync_goes_on_from_the_last_page(serve: Serve, run_tap: Runner) -> None:
    server = serve(10, contacts=400)
    first = run_tap(server, STREAM, **WHOLE)
    contacts = server.workspace.contacts
    source, target, gone = contacts.ids()[:3]
    contacts.merge(source, target)
    contacts.delete([gone])
    server.counters.reset()
    second = run_tap(server, STREAM, state=first.state, **WHOLE)
    happened = {(row["event_type"], row["merge_source_id"]) for row in second.records(STREAM)}

    assert server.counters.by_endpoint[STREAM] == 1
    assert ("contact.merged", source) in happened
    assert gone in [row["contact_id"] for row in second.records(STREAM)]
    assert len(second.records(STREAM)) <= 150
