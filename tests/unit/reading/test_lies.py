"""A workspace that lives, whose index is late, whose API lies, and syncs that are killed.

Then one more sync, of an API that is honest again: nothing may be missing. A lie that makes that
impossible must end in an error. What nothing contradicts cannot be found: ends that are false again
and again at the same place, where nothing is counted; and ten neighbours and more that all show a
later time than their place's, for longer than `lookback_window`, where no cursor can be read.

For more rounds than those here:

    python -m tests.unit.reading.test_lies 100
"""

from __future__ import annotations

import logging
import random
import sys
from dataclasses import dataclass
from itertools import count, product
from typing import Any

import pytest

from tap_intercom_conversations.errors import ApiError, LostPlace
from tap_intercom_conversations.reading.collection import DAYS, SECONDS
from tests.support.lying_api import (
    COUNT_LIES,
    CURSOR_LIES,
    END_LIES,
    LIST_LIES,
    SIZE_LIES,
    Endless,
    LyingApi,
)
from tests.support.readings import LOOKBACK, Table, VirtualWorkers

NOW = 1_780_358_400
"""2026-06-02T00:00:00Z."""
MOST_LATE = 500
"""Seconds by which the index is late at most for what changes during a sync."""
IMPOSSIBLE = {
    "cursor leads back",
    "cursor ignored",
    "chain ends",
    "chain ends empty",
    "chain ends short",
    "empty for ever",
    "count tenfold",
}
"""Where these are told of many rows of one second, or of a list, no page leads to all of them; or
nothing shows that the pages had an end."""


@dataclass(frozen=True)
class Attack:
    """What a round is like.

    Attributes:
        lies: What the API does not do as documented.
        ties: Rows of one second.
        tail: Rows of the last minutes.
        late: By how many seconds the index is late for three blocks of neighbours...
        block: ...of so many rows.
        kills: After a few pages each.
        sizes: Settings of page_size, one of them for each sync.
        ahead: Seconds by which the API's clock is ahead.
        whole: All is read anew, as FULL_TABLE, and must be there at once.
        days: The search knows days only, and all lies 50 times further back.
    """

    lies: tuple[str, ...] = ()
    ties: int = 0
    tail: int = 20
    late: int = 900
    block: int = 1
    kills: int = 0
    sizes: tuple[int, ...] = (15,)
    ahead: int = 0
    whole: bool = False
    days: bool = False

    def __str__(self) -> str:
        """What differs from the plain round."""
        plain = Attack()
        how = {name: value for name, value in vars(self).items() if value != vars(plain)[name]}
        return " ".join(f"{name}={value}" for name, value in how.items()) or "plain"


def search_round(attack: Attack, seed: int, rows: int = 500) -> set[str]:
    """Run a round on the search; returns what is missing."""
    rng = random.Random(seed)  # noqa: S311  draws a life
    stretch = 50 if attack.days else 1
    old = [
        (
            f"{key:04d}",
            NOW - 2_000 - stretch * (50_000 if key < attack.ties else rng.randrange(100_000)),
        )
        for key in range(rows)
    ]
    rng.shuffle(old)
    tail = [(f"t{key:03d}", NOW - 1 - rng.randrange(500)) for key in range(attack.tail)]
    days_of = rng.randrange(-12, 15) * 3_600 if attack.days else None
    api = LyingApi(dict(old + tail), attack.lies, seed, inclusive=bool(seed % 2), days_of=days_of)
    by_time = sorted(api.times, key=lambda key: (api.times[key], key))
    too_late = set()
    for _ in range(3):
        first = rng.randrange(rows - attack.block)
        for key in by_time[first : first + attack.block]:
            api.touch(key, NOW - attack.late, late=True)
            if attack.late > LOOKBACK:
                too_late.add(key)
    now = NOW

    def live() -> None:
        nonlocal now
        now += 1
        if rng.random() < 0.05:
            api.touch(rng.choice(by_time), now, late=rng.random() < 0.5)
        if rng.random() < 0.02:
            api.catch_up()
        api.catch_up(since=NOW, until=now - MOST_LATE)

    api.between = live
    table = Table(api, precision=DAYS if attack.days else SECONDS)
    for number in count():
        workers = VirtualWorkers(32, seed * 100 + number)
        kill = rng.randrange(1, 12) if number < attack.kills else None
        if table.sync(
            now,
            kill_after=kill,
            ahead=attack.ahead,
            page_size=rng.choice(attack.sizes),
            whole=attack.whole,
            workers=workers,
        ):
            break
        now += rng.randrange(200)
        api.catch_up(since=NOW, until=now - MOST_LATE)
    if attack.whole:
        return api.times.keys() - table.rows.keys()
    api.lies, api.between = frozenset(), lambda: None
    api.catch_up()
    assert table.sync(now + abs(attack.ahead) + 5)
    return table.missing() - too_late


def list_round(attack: Attack, seed: int, rows: int = 300) -> set[str]:
    """Run a round on the list; returns what is missing."""
    rng = random.Random(seed)  # noqa: S311  draws a life
    old = [
        (f"{key:04d}", NOW - 2_000 - (50_000 if key < attack.ties else rng.randrange(100_000)))
        for key in range(rows)
    ]
    rng.shuffle(old)
    api = LyingApi(dict(old), attack.lies, seed)
    now, new = NOW, count()

    def live() -> None:
        nonlocal now
        now += 1
        if rng.random() < 0.1:
            api.touch(rng.choice(sorted(api.times)), now)
        if rng.random() < 0.03:
            api.touch(f"n{next(new)}", now)
        if rng.random() < 0.03:
            api.delete(rng.choice(sorted(api.times)))

    table = Table(api, is_list=True)
    if attack.tail:
        api.lies = api.lies & {*LIST_LIES, "count absent"}
        assert table.sync(now)
        for _ in range(rng.choice((0, 3, attack.tail))):
            now += rng.randrange(100)
            api.touch(rng.choice(sorted(api.times)), now)
        api.lies = frozenset(attack.lies)
    api.between = live
    for number in count():
        kill = rng.randrange(1, 8) if number < attack.kills else None
        if table.sync(now, kill_after=kill, page_size=rng.choice(attack.sizes)):
            break
        for _ in range(rng.randrange(30)):
            live()
    api.lies, api.between = api.lies & {*LIST_LIES, "count absent"}, lambda: None
    assert table.sync(now + 5)
    return table.missing()


SHAPES: tuple[dict[str, Any], ...] = (
    {"ties": 150, "kills": 8},
    {"block": 3, "late": 900, "sizes": (15, 4, 30), "kills": 3},
    {"tail": 200, "late": 30, "block": 30},
    {"whole": True, "tail": 100, "ahead": -1_000},
)
SEARCH_LIES = (
    (),
    *((lie,) for lie in (*COUNT_LIES, *CURSOR_LIES, *END_LIES, *SIZE_LIES, "by number")),
    ("count tenfold", "false end"),
    ("count flickers", "chain ends"),
    ("cursor opaque", "cursor refused"),
    ("by number", "size capped"),
    ("by number", "size too heavy"),
    ("size capped", "false end"),
)
SEARCHES = (
    [Attack(lies, **shape) for lies in SEARCH_LIES for shape in SHAPES]
    + [
        # Blocks of neighbours show a time that is not their place's, for longer than lookback.
        Attack(lies, block=30, late=900, kills=kills)
        for lies in ((), ("cursor refused",), ("false end",), ("count absent", "false end"))
        for kills in (0, 4)
    ]
    + [
        Attack(lies, days=True, kills=kills)
        for lies in ((), *((lie,) for lie in (*COUNT_LIES, *CURSOR_LIES, *END_LIES, *SIZE_LIES)))
        for kills in (0, 4)
    ]
)
LIST_SHAPES: tuple[dict[str, Any], ...] = (
    {"tail": 0},
    {"tail": 0, "kills": 5, "sizes": (15, 4, 30)},
    {"tail": 40},
)
LISTS = [
    Attack(lies, **shape)
    for lies in (
        *product(("order ignored", "order by creation", "order ascending", "count absent")),
        *((lie,) for lie in (*COUNT_LIES, *CURSOR_LIES, *END_LIES, *SIZE_LIES)),
        ("by number",),
        ("by number", "count absent"),
        ("by number", "order by creation"),
        ("by number", "size ignored"),
        ("by number", "size capped"),
        ("by number", "size too heavy"),
        ("by number", "false end once"),
        ("by number", "chain ends"),
        ("order ignored", "false end"),
    )
    for shape in LIST_SHAPES
]
# A list has no places to go on from: it is read in one chain.
LIST_IMPOSSIBLE = IMPOSSIBLE | {"cursor refused", "cursor fails", "false end"}


def outcome(attack: Attack, seed: int, *, is_list: bool) -> str | set[str]:
    """What a round has come to: what is missing, or an error if the lies allow for one."""
    try:
        return list_round(attack, seed) if is_list else search_round(attack, seed)
    except (LostPlace, ApiError):
        if not (LIST_IMPOSSIBLE if is_list else IMPOSSIBLE).intersection(attack.lies):
            raise
        return set()


def some(attacks: list[Attack], one_of: int) -> list[Any]:
    """Mark all but one of so many as thorough; each lie has another number of shapes than that."""
    return [
        pytest.param(attack, marks=[pytest.mark.thorough] if number % one_of else [])
        for number, attack in enumerate(attacks)
    ]


@pytest.mark.parametrize("attack", some(SEARCHES, 3), ids=str)
def test_nothing_is_missing_from_a_search(attack: Attack) -> None:
    assert outcome(attack, 1, is_list=False) == set()


@pytest.mark.parametrize("attack", some(LISTS, 2), ids=str)
def test_nothing_is_missing_from_a_list(attack: Attack) -> None:
    assert outcome(attack, 1, is_list=True) == set()


def main(rounds: int) -> int:
    """Run many rounds of each attack; returns how many went wrong."""
    logging.disable()
    failed = 0
    for is_list, attack in [(False, each) for each in SEARCHES] + [(True, each) for each in LISTS]:
        for seed in range(rounds):
            try:
                what = outcome(attack, seed, is_list=is_list)
            except (LostPlace, ApiError, Endless) as error:
                what = f"{type(error).__name__} {error}"
            if what:
                failed += 1
                missing = what if isinstance(what, str) else f"{len(what)} rows missing"
                print("list" if is_list else "search", attack, f"seed {seed}:", missing)
    return failed


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]))))
