"""One module at a time: no server, no process, no simulated workspace."""

from __future__ import annotations

import socket
import subprocess
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tap_intercom_conversations.api.transport import Transport
from tests.support.serving import Said
from tests.support.unplugged import Unplugged, UnpluggedStub

if TYPE_CHECKING:
    from tests.conftest import Answer


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("what starts a server or a process belongs into tests/integration/")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Make stubs of the API: `answer(Said(...), Said(...))`, or with a function of the request."""
    unplugged = Unplugged()
    monkeypatch.setattr(Transport, "send", unplugged.send)

    def stub(*said: Any) -> UnpluggedStub:
        return unplugged.stub(list(said) if isinstance(said[0], Said) else said[0])

    return stub
