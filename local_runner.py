"""Runs the whole pipeline on this machine: a database or a folder in, a gated and served recommender out.

    python local_runner.py                                   the built-in demo shop
    python local_runner.py --data URL_OR_DIR --schema FILE [--config FILE] [--root DIR] [-- BEAM_OPTION ...]

Exit status: 0 pushed; 3 ran to the end, but a gate refused; 2 bad flags or bad input; anything else is a bug.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import errno
import fcntl
import os
import sys
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # before anything can import TensorFlow
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1") if not Path("/dev/nvidiactl").exists() else None

from components.local_run.code_version import code_version
from components.local_run.console import Console, quiet
from components.local_run.prepare import Prepared, keep_schema, prepare
from components.publishing.store import PublishedStore
from components.report.folder import write_report
from components.report.scorecard import Run, Scorecard
from components.report.terminal import render
from datasets.demo_shop.oracle import best_achievable
from datasets.demo_shop.shop import ensure_demo_shop
from modules.errors import InputError
from pipeline.config import PipelineConfig, read_config
from pipeline.inputs import RunInputs

PROJECT = Path(__file__).resolve().parent
DEMO_SCHEMA = PROJECT / "schema" / "demo_shop.pbtxt"
PUSHED, BUG, BAD_INPUT, REFUSED = 0, 1, 2, 3


class _OneLineParser(argparse.ArgumentParser):
    """Refuses bad flags in a single line."""

    def error(self, message: str) -> NoReturn:
        """Raises InputError."""
        raise InputError("flags", "those of --help", message)


def parse_flags(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The flags, and what follows `--`: options for Beam."""
    beam: list[str] = []
    if "--" in arguments:
        beam = arguments[arguments.index("--") + 1 :]
        arguments = arguments[: arguments.index("--")]
    parser = _OneLineParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--data", metavar="URL_OR_DIR", help="SQLAlchemy URL, or a folder of .parquet or .csv files")
    parser.add_argument("--schema", metavar="FILE", help="annotated schema of the tables")
    parser.add_argument("--config", metavar="FILE", help="TOML file; every key has a default")
    parser.add_argument("--root", metavar="DIR", default="runs", help="everything the run writes (default: ./runs)")
    flags = parser.parse_args(arguments)
    if bool(flags.data) != bool(flags.schema):
        given, missing = ("--data", "--schema") if flags.data else ("--schema", "--data")
        raise InputError("flags", f"{missing} together with {given}", f"{given} alone")
    return flags, beam


def main(arguments: list[str]) -> int:
    """Runs and returns the exit status."""
    try:
        flags, beam = parse_flags(arguments)
        config = read_config(flags.config)
        root = Path(flags.root).resolve()
        with _sole_run(root):
            return _run(flags, config, root, beam)
    except Exception as error:  # noqa: BLE001 – the one place where a stack trace becomes one line, or is shown
        problem = _input_error(error)
        if problem is None:
            traceback.print_exc()
            return BUG
        sys.stderr.write(f"error: {problem}\n")
        return BAD_INPUT


def _run(flags: argparse.Namespace, config: PipelineConfig, root: Path, beam: list[str]) -> int:
    """Prepares, runs the pipeline quietly, and reports."""
    began, started = time.monotonic(), datetime.now(UTC)
    run_id = started.strftime("%Y%m%d-%H%M%S")
    location, schema, shop = flags.data, flags.schema, None
    if location is None:
        shop = ensure_demo_shop(root / "demo_shop")
        location, schema = f"sqlite:///{shop}", str(DEMO_SCHEMA)
    log_file = root / "logs" / f"{run_id}.log"
    with quiet(log_file) as console:
        console.say(f"run     {run_id}, details in {log_file}")
        prepared = prepare(location, schema, config.data, config.evaluation, config.serving, console.say)
        inputs = _inputs(prepared, config, root)
        run = Run(
            run_id,
            started.isoformat(timespec="seconds"),
            "failed",
            data_location=inputs.source,
            config_digest=config.digest(),
            code_digest=inputs.code_version,
            seed=config.seed,
        )
        try:
            _run_pipeline(inputs, root, beam, console)
            best = best_achievable(shop) if shop else None
        except BaseException as error:
            status = BUG if _input_error(error) is None else BAD_INPUT
            run = dataclasses.replace(run, seconds=time.monotonic() - began, exit_status=status)
            _report(run, root, console)
            raise
        if best:
            found = {name.replace("_at_", "@"): value for name, value in best.items()}
            run = dataclasses.replace(run, best_achievable={"test": found})
        scorecard = _report(dataclasses.replace(run, seconds=time.monotonic() - began), root, console)
    sys.stdout.write(render(scorecard))
    return scorecard.run.exit_status or PUSHED


def _run_pipeline(inputs: RunInputs, root: Path, beam: list[str], console: Console) -> None:
    """Runs every component that the cache does not hold."""
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner  # imports TensorFlow

    from pipeline.pipeline import create_pipeline

    serving = root / "serving"
    pipeline = create_pipeline(
        inputs,
        pipeline_root=str(root / "artifacts"),
        serving_root=str(serving),
        baseline_version=PublishedStore(serving).baseline_for(inputs.digest(), inputs.schema_digest()) or 0,
        beam_pipeline_args=beam,
        metadata_path=str(root / "metadata.db"),
    )
    console.total = len(pipeline.components)
    LocalDagRunner().run(pipeline)


def _report(run: Run, root: Path, console: Console) -> Scorecard:
    """Writes the scorecard of a run that ended, however it did."""
    from components.local_run.executions import newest_run  # imports TensorFlow
    from components.local_run.scorecard import gates_of, refusals_of, scorecard_of

    if not (root / "metadata.db").exists() or not console.seconds and console.current is None:
        return Scorecard(run)
    record = newest_run(str(root / "metadata.db"))
    refused = refusals_of(gates_of(record))
    version = record.property("Pusher", "pushed_model", "pushed_version")
    if record.states.get("Pusher") in ("run", "cached"):
        pushed = record.property("Pusher", "pushed_model", "pushed") == 1
        run = dataclasses.replace(
            run,
            verdict="pushed" if pushed else "refused",
            exit_status=PUSHED if pushed else REFUSED,
            pushed_version=version if pushed else None,
            pushed_path=record.property("Pusher", "pushed_model", "pushed_destination") if pushed else None,
            refused=refused,
        )
    scorecard = scorecard_of(record, run, console.seconds)
    page = write_report(root / "reports", scorecard)
    console.say(f"report  {page}")
    return scorecard


def _inputs(prepared: Prepared, config: PipelineConfig, root: Path) -> RunInputs:
    return RunInputs(
        source=prepared.source,
        fingerprint=prepared.fingerprint,
        schema_path=keep_schema(prepared.schema_text, root / "inputs"),
        schema_text=prepared.schema_text,
        rules_text=prepared.rules_text,
        slice_columns=prepared.slice_columns,
        code_version=code_version(PROJECT),
        config=config,
    )


@contextlib.contextmanager
def _sole_run(root: Path) -> Iterator[None]:
    """Keeps a second run off the same root; the lock goes with the process, however it ends."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"--root {root}", "no other run in the same folder", "one that is still going") from error
        yield


def _input_error(error: BaseException) -> InputError | None:
    """The user's mistake behind an error, if it is one: TFX and Beam wrap what their components raise."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, InputError):
            return seen
        if (isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT)) or "No space left" in str(seen):
            return InputError("--root", "room for what the run writes", "a full disk")
        seen = seen.__cause__ or seen.__context__
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
