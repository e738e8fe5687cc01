"""Attacks on how changes are read: rows out of place, false ends, page numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import LATE
from sandbox.ids import conversation_id
from sandbox.index import ordinal_in
from tests.conftest import NOW
from tests.resilience.adversary import Attack

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.resilience.adversary import Siege

SEARCH: dict[str, Any] = {"conversations_endpoint": "search"}
LIST: dict[str, Any] = {"conversations_endpoint": "list"}
OLD_LIST: dict[str, Any] = {**LIST, "api_version": "2.3"}
DELETED = ("deleted_conversations",)
MANY_DELETED: dict[str, Any] = {"deleted": 300}
ONE_LANE: dict[str, Any] = {"max_concurrency": 4}
"""With it, requests come in the same order each time, and so do lies by chance."""
QUARTER = 900
"""Seconds: later than the lookback of 600."""


def in_order(siege: Siege) -> list[str]:
    """The ids as the search has them, upward."""
    return [conversation_id(ordinal_in(key)) for key in siege.workspace.searched.keys]


def lies(**switches: Any) -> Callable[[Siege], object]:
    """Tell lies in one sync from the beginning."""

    def begin(siege: Siege) -> None:
        siege.lie(**switches)
        siege.sync()

    return begin


def late_rows(
    first: int, count: int = 1, ago: int = QUARTER, **switches: Any
) -> Callable[[Siege], object]:
    """Have rows at their old place that changed a while ago."""

    def begin(siege: Siege) -> None:
        siege.workspace.touch(in_order(siege)[first : first + count], NOW - ago, late=LATE)
        siege.lie(**switches)
        siege.sync()

    return begin


def api_clock_behind(siege: Siege) -> None:
    """An API whose clock is 15 minutes behind, with 5 s of lag, while rows change."""
    workspace = siege.workspace
    workspace.now = NOW - QUARTER
    siege.lie(clock_offset=-QUARTER, index_lag=5, index_lag_clock="simulated")
    siege.lags = True

    def change(_: int) -> None:
        workspace.touch_some(3)
        workspace.tick(1)

    for _ in range(3):
        siege.sync(act=change)
        siege.run_tap.now += 60
        workspace.now = siege.run_tap.now - QUARTER


def killed_and_restarted(share: float = 0.5, **switches: Any) -> Callable[[Siege], object]:
    """Kill a sync; the server restarts, and lies of the cursors that it gave out before."""

    def begin(siege: Siege) -> None:
        siege.sync(kill=share)
        siege.server.restart()
        siege.lie(**switches)
        siege.sync()

    return begin


def another_size(first: int, then: int, **switches: Any) -> Callable[[Siege], object]:
    """Kill a sync of the old list half-way, and go on with another page size."""

    def begin(siege: Siege) -> None:
        siege.lie(**switches)
        siege.sync(kill=0.5, page_size=first)
        siege.sync(page_size=then)

    return begin


def three_times_502(siege: Siege) -> None:
    """Have one page of the old list fail until it is asked for at a smaller size."""
    siege.lie(page_size_served=20)

    def fail(number: int) -> None:
        siege.lie(fault_502=1.0 if 6 <= number < 9 else 0.0)

    siege.sync(act=fail, page_size=50, max_retries=4)


def cancels_out(siege: Siege) -> None:
    """Delete a row that was read, and create one before anybody counts; at each request once."""
    workspace = siege.workspace
    top = in_order(siege)[::-1]

    def slide(number: int) -> None:
        if number % 2 == 1 and 3 <= number < 30:
            workspace.delete([top[number]])
        elif number < 30:
            workspace.create(1, at=NOW - 5)

    # What is created while it is read may come with the next sync.
    siege.lags = True
    siege.sync(act=slide)
    siege.lags = False


def two_leave_the_deleted(siege: Siege) -> None:
    """Have two deletions of pages already read leave the list of deleted conversations."""
    newest = sorted(siege.workspace.deleted, key=siege.workspace.deleted.__getitem__)[::-1]

    def leave(number: int) -> None:
        if number == 3:
            siege.workspace.purge(map(conversation_id, newest[4:6]))

    siege.sync(act=leave)


def order_of_its_own(order: str) -> Callable[[Siege], object]:
    """Delete a few after a sync, and serve deletions in an order that nobody asked for."""

    def begin(siege: Siege) -> None:
        siege.sync()
        siege.workspace.now = NOW
        siege.workspace.delete(siege.workspace.some(5), at=NOW)
        siege.run_tap.now = NOW + 3_600
        siege.lie(deleted_order=order)
        siege.sync()

    return begin


def tied(count: int, begin: Callable[[Siege], object]) -> Callable[[Siege], object]:
    """Have so many rows share one second, long before the lookback."""

    def first(siege: Siege) -> None:
        siege.workspace.bulk_touch(in_order(siege)[-count:], NOW - 50_000)
        begin(siege)

    return first


def _named(**endpoints: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(endpoints.items())


BOTH = _named(search=SEARCH, list=LIST)
THREE = [*BOTH, ("list of 2.3", OLD_LIST)]

OUT_OF_PLACE = [
    *(
        Attack(f"search: a row of {ago} s ago at its old place, {lanes} lanes", begin, settings=how)
        for ago in (700, QUARTER)
        for lanes in (1, 8)
        for how in [{"max_concurrency": 4 * lanes}]
        for begin in [late_rows(130, ago=ago)]
    ),
    *(
        Attack(f"search: {count} rows at their old place from row {first}", late_rows(first, count))
        for first, count in ((19, 1), (19, 30), (200, 12))
    ),
    *(
        Attack(
            f"search: a row at its old place, cursor of page {page} refused {times} times",
            late_rows(
                19 * page,
                cursor_fault="refuse",
                cursor_fault_page=page,
                cursor_fault_times=times,
            ),
            settings={"max_concurrency": 4},
        )
        for page in (2, 3, 5)
        for times in (1, 3)
    ),
    Attack("search: the API's clock 15 minutes behind, 5 s of lag, changes", api_clock_behind),
]
FALSE_ENDS = [
    *(
        Attack(
            f"{name}: page {page} {words}",
            lies(false_end=form, false_end_page=page, false_end_times=1, last_form="null"),
            settings=how,
        )
        for name, how in THREE
        for form, words in (
            ("no-pages", "without `pages`"),
            ("last", "with `next: null`"),
            ("empty", "empty and the last"),
            ("short", "half and the last"),
        )
        for page in (1, 3)
    ),
    *(
        Attack(
            f"{name}: {share:.0%} read, restart, the old cursor answers 200 and no rows",
            killed_and_restarted(share, stale_cursors="empty"),
            settings={**how, "max_concurrency": 4},
        )
        for name, how in BOTH
        for share in (0.2, 0.7)
    ),
    *(
        Attack(
            f"{name}: the pages of each query end after 100 rows",
            lies(false_end="last", false_end_rows=100),
            settings=how,
        )
        for name, how in THREE
    ),
    *(
        Attack(
            f"{name}: 5 % of pages without `pages` (seed {seed})",
            lies(false_end="no-pages", false_end_probability=0.05, fault_seed=seed),
            settings={**how, **ONE_LANE},
        )
        for name, how in BOTH
        for seed in (1, 2)
    ),
    *(
        Attack(
            f"deleted: page {page} {words}",
            lies(false_end=form, false_end_page=page, false_end_times=1, last_form="null"),
            streams=DELETED,
            workspace=MANY_DELETED,
        )
        for form, words in (("last", "with `next: null`"), ("no-pages", "without `pages`"))
        for page in (1, 3)
    ),
    Attack(
        "deleted: two leave the list while it is read",
        two_leave_the_deleted,
        streams=DELETED,
        workspace=MANY_DELETED,
    ),
    *(
        Attack(
            f"deleted: always {order}ending",
            order_of_its_own(order),
            streams=DELETED,
            workspace=MANY_DELETED,
        )
        for order in ("asc", "desc")
    ),
]
PAGE_NUMBERS = [
    *(
        Attack(
            f"list of 2.3: {words}, killed, resumed with {then} a page for {first}",
            another_size(first, then, **switches),
            settings=OLD_LIST,
        )
        for words, switches in (
            ("always 20 a page", {"page_size_served": 20}),
            ("at most 50 a page", {"page_size_cap": 50}),
        )
        for first, then in ((100, 60), (60, 100), (50, 20), (150, 7))
    ),
    Attack("list of 2.3: always 20 a page, three times 502", three_times_502, settings=OLD_LIST),
    *(
        Attack(f"{name}: {words}", lies(**switches), settings={**how, "page_size": size})
        for name, how in THREE
        for words, switches, size in (
            ("always 20 a page for 100", {"page_size_served": 20}, 100),
            ("at most 50 a page for 120", {"page_size_cap": 50}, 120),
            ("always 50 a page for 10", {"page_size_served": 50}, 10),
        )
    ),
    Attack(
        "list of 2.3: one deleted, one created before the count", cancels_out, settings=OLD_LIST
    ),
]
