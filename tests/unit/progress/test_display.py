"""The display is one line of the terminal's width; log lines appear above it, whole."""

from __future__ import annotations

import io
import logging
import re
from typing import TYPE_CHECKING

import pytest
from singer_sdk.metrics import record_counter

from tap_intercom_conversations.progress import display as module
from tap_intercom_conversations.progress.display import Display, TerminalConsole
from tap_intercom_conversations.progress.table import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from syrupy.assertion import SnapshotAssertion

    from tests.unit.progress.conftest import Scene

WIDE, NARROW = 120, 80


def terminal(width: int) -> TerminalConsole:
    """A terminal that keeps what is written to it."""
    return TerminalConsole(
        file=io.StringIO(), force_terminal=True, width=width, color_system=None, _environ={}
    )


def written(console: TerminalConsole) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def drawn(scene: Scene, width: int) -> str:
    """The line as a terminal of this width shows it."""
    console = terminal(width)
    scene.pace.look(scene.tally)
    with console.capture() as captured:
        console.print(module.line_of(scene.tally, scene.pace, 2, 12, console.width))
    return captured.get().removesuffix("\n")


def busy(scene: Scene, *, total: int) -> None:
    """Let the stream be under way."""
    scene.tally.total = total
    scene.pace.look(scene.tally)
    scene.go_on(10, rows=52_210, objects=430, sent=670)


@pytest.mark.parametrize("width", [WIDE, NARROW, 60, 30])
@pytest.mark.parametrize("total", [1_000, 0])
def test_the_line_fits_the_terminal(
    scene: Scene, snapshot: SnapshotAssertion, width: int, total: int
) -> None:
    busy(scene, total=total)
    line = drawn(scene, width)

    assert len(line) == width
    assert re.sub("[━╸╺]", "-", line) == snapshot


def test_more_than_were_counted_is_no_more_than_all(scene: Scene) -> None:
    busy(scene, total=100)

    assert " 100 % " in drawn(scene, WIDE)


@pytest.fixture
def handler() -> Iterator[logging.StreamHandler[io.StringIO]]:
    """A handler for the terminal, as the SDK sets one up."""
    made: logging.StreamHandler[io.StringIO] = logging.StreamHandler(io.StringIO())
    root = logging.getLogger()
    root.addHandler(made)
    yield made
    root.removeHandler(made)


def test_log_lines_appear_above_and_metrics_do_not(
    scene: Scene, handler: logging.StreamHandler[io.StringIO], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    console = TerminalConsole(
        file=handler.stream, force_terminal=True, width=NARROW, color_system=None, _environ={}
    )
    display = Display(scene.tallies, scene.pace, console)
    long = "a line that is longer than the terminal is wide, " * 3 + "[red]and no markup"
    busy(scene, total=1_000)
    with display:
        display.look()
        record_counter("seen").exit()
        logging.getLogger("another").warning("%s", long)
        display.look()
    record_counter("afterwards").exit()
    text = handler.stream.getvalue()

    assert f"{long}\n" in text, "whole, and not broken into lines"
    assert "seen" not in text
    assert '"stream":"afterwards"' in text.splitlines()[-1]
    assert text.count("conversation_parts") > 1


def test_nothing_stays_of_the_display(scene: Scene) -> None:
    console = terminal(NARROW)
    with Display(scene.tallies, scene.pace, console) as _:
        pass
    assert "\x1b[?25" not in written(console), "the cursor is neither hidden nor shown"


def test_a_redraw_never_leaves_its_own_line(scene: Scene) -> None:
    """A target at the same terminal may have written since: what lies above is not ours."""
    console = terminal(NARROW)
    display = Display(scene.tallies, scene.pace, console)
    busy(scene, total=1_000)
    with display:
        display.look()
        display.look()
        shown = written(console)

    assert shown.count("conversation_parts") > 1
    assert "\n" not in shown
    assert "\x1b[1A" not in shown


def test_a_terminal_that_is_gone_ends_nothing(scene: Scene) -> None:
    console = terminal(NARROW)
    display = Display(scene.tallies, scene.pace, console)
    busy(scene, total=1_000)
    with display:
        console.file = gone = Gone()
        display.look()
    display.tell([Line("the table")])

    assert gone.tried > 1


class Gone(io.StringIO):
    """A terminal whose window was closed."""

    tried = 0

    def write(self, _: str) -> int:
        """Fail."""
        self.tried += 1
        raise OSError


def test_the_table_is_written_as_it_is(scene: Scene) -> None:
    console = terminal(NARROW)
    longest = "stream  " * 20
    Display(scene.tallies, scene.pace, console).tell([Line(longest), Line("[b]", is_good=False)])

    assert written(console) == f"{longest}\n[b]\n"
