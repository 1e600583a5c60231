"""`python -m datasets.demo_shop [--rows N] --out DIR`: makes the demo shop and prints what can be reached in it.

Any number of rows takes the same memory, but for the users and items themselves. A shop of more than a million rows is
Parquet unless told otherwise, and what can be reached in it is not worked out.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from datasets.demo_shop.oracle import best_achievable
from datasets.demo_shop.shop import DEFAULT_ROWS, FORMATS, make_demo_shop
from modules.command_line import DONE, OneLineParser, one_line_errors

_LARGE = 1_000_000


@one_line_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the shop; returns the exit status: 0, or 2 for bad flags."""
    parser = OneLineParser(prog="python -m datasets.demo_shop", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the folder to write; an earlier shop is replaced")
    parser.add_argument("--rows", type=int, default=DEFAULT_ROWS, help="interactions (default: %(default)s)")
    parser.add_argument("--format", choices=FORMATS, help=f"default: sqlite, parquet above {_LARGE:,} rows")
    flags = parser.parse_args(arguments)
    large = flags.rows > _LARGE
    make_demo_shop(flags.out, flags.rows, file_format=flags.format or ("parquet" if large else "sqlite"))
    reach = {} if large else best_achievable(flags.out)
    print(f"{flags.out}: {flags.rows:,} interactions")
    for metric in ("ndcg_at_10", "recall_at_100") if reach else ():
        print(f"{metric}: {reach[metric]:.3f} at best, {reach[f'popularity_{metric}']:.3f} by popularity")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
