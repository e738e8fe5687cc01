"""No module of the sandbox needs itself by a detour, not even for type checkers."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter

from tests.conftest import ROOT


def test_no_circle_of_imports() -> None:
    modules = {f"sandbox.{path.stem}": path for path in (ROOT / "sandbox").glob("*.py")}
    needs: dict[str, set[str]] = {}
    for name, path in modules.items():
        imports = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
        ]
        named = {f"{node.module}.{alias.name}" for node in imports for alias in node.names}
        named |= {str(node.module) for node in imports}
        needs[name] = named & modules.keys()
    order = list(TopologicalSorter(needs).static_order())
    assert len(order) == len(modules) > 40
