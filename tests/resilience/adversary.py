"""The tap amid a server that lies: what it lost, told, and asked for, with honest syncs at the end.

An attack is a function that gets a siege and does its worst: it sets switches, changes the
workspace, runs syncs. Then the server is honest again and two more syncs run, from the last STATE
as ever. Nothing may be missing then; nor after any sync that had ended with status 0.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Sandbox, Switches, Workspace
from sandbox.ids import conversation_id
from sandbox.index import ordinal_in
from tap_intercom_conversations.api import retries
from tap_intercom_conversations.times import rfc3339
from tests.conftest import NOW, PLENTY, Runner
from tests.resilience.copy import Copy
from tests.resilience.harness import at_each_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Json, Run

MOST_REQUESTS = 1_500
"""Of one sync; beyond it the server lets nobody in, and the sync has no end."""
LONGEST_LINE = 600
"""Characters of a line that can still be called clear."""
_KEPT = ("rate_limit", "token")


@dataclass
class Outcome:
    """What came of an attack.

    Attributes:
        lost: Rows that the copy has not, or not in their last version, after honest syncs.
        silent: The same after a sync that ended with status 0, at worst.
        errors: What syncs that failed said.
        requests: Of the syncs that were lied to.
        endless: Whether one of these had no end.
        stuck: Whether a sync failed that could have succeeded.
    """

    lost: int = 0
    silent: int = 0
    errors: list[str] = field(default_factory=list)
    requests: int = 0
    endless: bool = False
    stuck: bool = False

    @property
    def unclear(self) -> list[str]:
        """Errors that are no clear line."""
        return [
            line
            for line in self.errors
            if not line or "\n" in line or "Traceback" in line or len(line) > LONGEST_LINE
        ]

    @property
    def wrong(self) -> str:
        """What the tap should not have done; empty if it held."""
        found = [
            f"{self.lost} rows lost for good" * bool(self.lost),
            f"{self.silent} rows missing after exit status 0" * bool(self.silent),
            "no end" * self.endless,
            "stuck: an error at each run" * self.stuck,
            f"unclear: {self.unclear[:1]}" * bool(self.unclear),
        ]
        return ", ".join(filter(None, found))


class Siege:
    """The tap, a workspace whose server may lie, and a copy that keeps STATE as targets do.

    Attributes:
        lags: Whether a row may be missing until its index has caught up, though a sync succeeded.
        excused: Ids of rows whose index was later than the lookback: those may come late.
    """

    def __init__(self, run_tap: Runner, server: Sandbox, *streams: str, **settings: Any) -> None:
        self.run_tap = run_tap
        self.server = server
        self.workspace = server.workspace
        self.copy = Copy()
        self.streams = streams or ("conversations",)
        self.settings: Json = {"page_size": 20, "max_retries": 1, **settings}
        self.outcome = Outcome()
        self.lags = False
        self.excused: set[str] = set()
        self.lying = True

    def lie(self, **switches: Any) -> None:
        """Set switches of the sandbox."""
        self.server.switches.set(**switches)

    def honest(self) -> None:
        """Take back all lies, and let the index catch up."""
        usual = Switches()
        names = [item.name for item in fields(Switches) if item.name not in _KEPT]
        self.lie(**{name: getattr(usual, name) for name in names})
        self.workspace.reindex(everything=True)

    def sync(
        self,
        *,
        kill: float | None = None,
        act: Callable[[int], object] | None = None,
        **settings: Any,
    ) -> Run:
        """Sync from the STATE that the copy has.

        Args:
            kill: Break it off after this share of its STATE messages.
            act: What to do when a request comes in; it gets the number.
            settings: In place of the siege's.
        """
        before = self.server.counters.requests
        with self._limit(), at_each_request(self.server, act or (lambda _: None)):
            run = self.run_tap(
                self.server, *self.streams, state=self.copy.state, **{**self.settings, **settings}
            )
        if self.lying:
            self.outcome.requests += self.server.counters.requests - before
        self.copy.take(run.messages if kill is None else broken_off(run, kill))
        self.copy.lose()
        if run.status:
            self.outcome.errors += run.failures or [""]
            self.outcome.stuck |= not self.lying
        elif kill is None and not self.lags:
            self.outcome.silent = max(self.outcome.silent, self.missing())
        return run

    def finish(self) -> Outcome:
        """Be honest, sync twice, and tell what came of it all."""
        self.honest()
        self.lying = False
        for _ in range(2):
            self.run_tap.now += 60
            self.workspace.now = max(self.workspace.now, self.run_tap.now - 30)
            self.sync()
        self.outcome.lost = self.missing()
        return self.outcome

    def missing(self) -> int:
        """How many rows the copy has not, or not in their last version."""
        count = 0
        for stream in self.streams:
            held, truth = self.copy.rows.get(stream, {}), self._truth(stream)
            count += sum(_moment(held.get((key,), {})) != moment for key, moment in truth.items())
        return count

    def _truth(self, stream: str) -> dict[str, str]:
        """When each row of a stream changed last, by id."""
        workspace = self.workspace
        if stream == "deleted_conversations":
            moments = {n: at for n, at in workspace.deleted.items() if n not in workspace.purged}
        elif stream == "conversations":
            living = map(ordinal_in, workspace.by_creation.keys)
            moments = {n: workspace.updated_at(n) for n in living}
        else:
            moments = {}
        known = {conversation_id(n): rfc3339(at) for n, at in moments.items()}
        return {key: moment for key, moment in known.items() if key not in self.excused}

    @contextmanager
    def _limit(self) -> Iterator[None]:
        """Let nobody in once a sync has asked for too much."""
        token, most = self.server.switches.token, self.server.counters.requests + MOST_REQUESTS
        self.server.switches.unauthorized_after = most
        yield
        if self.server.counters.requests > most:
            self.outcome.endless = True
        self.lie(token=token, unauthorized_after=-1)


def _moment(row: Json) -> Any:
    return row.get("updated_at") or row.get("deleted_at")


def broken_off(run: Run, share: float) -> list[Json]:
    """The messages up to a STATE: what came of a run that was killed after it."""
    places = [n for n, message in enumerate(run.messages) if message["type"] == "STATE"]
    if not places:
        return []
    return run.messages[: places[int(share * (len(places) - 1))] + 1]


@dataclass(frozen=True)
class Attack:
    """An attack in words and deeds.

    Attributes:
        name: What is attacked, and how.
        begin: Does it.
        conversations: How many the workspace has.
        streams: What is synced.
        settings: Of the tap.
        workspace: What else the workspace is made with.
        succeeds: Whether each sync has to end with status 0.
    """

    name: str
    begin: Callable[[Siege], object]
    conversations: int = 400
    streams: tuple[str, ...] = ("conversations",)
    settings: Json = field(default_factory=dict)
    workspace: Json = field(default_factory=dict)
    succeeds: bool = False


@contextmanager
def besieged(
    *streams: str, conversations: int = 400, workspace: Json | None = None, **settings: Any
) -> Iterator[Siege]:
    """Serve a workspace, its clock a little behind the moment at which syncs start."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("NO_PROXY", "127.0.0.1")
        stack.enter_context(retries.fixed_pauses(0.001))
        made = Workspace(conversations, **{"seed": 5, "exact_parts": {}, **(workspace or {})})
        server = stack.enter_context(Sandbox(made, rate_limit=PLENTY))
        yield Siege(Runner(patch), server, *streams, **settings)


def suffer(attack: Attack) -> Outcome:
    """Have the tap come through an attack."""
    with besieged(
        *attack.streams,
        conversations=attack.conversations,
        workspace=attack.workspace,
        **attack.settings,
    ) as siege:
        siege.run_tap.now = NOW
        attack.begin(siege)
        if attack.succeeds and siege.outcome.errors:
            siege.outcome.stuck = True
        return siege.finish()
