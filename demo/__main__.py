"""`make demo`: load a workspace, load what changed, build the models, and report on them."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import duckdb
import requests
from dotenv import dotenv_values

from demo.look import look, rows_per_table
from demo.processes import ROOT, Failed, environment, meltano, sandbox, unwind_on_signals
from report.database import Database
from report.page import page
from report.words import duration
from tap_intercom_conversations.streams.registry import STREAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONVERSATIONS = 5_000
CHANGES = 60
DAYS = 30
PREFIX = "TAP_INTERCOM_CONVERSATIONS_"
TOKEN = f"{PREFIX}ACCESS_TOKEN"
OUTPUT = ROOT / "output"
DATABASE = OUTPUT / "demo.duckdb"
STATE = OUTPUT / "demo-state.db"
LOG = OUTPUT / "demo.log"
SANDBOX_LOG = OUTPUT / "demo-sandbox.log"
REPORT = OUTPUT / "report.html"
SELECTED = [
    f"{stream.name}.*"
    for stream in STREAMS
    if stream.selected_by_default or stream.name == "conversation_counts"
]
PIPELINE = ("tap-intercom-conversations", "target-duckdb")
MODELS = "dbt-duckdb:build"


def main() -> int:
    """Run the demo.

    Returns:
        The exit status.
    """
    unwind_on_signals()
    OUTPUT.mkdir(exist_ok=True)
    LOG.write_text("", "utf-8")
    try:
        if os.environ.get(TOKEN, dotenv_values(ROOT / ".env").get(TOKEN)):
            real_workspace()
        else:
            simulated_workspace()
    except Failed as failure:
        say(f"  {failure}")
        return 1
    return 0


def simulated_workspace() -> None:
    """Show it all on a workspace that needs no account."""
    say(f"Starting a simulated Intercom workspace with {CONVERSATIONS:,} conversations.")
    options = (f"--conversations={CONVERSATIONS}", "--rate-limit=1000000")
    with sandbox(*options, log=SANDBOX_LOG) as url:
        settings = {f"{PREFIX}API_URL": url, TOKEN: "sandbox-token"}
        env = environment(settings, PREFIX)

        def change() -> None:
            say(f"{CHANGES} conversations get a reply, are closed, assigned or tagged.")
            answer = requests.post(f"{url}/_sandbox/touch", json={"count": CHANGES}, timeout=60)
            answer.raise_for_status()

        load_twice("sandbox", env, change)
    show()
    report()
    say(
        f"""
Your own workspace, its last {DAYS} days:
  export {TOKEN}=...   (and {PREFIX}REGION=eu or au)
  make demo""",
    )


def real_workspace() -> None:
    """Show it all on the last days of a real workspace."""
    start = datetime.now(timezone.utc) - timedelta(days=DAYS)
    say(f"Loading your Intercom workspace, from {start:%Y-%m-%d} on.")
    env = environment({f"{PREFIX}START_DATE": f"{start:%Y-%m-%dT%H:%M:%SZ}"})
    load_twice("prod", env, lambda: say("Once more, for what has changed meanwhile."))
    show()
    report()
    say(
        f"""
All of your workspace, and from then on its changes, into output/intercom.duckdb:
  .venv/bin/meltano run {" ".join(PIPELINE)} {MODELS}""",
    )


def load_twice(workspace: str, env: dict[str, str], change: Callable[[], None]) -> None:
    """Load a workspace into a new database, then what has changed."""
    # The demo begins anew each time, with a state of its own.
    for file in (DATABASE, STATE):
        file.unlink(missing_ok=True)
    env = {
        **env,
        "MELTANO_DATABASE_URI": f"sqlite:///{STATE}",
        "TARGET_DUCKDB_PATH": str(DATABASE),
        f"{PREFIX}_SELECT": json.dumps(SELECTED),
    }
    run = (f"--environment={workspace}", "run")
    with timed("the first load"):
        meltano(*run, *PIPELINE, env=env, log=LOG)
    change()
    with timed("only what changed"):
        meltano(*run, *PIPELINE, env=env, log=LOG)
    say(f"$ meltano run {MODELS}")
    meltano(*run, MODELS, env=env, log=LOG)
    say("  the models are built and tested\n")


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say what is run, how long it took and what came of it."""
    say(f"\n$ meltano run {' '.join(PIPELINE)}")
    start, clock = datetime.now(timezone.utc), time.monotonic()
    yield
    seconds = time.monotonic() - clock
    with duckdb.connect(str(DATABASE), read_only=True) as database:
        rows = rows_per_table(database, f"_sdc_extracted_at >= '{start:%Y-%m-%d %H:%M:%S.%f}'")
    conversations = rows.get("conversations", 0)
    say(f"  {what}: {sum(rows.values()):,} rows in {duration(seconds)}")
    say(f"  {conversations:,} conversations\n")


def show() -> None:
    """Show what is in the database, and where it is."""
    for line in look(str(DATABASE)):
        say(line)
    path = DATABASE.relative_to(ROOT)
    say(
        f"""
The database is {path}; what Meltano said is in {LOG.relative_to(ROOT)}.

Ask it something:
  .venv/bin/python -c "import duckdb; duckdb.connect('{path}').sql('FROM admins').show()"
This look once more:
  .venv/bin/python -m demo.look {path}""",
    )


def report() -> None:
    """Write the report, and say where it is."""
    database = Database(str(DATABASE))
    try:
        REPORT.write_text(page(database), "utf-8")
    finally:
        database.close()
    say(f"\nThe report, for a browser: {REPORT.relative_to(ROOT)}")


def say(line: str) -> None:
    """Print a line at once, also where output is a pipe."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
