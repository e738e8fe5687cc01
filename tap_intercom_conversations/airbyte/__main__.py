"""The command `source-intercom-conversations`, also as `python -m`."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 128 + signal.SIGINT
"""Exit status, as shells have it."""


def main() -> None:
    """Run the command; Ctrl-C ends it without a traceback, also while Python still imports."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    # Here, not above: the imports take half a second.
    from tap_intercom_conversations.airbyte.command import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
