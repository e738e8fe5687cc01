"""The least that has to be done: fetch the pages, parse them, write each conversation as a line.

    python -m benchmarks.bare_loop URL VERSION

No schema, no state, no retries, no limit, one page after another. What the tap costs beyond this
is the price of what it does more.
"""

from __future__ import annotations

import sys
from typing import Any

import orjson
import requests

TOKEN = "sandbox-token"  # noqa: S105  the sandbox's own, known to all
TIMEOUT = 60


def main(url: str, version: str) -> None:
    """Write all conversations to stdout."""
    write = sys.stdout.buffer.write
    body: dict[str, Any] = {
        "query": {"field": "updated_at", "operator": ">", "value": 0},
        "sort": {"field": "updated_at", "order": "ascending"},
        "pagination": {"per_page": 150},
    }
    with requests.Session() as session:
        session.headers.update({"Authorization": f"Bearer {TOKEN}", "Intercom-Version": version})
        while True:
            answer = session.post(f"{url}/conversations/search", json=body, timeout=TIMEOUT)
            answer.raise_for_status()
            page = orjson.loads(answer.content)
            for conversation in page["conversations"]:
                message = {"type": "RECORD", "stream": "conversations", "record": conversation}
                write(orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE))
            following = page["pages"].get("next")
            if not following:
                return
            body["pagination"]["starting_after"] = following["starting_after"]


if __name__ == "__main__":
    main(*sys.argv[1:])
