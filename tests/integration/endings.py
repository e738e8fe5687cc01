"""How a command ended: quietly, or with one line that says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conftest import TOKEN, config_of

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Ended


def config(server: Sandbox, **settings: Any) -> dict[str, Any]:
    """A configuration with which nothing is tried twice."""
    return config_of(server, **{"max_retries": 0, **settings})


def silent(ended: Ended) -> Ended:
    """Make sure that the token is nowhere in what a process wrote, and no traceback either."""
    assert TOKEN not in ended.out
    assert TOKEN not in ended.err
    assert "Traceback" not in ended.err
    return ended


def complaint(ended: Ended) -> str:
    """The one line on stderr that says what is wrong."""
    silent(ended)
    assert ended.status == 1
    assert len(ended.complaints) == 1, ended.err
    return ended.complaints[0]
