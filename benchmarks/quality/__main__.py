"""`python -m benchmarks.quality`: measures by the protocols of published results and prints a table for each."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

# One thread for the linear algebra of baselines, so that CPU-seconds are what they seem. Read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.command import page_parser, write_page
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.page import page
from benchmarks.quality.pipeline_run import RunFailed
from benchmarks.quality.protocols.all import PROTOCOLS
from benchmarks.quality.results import Row, read_rows, write_rows
from modules.command_line import DONE, one_line_errors

RUN_FAILED = 1


def parse_flags(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The flags."""
    parser = page_parser("quality", __doc__, "ml-100k, ml-1m and ml-latest-small")
    parser.add_argument(
        "--protocol", action="append", choices=sorted(PROTOCOLS), help="which to run; may be repeated (default: all)"
    )
    parser.add_argument("--seeds", default="42,43,44", help="of our systems, with commas between (default: 42,43,44)")
    parser.add_argument(
        "--only", choices=("baselines", "ours", "page"), help="measure only these; or only write the page"
    )
    parser.add_argument("--resume", action="store_true", help="what the root holds is not measured again")
    return parser.parse_args(arguments)


@one_line_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Runs; returns the exit status: 0, 1 if a run of the pipeline failed, or 2 for bad input."""
    flags = parse_flags(arguments)
    bench = Bench(flags.data.resolve(), flags.root.resolve(), flags.resume)
    status = DONE
    seeds = [int(seed) for seed in flags.seeds.split(",")]
    for name in flags.protocol or PROTOCOLS:
        protocol = PROTOCOLS[name]
        if flags.only in (None, "baselines"):
            _measure(bench, protocol, None)
        for seed in seeds[: protocol.seeds] if flags.only in (None, "ours") else []:
            try:
                _measure(bench, protocol, seed)
            except RunFailed as error:
                print(f"{name}, seed {seed}: {error}", file=sys.stderr)
                status = RUN_FAILED
    write_page(flags.page, page(PROTOCOLS, {name: _rows(bench, name) for name in PROTOCOLS}))
    return status


def _measure(bench: Bench, protocol: Protocol, seed: int | None) -> None:
    """Measures the baselines (no seed) or ours, and keeps the rows."""
    path = _results(bench, protocol.name) / ("baselines.json" if seed is None else f"ours-{seed}.json")
    if bench.resume and path.exists():
        return
    print(f"{protocol.name}: {'baselines' if seed is None else f'ours, seed {seed}'}", file=sys.stderr, flush=True)
    rows = protocol.baselines(bench) if seed is None else protocol.ours(bench, seed)
    write_rows(path, rows)


def _rows(bench: Bench, name: str) -> list[Row]:
    """All rows kept of a protocol, baselines first."""
    folder = _results(bench, name)
    files = [folder / "baselines.json", *sorted(folder.glob("ours-*.json"))]
    return [row for file in files for row in read_rows(file)]


def _results(bench: Bench, name: str) -> Path:
    return bench.root / "results" / name


if __name__ == "__main__":
    sys.exit(main())
