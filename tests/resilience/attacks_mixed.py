"""Random mixtures: late rows, changes, deletions, kills, restarts, and lies of all kinds."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from sandbox import LATE, Switches
from tests.conftest import NOW
from tests.resilience.adversary import Attack
from tests.resilience.attacks_reading import BOTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.resilience.adversary import Siege

LOOKBACK = 600
ROUNDS = 4
_ENDS: tuple[dict[str, Any], ...] = (
    {"false_end": "no-pages", "false_end_probability": 0.05},
    {"false_end": "short", "false_end_probability": 0.05, "last_form": "null"},
    {"false_end": "empty", "false_end_probability": 0.05, "last_form": "empty-object"},
    {"stale_cursors": "empty"},
)
_COUNTS: tuple[dict[str, Any], ...] = tuple(
    {"count_lie": lie, "count_cap": 50}
    for lie in ("absent", "zero", "text", "capped", "tenfold", "flicker")
)
_OTHERS: tuple[dict[str, Any], ...] = (
    {"cursor_fault": "refuse", "cursor_fault_page": 3},
    {"cursor_fault": "alternate", "cursor_fault_times": 2},
    {"cursor_fault": "same", "cursor_fault_times": 2},
    {"empty_pages": 0.2},
    {"page_size_served": 7},
    {"page_size_cap": 13},
    {"fault_502": 0.1},
    {"fault_reset": 0.05, "fault_torn": 0.05},
    {"inclusive_comparisons": True},
)


_HONEST = {name: getattr(Switches(), name) for lie in (*_ENDS, *_COUNTS) for name in lie}


def _told(rng: random.Random, count: int) -> dict[str, Any]:
    """So many lies: one of an end or of a count, as both together can agree; and others."""
    first = rng.sample(rng.choice((_ENDS, _COUNTS)), min(count, 1))
    # Those of the round before are over: a count and an end could agree.
    told: dict[str, Any] = {**_HONEST, "fault_seed": rng.randrange(1_000)}
    for lie in [*first, *rng.sample(_OTHERS, max(count - 1, 0))]:
        told |= lie
    return told


def mixture(seed: int, lies_at_once: int = 2) -> Callable[[Siege], object]:
    """Late rows, changes, deletions, ties, kills, restarts and lies, by a seed."""

    def begin(siege: Siege) -> None:
        rng = random.Random(seed)  # noqa: S311  chooses what happens
        workspace = siege.workspace
        workspace.now = NOW
        late: dict[str, int] = {}
        # A row whose index is late may be missing although a sync succeeded.
        siege.lags = True
        for _ in range(ROUNDS):
            siege.run_tap.now = workspace.now
            siege.lie(**_told(rng, lies_at_once))
            chance = random.Random(rng.random())  # noqa: S311  for another thread

            def change(_: int, chance: random.Random = chance) -> None:
                if chance.random() < 0.3:
                    workspace.tick(chance.choice((0, 1, 5)))
                    late.update(_touched(siege, chance))

            siege.sync(
                act=change,
                kill=rng.choice((None, rng.random(), rng.random())),
                page_size=rng.choice((5, 20, 50)),
                max_concurrency=rng.choice((4, 16, 32)),
            )
            if rng.random() < 0.5:
                siege.server.restart()
            workspace.tick(rng.choice((1, 60, 200)))
            if rng.random() < 0.5:
                _catch_up(siege, late)
        _catch_up(siege, late)
        siege.run_tap.now = workspace.now
        siege.lags = False

    return begin


def _touched(siege: Siege, rng: random.Random) -> dict[str, int]:
    """Change some rows, some of which the search has at their old place; returns these."""
    workspace = siege.workspace
    ids = rng.sample(workspace.ids(), rng.choice((1, 1, 10)))
    lag = LATE if rng.random() < 0.5 else 0.0
    if rng.random() < 0.1:
        workspace.delete(ids[:1])
        return {}
    workspace.touch(ids, workspace.now if rng.random() < 0.5 else None, "attribute", lag)
    return dict.fromkeys(ids, workspace.now) if lag else {}


def _catch_up(siege: Siege, late: dict[str, int]) -> None:
    now = siege.workspace.now
    siege.excused |= {key for key, since in late.items() if now - since > LOOKBACK}
    late.clear()
    siege.workspace.reindex(everything=True)


MIXTURES = [
    Attack(
        f"{name}: late rows, changes, kills, restarts, {lies_at_once} lies (seed {seed})",
        mixture(seed, lies_at_once),
        conversations=200,
        settings={**how, "max_retries": 4},
    )
    for name, how in BOTH
    for lies_at_once in (0, 1, 3)
    for seed in range(4)
]
