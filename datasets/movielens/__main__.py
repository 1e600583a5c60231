"""`python -m datasets.movielens SOURCE OUT`: MovieLens → OUT/{interactions,items[,users]}.parquet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from datasets.movielens.download import VERSIONS
from datasets.movielens.importer import import_movielens
from modules.command_line import DONE, OneLineParser, one_line_errors


@one_line_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the import; returns the exit status: 0, or 2 for bad input."""
    parser = OneLineParser(prog="python -m datasets.movielens", description=__doc__)
    parser.add_argument(
        "source", help=f"a folder or zip of any MovieLens version, or one to download: {', '.join(VERSIONS)}"
    )
    parser.add_argument("out", type=Path, help="the folder to write; an earlier import there is replaced")
    parser.add_argument("--no-times", action="store_true", help="leave the timestamps out")
    flags = parser.parse_args(arguments)
    rows = import_movielens(flags.source, flags.out, times=not flags.no_times)
    counts = ", ".join(f"{count:,} {table}" for table, count in rows.items())
    print(f"{flags.out}: {counts}")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
