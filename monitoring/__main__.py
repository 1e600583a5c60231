"""Watches what is served. A runner: it reads flags and prints.

    python -m monitoring --log DIR [--root DIR] [--feedback URL_OR_DIR] [--latency FILE] [--config FILE]
        [--version NUMBER] [--schema FILE] [--out DIR] [-- BEAM_OPTION ...]

Exit status: 0 no alarm; 3 an alarm, each in a line that names its limit; 2 bad flags or bad input; anything else is a
bug.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from components.local_run.console import quiet
from components.source import open_source
from modules.command_line import OneLineParser, one_line_errors, parted
from monitoring.log_files import log_files
from monitoring.watched_version import WatchedVersion
from pipeline.config import read_config

CALM, ALARMED = 0, 3


def parse_flags(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The flags, and what follows `--`: options for Beam."""
    arguments, beam = parted(arguments)
    parser = OneLineParser(prog="python -m monitoring", description=__doc__)
    parser.add_argument("--log", metavar="DIR", required=True, help="TFRecord files of PredictionLogs")
    parser.add_argument("--root", metavar="DIR", default="runs", help="where runs wrote to (default: ./runs)")
    parser.add_argument("--feedback", metavar="URL_OR_DIR", help="the product's tables, as after --data of a run")
    parser.add_argument("--latency", metavar="FILE", help="what TensorFlow Serving exports to Prometheus, saved")
    parser.add_argument("--config", metavar="FILE", help="the TOML file of the run; [monitoring] has the limits")
    parser.add_argument("--version", metavar="NUMBER", type=int, help="the version to watch (default: the newest)")
    parser.add_argument("--schema", metavar="FILE", help="of the version (default: what <root>/artifacts has of it)")
    parser.add_argument("--out", metavar="DIR", help="for the report (default: <root>/monitoring/<time>)")
    return parser.parse_args(arguments), beam


@one_line_errors
def main(arguments: list[str]) -> int:
    """Watches and returns the exit status."""
    return _watch(*parse_flags(arguments))


def _watch(flags: argparse.Namespace, beam: list[str]) -> int:
    """Looks at everything that may be wrong with the flags, watches quietly, and says what came out."""
    config = read_config(flags.config)
    root, log = Path(flags.root).resolve(), Path(flags.log).resolve()
    schema = Path(flags.schema) if flags.schema else None
    logs, version = log_files(log), WatchedVersion.read(root, flags.version, schema)
    feedback = open_source(flags.feedback).location if flags.feedback else ""
    made = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    out = Path(flags.out).resolve() if flags.out else root / "monitoring" / made
    with quiet(out / "log.txt"):
        from components.local_run.beam_options import check_beam_options  # imports Beam, and the next TensorFlow
        from monitoring.watch import Watch, watch

        check_beam_options(beam)
        report = watch(
            Watch(
                version=version,
                log=log,
                logs=logs,
                out=out,
                feedback=feedback,
                latency=Path(flags.latency) if flags.latency else None,
                data=config.data,
                limits=config.monitoring,
                beam=tuple(beam),
            )
        )
    for alarm in report.alarms:
        sys.stdout.write(f"alarm   {alarm}\n")
    few = sum(measure.verdict == "too few" for measure in report.measures)
    if few:
        sys.stdout.write(f"note    {few} beyond a limit, but of fewer rows than [monitoring] least_rows\n")
    sys.stdout.write(f"report  {out / 'index.html'}\n")
    return ALARMED if report.alarms else CALM


if __name__ == "__main__":
    # Before TensorFlow is imported: its log, and Keras 2, which TFX and TFRS need.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    sys.exit(main(sys.argv[1:]))
