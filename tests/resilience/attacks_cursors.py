"""Attacks on how pages follow each other: cursors in STATE, counts that lie, lists without end."""

from __future__ import annotations

from tests.resilience.adversary import Attack
from tests.resilience.attacks_reading import (
    BOTH,
    DELETED,
    MANY_DELETED,
    SEARCH,
    THREE,
    killed_and_restarted,
    lies,
    tied,
)

CURSORS = [
    *(
        Attack(
            f"{name}: the cursor in STATE answers {answer}",
            killed_and_restarted(stale_cursors=answer),
            settings={**how, "max_concurrency": 4},
            succeeds=True,
        )
        for name, how in BOTH
        for answer in ("400", "403", "404", "500")
    ),
    *(
        Attack(
            f"{name}: total_count at most a third",
            lies(count_lie="capped", count_cap=130),
            settings=how,
            succeeds=True,
        )
        for name, how in BOTH
    ),
    *(
        Attack(
            f"search: total_count {lie}, 300 rows in one second",
            tied(300, lies(count_lie=lie)),
            settings=SEARCH,
            # Ten times as many might be there, and no time leads on within one second: an error.
            succeeds=lie != "tenfold",
        )
        for lie in ("zero", "absent", "capped", "tenfold", "flicker", "negative", "text")
    ),
]
NO_END = [
    *(
        Attack(
            f"{name}: cursors not heeded from page {page} on ({fault}), total_count {count}",
            lies(cursor_fault=fault, cursor_fault_page=page, count_lie=lie),
            settings=how,
        )
        for name, how in THREE
        for fault in ("ignore", "ignore-counting")
        for count, lie, page in (("right", "", 2), ("absent", "absent", 4))
    ),
    *(
        Attack(
            f"search: cursors not heeded ({fault}), total_count {count}, 300 in one second",
            tied(300, lies(cursor_fault=fault, cursor_fault_page=3, count_lie=lie)),
            settings=SEARCH,
        )
        for fault in ("ignore", "ignore-counting")
        for count, lie in (("right", ""), ("absent", "absent"))
    ),
    *(
        Attack(
            f"{name}: empty pages without end from page 4 on, total_count {count}",
            lies(endless_from=4, count_lie=lie),
            settings=how,
        )
        for name, how in THREE
        for count, lie in (("right", ""), ("absent", "absent"))
    ),
    *(
        Attack(f"deleted: {words}", lies(**switches), streams=DELETED, workspace=MANY_DELETED)
        for words, switches in (
            ("empty pages without end", {"endless_from": 3}),
            ("1e9 pages by total_pages", {"total_pages_said": 10**9}),
            ("page numbers not heeded", {"cursor_fault": "ignore-counting"}),
        )
    ),
    *(
        Attack(
            f"side conversations: {words}",
            lies(**switches, lying_endpoints=["side_conversations"]),
            conversations=100,
            streams=("side_conversation_parts",),
        )
        for words, switches in (
            ("1e9 pages, empty from the third on", {"total_pages_said": 10**9, "endless_from": 3}),
            ("1e9 pages, each the first", {"total_pages_said": 10**9, "cursor_fault": "ignore"}),
        )
    ),
]
