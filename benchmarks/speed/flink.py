"""The data part of a run on a Flink cluster of this host, beside Beam's DirectRunner."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.project import PROJECT
from benchmarks.speed.figures import Bench, Figure, NotHere, Subject
from benchmarks.speed.runs import demo_tables, first_half, first_half_seconds

ROWS = 1_000_000


def measure_flink(bench: Bench, rows: int = ROWS) -> list[Figure]:
    """Each once, on the same tables; the DirectRunner first, without the cluster beside it.

    Raises:
        NotHere: a part of the cluster cannot be had.
    """
    tables, root = demo_tables(bench, rows), bench.folder("flink")
    with flink_cluster(root / "cluster"):
        pass  # brings what is missing before anything is measured
    here, beside_here = first_half_seconds(first_half(tables, root / "direct"))
    with flink_cluster(root / "cluster") as options:
        there, beside_there = first_half_seconds(first_half(tables, root / "run", options))
    return [
        Figure(f"{rows:,} rows, DirectRunner", here, "s", beside=beside_here),
        Figure(f"{rows:,} rows, Flink", there, "s", beside=beside_there),
        Figure("Flink over DirectRunner", there / here),
    ]


@contextlib.contextmanager
def flink_cluster(folder: Path) -> Iterator[list[str]]:
    """A cluster as `python -m deploy.flink` starts and stops it; the options for Beam.

    Raises:
        NotHere: it cannot be started; the message says why.
    """
    command = [sys.executable, "-m", "deploy.flink"]
    where = ["--folder", str(folder)]
    try:
        started = subprocess.run([*command, "start", *where], cwd=PROJECT, capture_output=True, text=True, check=False)
        if started.returncode:
            raise NotHere((started.stderr.strip().splitlines() or ["no reason given"])[-1].removeprefix("error: "))
        yield options_of(started.stdout)
    finally:
        subprocess.run([*command, "stop", *where], cwd=PROJECT, check=True)


def options_of(printed: str) -> list[str]:
    """The options for Beam, out of what the start of a cluster prints: they follow `--`, in a line of their own."""
    (line,) = [line for line in printed.splitlines() if line.startswith("-- ")]
    return line.split()[1:]


FLINK = Subject(
    "flink",
    "A million rows on Flink",
    "A demo shop in Parquet: seconds of TableExampleGen, both StatisticsGens and Transform together, on the cluster of "
    "`python -m deploy.flink` on this host, whose start does not count, and on the DirectRunner. One run each.",
    measure_flink,
)
