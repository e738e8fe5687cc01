"""What a catalog deselects, as a tree, and how it is left out of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Deselected = dict[str, "Deselected | None"]
"""Names of properties; None stands for the whole property, a tree for some of what is below it."""


def deselected(mask: Mapping[tuple[str, ...], bool]) -> Deselected:
    """Return what a selection leaves out.

    Args:
        mask: Which breadcrumbs are selected, as the SDK's `Stream.mask` has it.
    """
    tree: Deselected = {}
    # Parents first; the empty breadcrumb is the stream itself.
    for crumb in sorted((crumb for crumb in mask if crumb and not mask[crumb]), key=len):
        node: Deselected | None = tree
        *parents, name = crumb[1::2]  # ("properties", "tags", "properties", "type")
        for parent in parents:
            node = None if node is None else node.setdefault(parent, {})
        if node is not None:
            node[name] = None
    return tree


def drop(record: dict[str, Any], tree: Deselected) -> None:
    """Leave it out, as `pop_deselected_record_properties` does: from objects, not from lists.

    Args:
        record: A record, which is changed.
        tree: What is deselected.
    """
    for name, below in tree.items():
        if below is None:
            record.pop(name, None)
        elif isinstance(child := record.get(name), dict):
            drop(child, below)
