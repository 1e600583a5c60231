"""`python -m benchmarks.speed`: measures how fast it is, side by side with others, and prints a table for each row."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.command import page_parser, write_page
from benchmarks.speed.figures import Bench, NotHere, read, write
from benchmarks.speed.page import page
from benchmarks.speed.subjects import SUBJECTS
from modules.command_line import DONE, one_line_errors


def parse_flags(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The flags."""
    parser = page_parser("speed", __doc__, "ml-1m")
    parser.add_argument(
        "--only",
        action="append",
        choices=[*(subject.name for subject in SUBJECTS), "page"],
        help="which rows to measure; may be repeated (default: all). page: only write it",
    )
    parser.add_argument("--rounds", type=int, default=5, help="of each training epoch (default: %(default)s)")
    return parser.parse_args(arguments)


@one_line_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Measures; returns the exit status: 0, or 2 for bad input. Rows that are not measured keep their figures."""
    flags = parse_flags(arguments)
    bench = Bench(flags.data.resolve(), flags.root.resolve(), flags.rounds)
    results = bench.root / "results"
    for subject in SUBJECTS:
        if flags.only and subject.name not in flags.only:
            continue
        print(f"{subject.name} …", file=sys.stderr, flush=True)
        load = os.getloadavg()[0]
        try:
            figures = subject.measure(bench)
        except NotHere as missing:
            print(f"{subject.name} is left out: {missing}", file=sys.stderr, flush=True)
            continue
        write(results / f"{subject.name}.json", figures, load)
    found = {subject.name: read(results / f"{subject.name}.json") for subject in SUBJECTS}
    write_page(flags.page, page(SUBJECTS, {name: one for name, one in found.items() if one}))
    return DONE


if __name__ == "__main__":
    sys.exit(main())
