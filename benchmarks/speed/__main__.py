"""`python -m benchmarks.speed`: measures how fast it is, side by side with others, and prints a table for each row."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.speed.figures import Bench, read, write
from benchmarks.speed.page import page
from benchmarks.speed.pipeline import PROJECT
from benchmarks.speed.subjects import SUBJECTS
from modules.errors import InputError


def parse_flags(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The flags; --data falls back on the variable RECSYS_DATA."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=[*(subject.name for subject in SUBJECTS), "page"],
        help="which rows to measure; may be repeated (default: all). page: only write it",
    )
    parser.add_argument("--rounds", type=int, default=5, help="of each training epoch (default: %(default)s)")
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("RECSYS_DATA", PROJECT.parent / "shared" / "data"),
        help="folder with ml-1m (default: $RECSYS_DATA, else ../shared/data)",
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path(tempfile.gettempdir()) / "benchmark-speed",
        help="everything but the page is written here, the figures of each row among it",
    )
    parser.add_argument("--page", type=Path, default=PROJECT / "docs" / "benchmarks" / "speed.md")
    return parser.parse_args(arguments)


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
        except InputError as error:
            print(error, file=sys.stderr)
            return 2
        write(results / f"{subject.name}.json", figures, load)
    found = {subject.name: read(results / f"{subject.name}.json") for subject in SUBJECTS}
    text = page(SUBJECTS, {name: one for name, one in found.items() if one})
    flags.page.parent.mkdir(parents=True, exist_ok=True)
    flags.page.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
