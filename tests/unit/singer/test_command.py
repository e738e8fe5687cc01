"""The command ends in one line for what a user can cause, and with a true status."""

from __future__ import annotations

import errno
import logging

import click
import pytest
from singer_sdk.plugin_base import SingerCommand

from tap_intercom_conversations.errors import InvalidSettings, TapError
from tap_intercom_conversations.singer.command import TapCommand


def ending_with(error: Exception | None) -> TapCommand:
    """A command whose run ends with an error, or well."""

    def callback() -> None:
        if error is not None:
            raise error

    option = click.Option(["--loud"], is_flag=True, expose_value=False)
    logger = logging.getLogger("test_command")
    theirs = SingerCommand(
        name="tap", callback=callback, params=[option], help="Helps.", logger=logger
    )
    return TapCommand.of(theirs, logger)


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (InvalidSettings(["a: is wrong", "b: too"]), ["Setting a: is wrong", "Setting b: too"]),
        (TapError("The catalog is none"), ["The catalog is none"]),
    ],
)
def test_what_a_user_can_cause_is_told_without_a_traceback(
    error: TapError, lines: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SystemExit) as ended:
        ending_with(error).main([])

    assert ended.value.code == 1
    assert caplog.messages == lines
    assert not any(record.exc_info for record in caplog.records)


def test_what_nobody_foresaw_is_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    """The error's own text may be a customer's, and a traceback is for who asks for it."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SystemExit) as ended:
        ending_with(ValueError("a customer's words")).main([])
    line, trace = caplog.messages

    assert ended.value.code == 1
    assert line.startswith("ValueError at singer/command.py:")
    assert "open an issue" in line
    assert "in callback" in trace
    assert "customer's" not in caplog.text
    assert [record.levelname for record in caplog.records] == ["ERROR", "DEBUG"]


def test_a_stdout_that_takes_no_help_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit):
        ending_with(OSError(errno.ENOSPC, "No space left on device")).main([])

    assert caplog.messages == ["stdout cannot be written: No space left on device"]


def test_what_ends_well_ends_with_0() -> None:
    with pytest.raises(SystemExit) as ended:
        ending_with(None).main([])

    assert ended.value.code == 0


def test_a_command_of_the_sdks_is_taken_over_whole() -> None:
    command = ending_with(None)

    assert (command.name, command.help) == ("tap", "Helps.")
    assert [param.name for param in command.params] == ["loud"]
