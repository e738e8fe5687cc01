"""The command line: `python -m sandbox` serves a workspace until it is told to stop."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from typing import Any

from sandbox.moments import ACTIVITIES
from sandbox.server import Sandbox
from sandbox.workspace import Workspace


def main() -> None:
    """Serve a workspace, and print its address once it can be reached."""
    options = _parser().parse_args()
    exact = None if options.parts is None else dict(options.parts)
    workspace = Workspace(
        options.conversations,
        options.seed,
        exact_parts=exact,
        templates=options.templates,
        activity=options.activity,
        contacts=options.contacts,
        companies=options.companies,
        tickets=options.tickets,
    )
    switches: dict[str, Any] = {
        "latency": options.latency,
        "rate_limit": options.rate_limit,
        "token": options.token,
        **dict(options.switch),
    }
    if options.search_latency is not None:
        switches["search_latency"] = options.search_latency
    server = Sandbox(workspace, options.port, **switches)
    try:
        server.bind()
    except (OSError, OverflowError) as error:
        sys.exit(f"Port {options.port} cannot be had ({error}); without --port it takes one.")
    # Uvicorn hands the signal on when it is done with it: both are an ordinary end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(lambda: print(server.url, flush=True))  # noqa: T201  what the command is for


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 takes a free one")
    add("--host", choices=["127.0.0.1"], default="127.0.0.1", help="loopback only")
    add("--conversations", type=int, default=5_000)
    add("--contacts", type=int, help="one for each two conversations, unless told")
    add("--companies", type=int, help="one for each ten conversations, unless told")
    add("--tickets", type=int, help="those that are conversations, unless told")
    add("--seed", type=int, default=1)
    add("--latency", default="0", help="seconds, or a range such as 0.15-0.25")
    add("--search-latency", help="the same, for pages of the list and the search")
    add("--rate-limit", type=int, default=10_000, help="requests a minute")
    add("--token", default="sandbox-token")
    add("--templates", type=int, default=0, help="for benchmarks: share so many stories")
    add("--activity", choices=ACTIVITIES, default="", help="how updates are spread over time")
    add(
        "--parts",
        type=_exact,
        action="append",
        metavar="PARTS=COUNT",
        help="have COUNT conversations with exactly so many parts",
    )
    add(
        "--switch",
        type=_switch,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set any switch, e.g. fault_500=0.01 or next_form=string; see sandbox/switches.py",
    )
    return parser


def _exact(text: str) -> tuple[int, int]:
    parts, _, count = text.partition("=")
    return int(parts), int(count)


def _switch(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


if __name__ == "__main__":
    main()
