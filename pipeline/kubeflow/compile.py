"""From a configuration to the file that a cluster takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml
from tfx.dsl.components.base.base_component import BaseComponent

from components.kubeflow.run_report import RunReport
from components.publishing.parts import LOOK_UP
from pipeline.inputs import Destination, RunInputs
from pipeline.kubeflow.admission import Document, check_admission
from pipeline.kubeflow.config import KubeflowConfig
from pipeline.kubeflow.final_status import REPORT, with_exit_handler
from pipeline.kubeflow.given import NIGHTLY, REFRESH
from pipeline.kubeflow.parameters import Parameters
from pipeline.kubeflow.platform import platform_document
from pipeline.kubeflow.spec import pipeline_spec, task_name
from pipeline.pipeline import components
from pipeline.refresh import components as refresh_components

Wiring = Callable[[RunInputs, Destination], Sequence[BaseComponent]]

# What can be compiled, by the name that the runner's `--pipeline` gives it.
PIPELINES: Mapping[str, Wiring] = {NIGHTLY: components, REFRESH: refresh_components}


@dataclasses.dataclass(frozen=True)
class Package:
    """A compiled pipeline: the two documents of its file."""

    spec: Document
    platform: Document

    def write(self, path: Path) -> None:
        """Writes the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        documents = [document for document in (self.spec, self.platform) if document]
        path.write_text(yaml.safe_dump_all(documents, sort_keys=True), encoding="utf-8")


def compile_pipeline(wiring: Wiring, inputs: RunInputs, parameters: Parameters, config: KubeflowConfig) -> Package:
    """Compiles.

    Args:
        wiring: makes the components.
        inputs: what all runs have in common.
        parameters: what may be given anew to each run.
        config: where and how it runs.

    Raises:
        InputError: a configuration that does not fit the pipeline.
    """
    late = dataclasses.replace(
        inputs, source=parameters.late("data"), span=parameters.late("span"), late_seed=parameters.late("seed")
    )
    destination = Destination(parameters.late("serving"), "", LOOK_UP)
    nodes = _with_report(wiring, late, destination)
    # One configuration is for all pipelines, so a task may be one of another pipeline.
    every = [*nodes, *(node for other in PIPELINES.values() for node in other(late, destination))]
    config.check_tasks([*dict.fromkeys(task_name(node.id) for node in every), REPORT])
    spec: Document = pipeline_spec(nodes, parameters.defaults(), config)
    tasks = spec["root"]["dag"]["tasks"]
    if config.final_status:
        spec = with_exit_handler(spec, config)
        tasks = {**tasks, REPORT: spec["root"]["dag"]["tasks"][REPORT]}
    platform = platform_document(tasks, config)
    check_admission(spec, platform, f"pipeline {config.name}")
    return Package(spec, platform)


def _with_report(wiring: Wiring, inputs: RunInputs, destination: Destination) -> list[BaseComponent]:
    """The components, and the one that writes down how the run ended."""
    nodes = wiring(inputs, destination)
    report = RunReport(
        nodes,
        serving_root=destination.serving_root,
        data_location=inputs.source,
        config_digest=inputs.config.digest(),
        code_digest=inputs.code_version,
        seed=inputs.seed,
    )
    return [*nodes, report]
