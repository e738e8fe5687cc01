"""Attacks of the same kinds that nobody had listed: replicas, clocks, restarts, other settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import LATE
from tests.conftest import NOW
from tests.resilience.adversary import Attack
from tests.resilience.attacks_reading import (
    BOTH,
    DELETED,
    LIST,
    MANY_DELETED,
    ONE_LANE,
    SEARCH,
    in_order,
    lies,
    tied,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.resilience.adversary import Siege


def catches_up_at(moment: int) -> Callable[[Siege], object]:
    """Have 30 rows at their old place go to their new one while the search is read."""

    def begin(siege: Siege) -> None:
        siege.workspace.touch(in_order(siege)[190:220], NOW - 700, late=LATE)

        def catch_up(number: int) -> None:
            if number == moment:
                siege.workspace.reindex(everything=True)

        siege.lie(cursor_fault="refuse", cursor_fault_page=3, cursor_fault_times=2)
        siege.sync(act=catch_up)

    return begin


def two_replicas(siege: Siege) -> None:
    """Two replicas: a row is now at its old place, now at its new one, from request to request."""
    workspace = siege.workspace
    chosen = in_order(siege)[100:300:10]

    def other(number: int) -> None:
        if number % 2:
            workspace.touch(chosen, NOW - 300, "attribute", LATE)
        else:
            workspace.reindex(everything=True)

    siege.lags = True
    siege.sync(act=other)
    siege.lags = False


def clock_ahead_once(siege: Siege) -> None:
    """One sync on a machine whose clock is an hour ahead, the next on one that is right."""
    siege.workspace.now = NOW
    siege.run_tap.now = NOW + 3_600
    siege.sync()
    siege.workspace.touch_some(30)
    siege.run_tap.now = NOW + 120
    siege.sync()


def api_clock_ahead(siege: Siege) -> None:
    """An API whose clock is an hour ahead of the machine's: rows come from what is later here."""
    siege.lie(clock_offset=3_600)
    siege.workspace.now = NOW + 3_600
    siege.workspace.touch_some(40, NOW + 3_500)
    siege.lags = True
    siege.sync()
    siege.lags = False
    siege.run_tap.now = NOW + 3_700


def chased(siege: Siege) -> None:
    """More rows change with each request than it brings, all of them below the end of the sync."""

    def change(number: int) -> None:
        siege.workspace.touch_some(25, min(NOW - 500 + number, NOW - 1), "attribute")

    siege.lags = True
    siege.sync(act=change)
    siege.lags = False


def deleted_while_read(siege: Siege) -> None:
    """Five rows vanish with each request, so that no count is ever reached."""

    def vanish(number: int) -> None:
        if number < 30:
            siege.workspace.delete(siege.workspace.some(5))

    siege.sync(act=vanish)


def restarts_all_the_time(answer: str) -> Callable[[Siege], object]:
    """Restart the server at each fourth request, so that no cursor lives long."""

    def begin(siege: Siege) -> None:
        def restart(number: int) -> None:
            if number % 4 == 0:
                siege.server.restart()

        siege.lie(stale_cursors=answer)
        siege.sync(act=restart)

    return begin


def other_settings(*settings: dict[str, Any]) -> Callable[[Siege], object]:
    """Kill each sync, and go on with other settings."""

    def begin(siege: Siege) -> None:
        for number, these in enumerate(settings, 1):
            siege.sync(kill=number / (len(settings) + 2), **these)
        siege.sync(**settings[0])

    return begin


def killed_inside_ties(lie: str) -> Callable[[Siege], object]:
    """Kill again and again inside one second, with a count that lies, then end falsely."""

    def begin(siege: Siege) -> None:
        siege.lie(count_lie=lie)
        for share in (0.1, 0.2, 0.4, 0.3, 0.5):
            siege.sync(kill=share)
        siege.lie(false_end="last", false_end_page=4, false_end_times=1)
        siege.sync()

    return begin


def at_the_very_second(siege: Siege) -> None:
    """Rows that change in the second in which a sync starts, before, while and after it is read."""
    workspace = siege.workspace
    ids = iter(workspace.ids())
    for now in (NOW, NOW + 1, NOW + 700):
        siege.run_tap.now = now

        def change(_: int, now: int = now) -> None:
            for moment in (now - 1, now, now + 1):
                workspace.touch([next(ids)], moment, "attribute")

        change(0)
        siege.lags = True
        siege.sync(act=lambda number, change=change: change(0) if number < 8 else None)  # type: ignore[misc]
    siege.lags = False
    siege.run_tap.now = NOW + 1_500


def poisoned_moments(siege: Siege) -> None:
    """Rows of the future and rows whose moment cannot be read, beside a late row."""
    ids = in_order(siege)
    siege.workspace.touch([ids[39]], NOW - 900, late=LATE)
    poison = {ids[n]: "future" for n in (59, 60, 79)} | {ids[n]: "updated_at" for n in (99, 100)}
    siege.lie(poison=poison, cursor_fault="refuse", cursor_fault_page=4, cursor_fault_times=2)
    siege.excused = set(poison)
    siege.sync()
    siege.excused = set()
    # Once healed they have to be touched: nothing else tells that they changed.
    siege.workspace.touch(list(poison), NOW + 1, "attribute")


def agreed(rows: int) -> Callable[[Siege], object]:
    """Two lies that agree: no query has more rows, and none is said to."""
    return lies(count_lie="capped", count_cap=rows, false_end="last", false_end_rows=rows)


def on_both(words: str, begin: Callable[[Siege], object], **settings: Any) -> list[Attack]:
    """The same attack on the search and on the list."""
    return [Attack(f"{name}: {words}", begin, settings={**how, **settings}) for name, how in BOTH]


FURTHER: dict[str, list[Attack]] = {
    "rows go to their new place while they are read": [
        Attack(f"search: 30 rows catch up at request {n}", catches_up_at(n)) for n in (9, 13)
    ],
    "two replicas in turn, one of them late": [
        Attack("search: two replicas in turn, one of them late for 20 rows", two_replicas)
    ],
    "a machine's clock an hour ahead in one sync": on_both(
        "a machine's clock an hour ahead, once", clock_ahead_once
    ),
    "the API's clock an hour ahead": on_both("the API's clock an hour ahead", api_clock_ahead),
    "more rows change with each page than it has": on_both(
        "25 rows change with each page of 20", chased
    ),
    "rows are deleted with each page": on_both(
        "five rows deleted with each page", deleted_while_read
    ),
    "a server that restarts at each fourth request": [
        attack
        for answer in ("400", "404", "empty")
        for attack in on_both(
            f"restarts at each fourth request, old cursors answer {answer}",
            restarts_all_the_time(answer),
        )
    ],
    "killed, and resumed with another endpoint": [
        Attack("search to list to search, killed each time", other_settings(SEARCH, LIST, SEARCH))
    ],
    "killed, and resumed with other sizes and lanes": [
        Attack(
            "search: 3 to 100 a page, 1 to 25 lanes, killed each time",
            other_settings(
                {"page_size": 3, "max_concurrency": 100},
                {"page_size": 100, "max_concurrency": 1},
                {"page_size": 7, "max_concurrency": 32},
            ),
        )
    ],
    "killed inside one second, counts that lie, a false end": [
        Attack(
            f"search: killed five times inside one second, total_count {lie}, a false end",
            tied(300, killed_inside_ties(lie)),
        )
        for lie in ("absent", "flicker", "tenfold", "zero")
    ],
    "counts and ends that agree, rows apart in time": [
        Attack(f"search: total_count and ends agree on {rows} rows", agreed(rows))
        for rows in (60, 100)
    ],
    "counts that lie, and 5 % false ends": [
        Attack(
            f"search: total_count {lie}, 5 % of pages without `pages`, {rows} in one second",
            tied(rows, lies(count_lie=lie, false_end="no-pages", false_end_probability=0.05)),
            settings=ONE_LANE,
        )
        for lie in ("absent", "zero", "tenfold")
        for rows in (1, 200)
    ],
    "one row a page, whatever is asked for": on_both(
        "one row a page whatever is asked for", lies(page_size_served=1)
    ),
    "a fifth of pages empty": [
        attack
        for lie in ("", "absent")
        for attack in on_both(
            f"a fifth of pages empty, total_count {lie or 'right'}",
            lies(empty_pages=0.2, count_lie=lie),
        )
    ],
    "30 % of all answers a gateway's 404": on_both(
        "30 % of answers a gateway's 404", lies(fault_404_html=0.3), max_retries=8
    ),
    "rows change in the very second a sync starts": on_both(
        "rows change in the second a sync starts", at_the_very_second
    ),
    "moments of the future and unreadable ones among late rows": [
        Attack("search: rows of the future and unreadable ones, a refused cursor", poisoned_moments)
    ],
    "deleted: sizes and counts that lie": [
        Attack(f"deleted: {words}", lies(**switches), streams=DELETED, workspace=MANY_DELETED)
        for words, switches in (
            ("always 20 a page", {"page_size_served": 20}),
            ("total_count zero, at most 7 a page", {"count_lie": "zero", "page_size_cap": 7}),
            ("total_count tenfold", {"count_lie": "tenfold"}),
        )
    ],
}
AGREED = [
    Attack("list: total_count and ends agree on 100 rows", agreed(100), settings=LIST),
    Attack(
        "search: total_count and ends agree on 100 rows, 300 in one second",
        tied(300, agreed(100)),
    ),
    Attack(
        "deleted: total_count and ends agree on 120 rows",
        agreed(120),
        streams=DELETED,
        workspace=MANY_DELETED,
    ),
]
"""Nothing contradicts these: no client can tell."""
