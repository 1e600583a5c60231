"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def markdown_table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """A table; the columns but the first are set to the right."""
    rows = [head, ["---", *["---:"] * (len(head) - 1)], *cells]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
