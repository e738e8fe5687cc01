"""The command line's ends: one line on stderr for whatever went wrong, and a true status."""

from __future__ import annotations

import errno
import typing as t

from singer_sdk.plugin_base import SingerCommand

from tap_intercom_conversations.errors import (
    FAILED,
    CannotWrite,
    Fault,
    InvalidSettings,
    as_told,
)

if t.TYPE_CHECKING:
    import logging

    import click

OF_STDOUT = frozenset({errno.EBADF, errno.EIO, errno.ENOSPC})
"""What click's own `--help` and `--about` may meet; what the tap writes has an end of its own."""


class TapCommand(SingerCommand):
    """The SDK's command; its own lets tracebacks through from --config, --test and --discover."""

    @classmethod
    def of(cls, command: click.Command, logger: logging.Logger) -> TapCommand:
        """Take over a command of the SDK."""
        return cls(
            name=command.name,
            callback=command.callback,
            params=command.params,
            help=command.help,
            context_settings=command.context_settings,
            logger=logger,
        )

    def main(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """Run, and end in one line whatever happens.

        The SDK's own hook for what nobody foresaw writes the error's text, which may be anything.
        """
        try:
            return super().main(*args, **kwargs)
        except InvalidSettings as error:
            for line in error.lines:
                self.logger.error("Setting %s", line)  # noqa: TRY400  one line, no traceback
        except Exception as error:  # noqa: BLE001
            if isinstance(error, OSError) and error.errno in OF_STDOUT:
                error = CannotWrite(f"stdout cannot be written: {error.strerror}")
            told = as_told(error)
            self.logger.error("%s", told)  # noqa: TRY400
            if isinstance(told, Fault):
                self.logger.debug("%s", told.trace)
        raise SystemExit(FAILED)
