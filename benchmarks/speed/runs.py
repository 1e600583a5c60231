"""Whole runs of the pipeline: how long, how much memory, and what a rerun costs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.project import PROJECT
from benchmarks.speed.demo_run import demo_run
from benchmarks.speed.figures import Bench, Figure, Subject
from benchmarks.speed.pipeline import Run, run_pipeline
from datasets.demo_shop.shop import make_demo_shop
from datasets.movielens.importer import import_movielens

_GIB = 2**30
_DATA_COMPONENTS = ("TableExampleGen", "StatisticsGen.candidates", "StatisticsGen.interactions", "Transform")
ROWS = (1_000_000, 10_000_000)


def measure_rerun(bench: Bench) -> list[Figure]:
    """The demo shop again, with nothing changed."""
    root = demo_run(bench).root
    runs = [_done(run_pipeline(["--root", str(root)])) for _ in range(2)]
    return [Figure("demo shop, nothing changed", runs[-1].seconds, "s", most=60)]


def measure_movielens(bench: Bench) -> list[Figure]:
    """Cold, to the end."""
    tables, root = bench.folder("ml-1m") / "tables", bench.root / "ml-1m" / "run"
    if not tables.exists():
        import_movielens(str(bench.data / "ml-1m"), tables, times=False)
    shutil.rmtree(root, ignore_errors=True)
    schema = PROJECT / "schema" / "movielens_1m_notime.pbtxt"
    run = _done(run_pipeline(["--data", str(tables), "--schema", str(schema), "--root", str(root)]))
    slowest = sorted(run.components.items(), key=lambda one: -one[1])[:5]
    beside = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in slowest)
    return [
        Figure("1,000,209 ratings, cold, the whole run", run.seconds / 60, "min", most=15, beside=beside),
        Figure("peak of all processes", run.peak_bytes / _GIB, "GiB", most=6),
    ]


def measure_first_half(bench: Bench) -> list[Figure]:
    """ExampleGen, statistics and Transform of two shops."""
    per_row, figures = [], []
    for rows in ROWS:
        run = first_half(demo_tables(bench, rows), bench.root / "shops" / f"run-{rows}")
        seconds, beside = first_half_seconds(run)
        per_row.append(seconds / rows * 1e6)
        figures.append(Figure(f"{rows:,} rows", per_row[-1], "µs/row", beside=beside))
        most = 6 if rows == ROWS[-1] else None
        figures.append(Figure(f"{rows:,} rows, peak of all processes", run.peak_bytes / _GIB, "GiB", most=most))
    return [*figures, Figure(f"a row of {ROWS[1]:,} over one of {ROWS[0]:,}", per_row[1] / per_row[0], most=1)]


def demo_tables(bench: Bench, rows: int) -> Path:
    """Folder of a demo shop in Parquet, which is made once."""
    folder = bench.folder("shops") / str(rows)
    if not (folder / "interactions.parquet").exists():
        make_demo_shop(folder, rows, file_format="parquet")
    return folder


def first_half(tables: Path, root: Path, beam: Sequence[str] = ()) -> Run:
    """A run of a demo shop from nothing, which is ended where the training begins; `beam` are options for Beam.

    Raises:
        RuntimeError: it did not get there.
    """
    shutil.rmtree(root, ignore_errors=True)
    schema = PROJECT / "schema" / "demo_shop.pbtxt"
    arguments = ["--data", str(tables), "--schema", str(schema), "--root", str(root)]
    run = run_pipeline([*arguments, "--", *beam] if beam else arguments, stop_before="Trainer.retrieval")
    if run.status is not None:
        raise RuntimeError(f"ended before it was stopped:\n{run.printed[-2000:]}")
    return run


def first_half_seconds(run: Run) -> tuple[float, str]:
    """What the components of the data took together, and each for itself, in words."""
    seconds = {name: run.components[name] for name in _DATA_COMPONENTS}
    return sum(seconds.values()), ", ".join(f"{name} {value:.0f} s" for name, value in seconds.items())


def _done(run: Run) -> Run:
    """The run, if it came to its end, whether or not a gate refused."""
    if run.status not in (0, 3):
        raise RuntimeError(run.printed[-2000:])
    return run


RERUN = Subject("rerun", "Rerun", "`local_runner.py` a third time: everything comes from the cache.", measure_rerun)
MOVIELENS = Subject(
    "movielens-1m",
    "MovieLens 1M, the whole pipeline",
    "All defaults, without times (the published file with all rows has none). One run.",
    measure_movielens,
)
FIRST_HALF = Subject(
    "ten-million",
    "Ten million rows",
    "Demo shops in Parquet: seconds of TableExampleGen, both StatisticsGens and Transform together. One run each.",
    measure_first_half,
)
