"""The block of docs/speed.md that the tables go into, between two comments."""

from __future__ import annotations

BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"


def with_block(text: str, block: str) -> str:
    """Return the text with the block between the two comments replaced.

    Raises:
        ValueError: The comments are not both there, once each and in order.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after or END in before:
        raise ValueError(f"the text needs {BEGIN} and {END}, once each and in this order")
    return f"{before}{BEGIN}\n{block.strip()}\n{END}{after}"
