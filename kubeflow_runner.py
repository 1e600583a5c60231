"""Compiles the pipeline for Kubeflow Pipelines v2 or Vertex AI, submits it, and puts it on a schedule.

    python kubeflow_runner.py compile    --data URL_OR_DIR --schema FILE [--config FILE] [--serving URL]
                                         --output FILE.yaml [--vertex FILE.json]
    python kubeflow_runner.py submit     --package FILE.yaml | --data … --schema … [--config FILE]
                                         [--param NAME=VALUE …]
    python kubeflow_runner.py schedule   as submit, or --pause, or --resume
    python kubeflow_runner.py unschedule [--package FILE.yaml] [--config FILE]
    python kubeflow_runner.py status     [--package FILE.yaml] [--config FILE] [--serving URL]

The cluster is what KFP_HOST, KFP_NAMESPACE, KFP_TOKEN and KFP_CA_FILE say, or else kubectl's current context. How the
pipeline runs there is in the section [kubeflow] of the configuration; its name and its root are in a package, too, and
without --config they are taken from there.

Exit status: 0 done; 2 bad flags or bad input, or a server that refuses; anything else is a bug.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from components.evaluation.slices import declared_values, slice_columns
from components.local_run.code_version import code_version
from components.local_run.prepare import describe
from components.source import remember
from modules.command_line import DONE, OneLineParser, one_line_errors
from modules.errors import InputError
from pipeline.config import PipelineConfig, read_config
from pipeline.inputs import RunInputs
from pipeline.kubeflow.config import KubeflowConfig
from pipeline.kubeflow.given import NIGHTLY, PIPELINES, config_for, named_for, parameters_of, serving_of

if TYPE_CHECKING:
    from pipeline.kubeflow.admission import Document
    from pipeline.kubeflow.compile import Package

PROJECT = Path(__file__).resolve().parent


def parse_flags(arguments: list[str]) -> argparse.Namespace:
    """The flags of the command."""
    parser = OneLineParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("compile", "submit", "schedule", "unschedule", "status"):
        command = commands.add_parser(name)
        command.add_argument("--config", metavar="FILE", help="TOML file; every key has a default")
        command.add_argument(
            "--pipeline",
            choices=PIPELINES,
            help="which one: trained, or over the catalogue of today (default: that of --package, or trained)",
        )
        if name != "compile":
            command.add_argument("--package", metavar="FILE.yaml", help="compiled before")
        if name != "unschedule":
            command.add_argument("--serving", metavar="URL", help="published store (default: <pipeline root>/serving)")
        if name not in ("compile", "submit", "schedule"):
            continue
        command.add_argument("--data", metavar="URL_OR_DIR", help="SQLAlchemy URL, or a folder, as the cluster sees it")
        command.add_argument("--schema", metavar="FILE", help="annotated schema of the tables")
        command.add_argument("--span", default="", help="number or date, where --data has a place for it")
        if name == "compile":
            command.add_argument("--output", metavar="FILE.yaml", required=True)
            command.add_argument("--vertex", metavar="FILE.json", help="the job for Vertex AI as well")
        else:
            command.add_argument("--param", metavar="NAME=VALUE", action="append", default=[], help="of the run")
        if name == "schedule":
            either = command.add_mutually_exclusive_group()
            either.add_argument("--pause", action="store_true", help="the schedule that there is")
            either.add_argument("--resume", action="store_true", help="the schedule that there is")
    return parser.parse_args(arguments)


@one_line_errors
def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Does what the command says and returns the exit status."""
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # before anything imports TensorFlow
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    warnings.simplefilter("ignore")  # Google's libraries, of the age of Python
    flags = parse_flags(arguments)
    config, given = read_config(flags.config), _given_package(flags)
    config = dataclasses.replace(config, kubeflow=_kubeflow(flags, config, given))
    if flags.command == "compile":
        _compile(flags, config)
    else:
        _ask(flags, config, given, environment)
    return DONE


def _given_package(flags: argparse.Namespace) -> Document | None:
    """What is in the package, where there is one."""
    if flags.command == "compile" or not flags.package:
        return None
    from pipeline.kubeflow.admission import read_package

    given = vars(flags)
    if given.get("data") or given.get("schema"):
        raise InputError("flags", "--package, or --data and --schema", "both")
    for name in ("serving", "span"):  # compiled into it
        if flags.command != "status" and given.get(name):
            raise InputError(f"flags, --{name}", f"--param {name}=… beside --package", given[name])
    return read_package(flags.package)[0]


def _kubeflow(flags: argparse.Namespace, config: PipelineConfig, given: Document | None) -> KubeflowConfig:
    """The section of the pipeline that is meant: the one in the package, or the one that would be compiled."""
    if given is None:
        return named_for(config.kubeflow, flags.pipeline or NIGHTLY)
    return config_for(given, config.kubeflow, flags.pipeline, flags.config is not None, f"package {flags.package}")


def _compile(flags: argparse.Namespace, config: PipelineConfig) -> None:
    package = _compiled(flags, config)
    package.write(Path(flags.output))
    print(f"wrote {flags.output}: {len(package.spec['deploymentSpec']['executors'])} tasks")
    if flags.vertex:
        from pipeline.kubeflow.vertex import vertex_job

        Path(flags.vertex).write_text(json.dumps(vertex_job(package.spec, config.kubeflow), indent=1), encoding="utf-8")
        print(f"wrote {flags.vertex}")


def _compiled(flags: argparse.Namespace, config: PipelineConfig) -> Package:
    if not flags.data or not flags.schema:
        raise InputError("flags", "--data and --schema", "one of them, or neither")
    described = describe(flags.schema, config.evaluation, config.serving)
    source = remember(flags.data)  # what is compiled holds no password
    inputs = RunInputs(
        source=source,
        fingerprint="",
        schema_text=described.schema_text,
        rules_text=described.rules_text,
        slice_columns=slice_columns(described.roles, config.evaluation.slices, declared_values(described.schema_text)),
        code_version=code_version(PROJECT),
        config=config,
    )
    from pipeline.kubeflow.compile import PIPELINES as WIRINGS  # imports TensorFlow, as all that follows
    from pipeline.kubeflow.compile import compile_pipeline
    from pipeline.kubeflow.parameters import Parameters

    parameters = Parameters(data=source, span=flags.span, seed=config.seed, serving=_serving(flags, config, None))
    return compile_pipeline(WIRINGS[flags.pipeline or NIGHTLY], inputs, parameters, config.kubeflow)


def _serving(flags: argparse.Namespace, config: PipelineConfig, given: Document | None) -> str:
    """The published store: of the flag, of the package, or below the pipeline's root."""
    of_package = serving_of(given) if given else ""
    return flags.serving or of_package or f"{config.kubeflow.pipeline_root.rstrip('/')}/serving"


def _ask(
    flags: argparse.Namespace, config: PipelineConfig, given: Document | None, environment: Mapping[str, str]
) -> None:
    """The commands that speak to a cluster."""
    from pipeline.kubeflow.api_client import Address
    from pipeline.kubeflow.cluster import Cluster
    from pipeline.kubeflow.status import status_lines

    name = config.kubeflow.name
    cluster = Cluster(Address.of(environment))
    switched = flags.command == "schedule" and (flags.pause or flags.resume)
    if switched:
        cluster.switch(name, enabled=flags.resume)
    if flags.command == "status" or switched:
        for line in status_lines(cluster, name, _serving(flags, config, given), environment):
            print(line)
    elif flags.command == "unschedule":
        print(f"removed {len(cluster.unschedule(name))} schedules of {name}")
    else:
        with _package(flags, config, given) as (package, spec):
            parameters = parameters_of(spec, flags.param)
            uploaded = cluster.upload(package, name)
        if flags.command == "submit":
            print(f"run {cluster.run(uploaded, config.kubeflow, parameters)} of {name}")
        else:
            made = cluster.schedule(uploaded, config.kubeflow, parameters)
            print(f"schedule {made.id} of {name}: {made.cron}")


@contextmanager
def _package(
    flags: argparse.Namespace, config: PipelineConfig, given: Document | None
) -> Iterator[tuple[Path, Document]]:
    """The compiled file, given or made for the purpose, and the pipeline in it."""
    if given is not None:
        yield Path(flags.package), given
        return
    with tempfile.TemporaryDirectory() as folder:
        path, package = Path(folder) / f"{config.kubeflow.name}.yaml", _compiled(flags, config)
        package.write(path)
        yield path, package.spec


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
