"""Runs the whole pipeline on this machine: a database or a folder in, a gated and served recommender out.

    python local_runner.py                                   the built-in demo shop
    python local_runner.py --data URL_OR_DIR --schema FILE [--config FILE] [--root DIR] [--baseline-root DIR]
        [--span SPAN] [-- BEAM_OPTION ...]
    python local_runner.py --refresh-catalogue …             the same flags; the published models over today's catalogue

Exit status: 0 pushed; 3 ran to the end, but a gate refused; 2 bad flags or bad input; anything else is a bug.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from components.local_run.code_version import code_version
from components.local_run.console import Console, quiet
from components.local_run.prepare import Prepared, prepare
from components.local_run.sole_run import new_run_id, sole_run
from components.publishing.parts import CONFIG
from components.publishing.store import PublishedStore
from components.report.run import PUSHED, REFUSED, Run
from components.report.scorecard import Scorecard, Tuning
from components.report.terminal import render
from components.report.wording import plain
from datasets.demo_shop.oracle import best_achievable
from datasets.demo_shop.shop import ensure_demo_shop
from modules.command_line import BAD_INPUT, BUG, OneLineParser, one_line_errors, parted
from modules.errors import InputError
from modules.mistakes import input_error
from pipeline.config import PipelineConfig, config_of, read_config
from pipeline.destinations import local_destination, refresh_destination
from pipeline.inputs import Destination, RunInputs

PROJECT = Path(__file__).resolve().parent
DEMO_SCHEMA = PROJECT / "schema" / "demo_shop.pbtxt"


def parse_flags(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The flags, and what follows `--`: options for Beam."""
    arguments, beam = parted(arguments)
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--data", metavar="URL_OR_DIR", help="SQLAlchemy URL, or a folder of .parquet or .csv files")
    parser.add_argument("--schema", metavar="FILE", help="annotated schema of the tables")
    parser.add_argument("--config", metavar="FILE", help="TOML file; every key has a default")
    parser.add_argument("--root", metavar="DIR", default="runs", help="everything the run writes (default: ./runs)")
    parser.add_argument(
        "--baseline-root", metavar="DIR", help="another root, whose newest version to compare with (default: --root)"
    )
    parser.add_argument(
        "--refresh-catalogue",
        action="store_true",
        help="no training: put the newest published models over the catalogue and the interactions of today "
        "(default of --config: what these models were made with)",
    )
    parser.add_argument("--span", default="", help="number or date, where --data has a place for it (default: newest)")
    flags = parser.parse_args(arguments)
    if flags.refresh_catalogue and flags.baseline_root is not None:
        raise InputError("flags", "--baseline-root without --refresh-catalogue, which trains nothing", "both")
    if (flags.data is None) != (flags.schema is None):
        given, missing = ("--schema", "--data") if flags.data is None else ("--data", "--schema")
        raise InputError("flags", f"{missing} together with {given}", f"{given} alone")
    return flags, beam


@one_line_errors
def main(arguments: list[str]) -> int:
    """Runs and returns the exit status."""
    _prepare_environment()
    flags, beam = parse_flags(arguments)
    root = Path(flags.root).resolve()
    config = _config(flags, root)
    with sole_run(root):
        return _run(flags, config, root, beam)


def _config(flags: argparse.Namespace, root: Path) -> PipelineConfig:
    """The configuration: of the flag, or, in a refresh without it, of the version whose models are taken."""
    if not flags.refresh_catalogue:
        return read_config(flags.config)
    store = PublishedStore(root / "serving")
    newest = store.latest()
    if newest is None:
        raise InputError("--refresh-catalogue", f"a published version in --root {root}", "none; run without it first")
    if flags.config is not None:
        return read_config(flags.config)
    return config_of(store.manifest(newest).get(CONFIG, {}), f"version {newest}, its configuration")


def _prepare_environment() -> None:
    """Sets what TensorFlow reads when it is imported: nothing above does that, so that mistakes are found at once."""
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if not Path("/dev/nvidiactl").exists():
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


def _run(flags: argparse.Namespace, config: PipelineConfig, root: Path, beam: list[str]) -> int:
    """Prepares, runs the pipeline quietly, and reports."""
    started = datetime.now(UTC)
    run_id = new_run_id(root, started.strftime("%Y%m%d-%H%M%S"))
    location, schema, shop = flags.data, flags.schema, None
    if location is None:
        shop = ensure_demo_shop(root / "demo_shop")
        location, schema = f"sqlite:///{shop}", str(DEMO_SCHEMA)
    log_file = root / "logs" / f"{run_id}.log"
    with quiet(log_file) as console:
        console.say(f"run     {run_id}, details in {log_file}")
        prepared = prepare(location, schema, config.data, config.evaluation, config.serving, console.say, flags.span)
        inputs = _inputs(prepared, config)
        run = Run(
            run_id,
            started.isoformat(timespec="milliseconds"),
            "failed",
            exit_status=BUG,
            data_location=prepared.source,
            config_digest=config.digest(),
            code_digest=inputs.code_version,
            seed=config.seed,
        )
        if shop:
            best = {name.replace("_at_", "@"): value for name, value in best_achievable(shop).items()}
            run = dataclasses.replace(run, best_achievable={"test": dict(best)})
        if flags.refresh_catalogue:
            destination = refresh_destination(inputs, root)
            run = dataclasses.replace(run, models_of=destination.baseline_version)
        else:
            destination = local_destination(inputs, root, flags.baseline_root)
        scorecard = _run_and_report(inputs, destination, run, root, beam, console)
    sys.stdout.write(render(scorecard))
    return BUG if scorecard.run.exit_status is None else scorecard.run.exit_status


def _run_and_report(
    inputs: RunInputs, destination: Destination, run: Run, root: Path, beam: list[str], console: Console
) -> Scorecard:
    """Runs the pipeline and writes its report, however it ends."""
    from components.local_run.executions import newest_id, run_after  # imports TensorFlow, as all that follows
    from components.local_run.report import report_run
    from components.local_run.scorecard import concluded, scorecard_of

    metadata = root / "metadata.db"
    earlier = newest_id(metadata)

    def report(run: Run) -> Scorecard:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(run.started)).total_seconds()
        run = dataclasses.replace(run, seconds=seconds)
        record = run_after(metadata, earlier)
        scorecard = scorecard_of(record, run, console.seconds)
        if scorecard.tuning:
            scorecard = dataclasses.replace(scorecard, tuning=_keep_tuned(scorecard.tuning, inputs, run, root))
        console.say(f"report  {report_run(record, scorecard, root / 'reports')}")
        return scorecard

    try:
        _run_pipeline(inputs, destination, root, beam, console, refresh=run.models_of is not None)
    except Exception as error:
        problem = input_error(error)
        run = dataclasses.replace(
            run, error=plain(str(problem or error), 500), exit_status=BAD_INPUT if problem else BUG
        )
        try:
            report(run)
        except (OSError, ValueError) as another:  # such as a full disk, again; what ended the run matters more
            console.say(f"report  none: {another}")
        raise
    return report(concluded(run, run_after(metadata, earlier), PUSHED, REFUSED))


def _keep_tuned(tuning: Tuning, inputs: RunInputs, run: Run, root: Path) -> Tuning:
    """Writes the configuration that takes what was found without another search."""
    path = root / "reports" / run.id / "tuned.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(inputs.config.tuned(tuning.values).to_toml(), encoding="utf-8")
    return dataclasses.replace(tuning, config=str(path))


def _run_pipeline(
    inputs: RunInputs, destination: Destination, root: Path, beam: list[str], console: Console, refresh: bool
) -> None:
    """Runs every component that the cache does not hold."""
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner

    from components.local_run.beam_options import check_beam_options
    from pipeline.pipeline import create_pipeline

    check_beam_options(beam)
    pipeline = create_pipeline(
        inputs,
        pipeline_root=str(root / "artifacts"),
        destination=destination,
        beam_pipeline_args=beam,
        metadata_path=str(root / "metadata.db"),
        refresh_catalogue=refresh,
    )
    console.total = len(pipeline.components)
    LocalDagRunner().run(pipeline)


def _inputs(prepared: Prepared, config: PipelineConfig) -> RunInputs:
    return RunInputs(
        source=prepared.source,
        fingerprint=prepared.fingerprint,
        schema_text=prepared.schema_text,
        rules_text=prepared.rules_text,
        slice_columns=prepared.slice_columns,
        code_version=code_version(PROJECT),
        config=config,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
