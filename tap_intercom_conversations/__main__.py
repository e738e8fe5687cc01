"""The command, as a console script and as `python -m tap_intercom_conversations`."""

from __future__ import annotations

import os
import signal

INTERRUPTED = 128 + signal.SIGINT
"""Exit status, as shells have it."""


def main() -> None:
    """Run the command; Ctrl-C ends it without a traceback, also while Python still imports.

    Once there is a tap, signals are its own business.
    """
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    # Here, not above: the imports take half a second.
    from tap_intercom_conversations.tap import TapIntercomConversations  # noqa: PLC0415

    TapIntercomConversations.cli()


if __name__ == "__main__":
    main()
