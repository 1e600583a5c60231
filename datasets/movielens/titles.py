"""What a MovieLens title and genre cell say."""

from __future__ import annotations

import re

# "Toy Story (1995)", "Death Note (2006–2007)", "Doctor Who (2005- )"
_YEAR = re.compile(r"\((\d{4})(?:\s*[-–]\s*(?:\d{4})?)?\s*\)\s*$")
NO_GENRES = "(no genres listed)"


def year_in(title: str) -> int | None:
    """The release year that ends a title, if there is one (of a series: its first)."""
    found = _YEAR.search(title)
    return int(found.group(1)) if found else None


def genres_in(cell: str) -> list[str]:
    """The genres of a cell that joins them by "|"."""
    return [] if cell == NO_GENRES else [genre for genre in cell.split("|") if genre]
