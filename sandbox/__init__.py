"""A simulated Intercom workspace over HTTP, to develop, test, show and measure the tap against.

In a process of its own, printing its address once it can be reached:

    python -m sandbox --conversations 5000 --latency 0.15-0.25 --switch fault_500=0.01

In the same process:

    with Sandbox(Workspace(conversations=300, seed=1), drift=0.3) as server:
        requests.get(f"{server.url}/me", headers={"Authorization": f"Bearer {server.token}"})
        server.workspace.touch(server.workspace.ids()[:3])  # a reply in each
        server.workspace.touch_some(1, late=LATE)            # the search has it at its old place
        server.workspace.contacts.touch_some(2)              # so with companies, tickets, articles
        server.switches.set(index_lag=30)                   # see sandbox/switches.py for all
        server.counters.by_status                           # what was asked for so far

`workspace.now` is the workspace's own clock: it stands at 2026-06-01 and moves with what changes.
Other processes do the same through POST /_sandbox/touch, bulk_touch, create, delete, merge, visit,
tick, reindex, restart, switches and stats/reset, and GET /_sandbox/stats and
/_sandbox/truth/{stream}; of other objects than conversations with {"of": "contacts"}.
"""

from __future__ import annotations

from sandbox.server import Sandbox
from sandbox.switches import Switches
from sandbox.workspace import LATE, Workspace

__all__ = ["LATE", "Sandbox", "Switches", "Workspace"]
