"""The command, as a console script and as `python -m tap_intercom_conversations`."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 128 + signal.SIGINT
"""Exit status, as shells have it."""


def main() -> None:
    """Run the command; Ctrl-C ends it without a traceback, also while Python still imports.

    Once there is a tap, signals are its own business.
    """
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    # Here, not above: the imports take half a second.
    from tap_intercom_conversations.errors import TapError  # noqa: PLC0415
    from tap_intercom_conversations.singer.loglevel import check_log_level  # noqa: PLC0415
    from tap_intercom_conversations.tap import TapIntercomConversations  # noqa: PLC0415

    try:
        check_log_level(os.environ)
        command = TapIntercomConversations.cli  # the SDK sets up the log
    except TapError as error:
        sys.exit(f"ERROR {error}")
    except Exception as error:  # noqa: BLE001  whatever is wrong with the file
        why = type(error).__name__
        sys.exit(
            f"ERROR The file of SINGER_SDK_LOG_CONFIG cannot set up the log ({why}): correct it"
        )
    command()


if __name__ == "__main__":
    main()
