"""The command line: spec, check, discover and read, and how each ends."""

from __future__ import annotations

import argparse
import gc
import os
import typing as t

from tap_intercom_conversations.airbyte import logs, messages
from tap_intercom_conversations.airbyte.catalog import check_configured
from tap_intercom_conversations.airbyte.spec import DOCUMENTATION, connection_specification
from tap_intercom_conversations.airbyte.state import read_state_file
from tap_intercom_conversations.airbyte.writer import write
from tap_intercom_conversations.errors import FAILED, Fault, TapError
from tap_intercom_conversations.singer.files import read_config, read_object
from tap_intercom_conversations.singer.loglevel import check_log_level

if t.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_intercom_conversations.airbyte.source import IntercomSource


def run(arguments: Sequence[str]) -> int:
    """Run the command.

    Args:
        arguments: What follows the command's name.

    Returns:
        The exit status: 0 only if what was asked for is complete.
    """
    options = _parser().parse_args(arguments)
    perform: Callable[[argparse.Namespace], int] = options.perform
    try:
        check_log_level(os.environ)
        return perform(options)
    except TapError as error:
        # All that is raised to here was raised before the first request.
        write(messages.trace_error(str(error), messages.CONFIG_ERROR))
    except Exception as error:  # noqa: BLE001  the platform is told in its own words
        fault = Fault(error)
        write(messages.trace_error(str(fault), messages.SYSTEM_ERROR, stack_trace=fault.trace))
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="source-intercom-conversations",
        description="Intercom's conversations over the Airbyte protocol.",
    )
    verbs = parser.add_subparsers(required=True, metavar="{spec,check,discover,read}")
    loud = argparse.ArgumentParser(add_help=False)
    is_loud = os.environ.get("LOG_LEVEL", "").lower() == "debug"  # as Airbyte's own have it
    loud.add_argument("--debug", action="store_true", default=is_loud, help="log more")
    config = argparse.ArgumentParser(add_help=False, parents=[loud])
    config.add_argument("--config", required=True, metavar="FILE", help="the settings")
    verbs.add_parser("spec", parents=[loud], help="describe the settings").set_defaults(
        perform=_spec
    )
    verbs.add_parser("check", parents=[config], help="try the settings").set_defaults(
        perform=_check
    )
    verbs.add_parser("discover", parents=[config], help="list the streams").set_defaults(
        perform=_discover
    )
    read = verbs.add_parser("read", parents=[config], help="read streams")
    read.add_argument("--catalog", required=True, metavar="FILE", help="which streams, and how")
    read.add_argument("--state", metavar="FILE", help="where to go on")
    read.set_defaults(perform=_read)
    return parser


def _spec(_: argparse.Namespace) -> int:
    write(messages.spec(connection_specification(), DOCUMENTATION))
    return 0


def _check(options: argparse.Namespace) -> int:
    logs.to_stderr(debug=options.debug)
    try:
        source = _source()(read_config(options.config))
        try:
            complaint = source.check()
        finally:
            status = source.close()
    except TapError as error:
        complaint, status = str(error), FAILED
    if status in (0, FAILED):  # and not a signal
        write(messages.connection_status(complaint))
        return 0
    return status


def _discover(options: argparse.Namespace) -> int:
    logs.to_stderr(debug=options.debug)
    source = _source()(read_config(options.config), for_discovery=True)
    write(messages.catalog(source.discover()))
    return source.close()


def _read(options: argparse.Namespace) -> int:
    logs.to_stdout(debug=options.debug)
    source = _source()(
        read_config(options.config),
        configured=check_configured(read_object(options.catalog, "catalog"), options.catalog),
        state=read_state_file(options.state) if options.state else None,
    )
    gc.freeze()  # what start-up made stays, so no collection need look at it again
    try:
        source.read()
    finally:
        status = source.close()
    return status


def _source() -> type[IntercomSource]:
    """Import the tap, which `spec` does without: it takes a quarter of a second."""
    from tap_intercom_conversations.airbyte.source import IntercomSource  # noqa: PLC0415

    return IntercomSource
