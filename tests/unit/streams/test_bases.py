"""The tree of bases in the package's docstring is the code's."""

from __future__ import annotations

import importlib
import re

import pytest

from tap_intercom_conversations import streams
from tap_intercom_conversations.streams.registry import STREAMS

INDENT = 4
TREE = streams.__doc__ or ""
ROWS = re.findall(r"^    ([ │├└─]*)(\w+) {2,}\S.*?\s{2,}(\w+)$", TREE, re.MULTILINE)


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_a_base_stands_where_it_is_said(number: int) -> None:
    indent, name, module = ROWS[number]
    above = [other for lead, other, _ in ROWS[:number] if len(lead) == len(indent) - INDENT]
    base = getattr(importlib.import_module(f"{streams.__name__}.{module}"), name)

    assert base.__module__.endswith(f".{module}")
    assert any(issubclass(stream, base) for stream in STREAMS)
    assert [kind.__name__ for kind in base.__mro__ if kind.__name__ in above][:1] == above[-1:]


def test_the_tree_has_all_of_its_rows() -> None:
    assert len(ROWS) == len(re.findall(r"^ .*Stream ", TREE, re.MULTILINE)) > 1
