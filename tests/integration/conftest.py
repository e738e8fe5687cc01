"""A workspace for commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import TOKEN

if TYPE_CHECKING:
    from sandbox import Sandbox
    from tests.conftest import Serve


@pytest.fixture
def server(serve: Serve) -> Sandbox:
    """A small workspace whose token is one that must not be seen anywhere."""
    return serve(12, token=TOKEN, deleted=2)
