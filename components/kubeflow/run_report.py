"""RunReport: the last task of a run, which writes down how it ended.

On one machine the runner writes the report when TFX has returned. On a cluster nobody is there any more by then.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.components.base import base_component, base_executor, executor_spec
from tfx.orchestration.data_types import RuntimeParameter
from tfx.types import artifact_utils, channel, standard_artifacts
from tfx.types.artifact import Artifact
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.artifacts import CandidateIndex, DataFacts, Metrics, Report, Verdicts
from components.local_run.executions import RunRecord
from components.local_run.report import MODELS, TABLES, report_run
from components.local_run.scorecard import concluded, scorecard_of
from components.publishing.opened import open_store
from components.publishing.reports import PublishedReports
from components.report.run import PUSHED, REFUSED, Run
from components.source.credentials import redact

TASK = "run-report"  # how Kubeflow knows it

# Inputs: which output of which component each is, and its type. A run has those whose component it has.
EVIDENCE: dict[str, tuple[str, str, type[Artifact]]] = {
    "facts": ("TableExampleGen", "facts", DataFacts),
    "index": ("CandidateIndexer", "index", CandidateIndex),
    "tuner_results": ("Tuner.retrieval", "tuner_results", standard_artifacts.TunerResults),
    "recommender": ("RecommenderBuilder", "model", standard_artifacts.Model),
    "metrics": ("EndToEndEvaluation", "metrics", Metrics),
    "answers": ("ServableCheck", "blessing", standard_artifacts.InfraBlessing),
    "refit_answers": ("ServableCheck.refit", "blessing", standard_artifacts.InfraBlessing),
    "verdicts": ("Gate", "verdicts", Verdicts),
    "refit_verdicts": ("RefitGate", "verdicts", Verdicts),
    "refresh_verdicts": ("RefreshGate", "verdicts", Verdicts),
    "pushed_model": ("Pusher", "pushed_model", standard_artifacts.PushedModel),
}
for _name in TABLES:
    EVIDENCE[f"{_name}_statistics"] = (f"StatisticsGen.{_name}", "statistics", standard_artifacts.ExampleStatistics)
    EVIDENCE[f"{_name}_anomalies"] = (f"ExampleValidator.{_name}", "anomalies", standard_artifacts.ExampleAnomalies)
for _name in MODELS:
    EVIDENCE[f"{_name}_model"] = (f"Trainer.{_name}", "model", standard_artifacts.Model)
    EVIDENCE[f"{_name}_evaluation"] = (f"Evaluator.{_name}", "evaluation", standard_artifacts.ModelEvaluation)


class RunReportExecutor(base_executor.BaseExecutor):
    """Writes the report and puts it into the published store."""

    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes `report`, and its copy in the store."""
        self._log_startup(input_dict, output_dict, exec_properties)
        report = artifact_utils.get_single_instance(output_dict["report"])
        record = _record(input_dict)
        run = Run(
            run_of(report.uri),
            datetime.now(UTC).isoformat(timespec="milliseconds"),
            "failed",
            data_location=redact(exec_properties["data_location"]),
            **{name: exec_properties[name] for name in ("config_digest", "code_digest", "seed")},
        )
        run = concluded(run, record, PUSHED, REFUSED)
        if run.pushed_version:  # the URL in the Pusher's metadata came in as the path of a launcher's copy
            url = open_store(exec_properties["serving_root"]).servable_url(int(run.pushed_version))
            run = dataclasses.replace(run, pushed_path=url)
        # Kubeflow shows what ran for how long, and where artifacts are: here it is not known, or only as copies.
        scorecard = dataclasses.replace(scorecard_of(record, run, {}), components=[])
        page = report_run(record, scorecard, report.uri)
        reports = PublishedReports(exec_properties["serving_root"])
        reports.publish(run.id, page.parent)
        report.set_string_custom_property("verdict", run.verdict)
        report.set_string_custom_property("refused", ", ".join(refusal.rule for refusal in run.refused))
        report.set_string_custom_property("url", reports.url(run.id))


def run_of(uri: str) -> str:
    """The id of the run that an artifact of this task belongs to, as Kubeflow puts it in front of the task's name.

    Raises:
        ValueError: a URI of another form.
    """
    parts = PurePosixPath(uri).parts
    for place in range(len(parts) - 1, 0, -1):
        if parts[place] == TASK or parts[place].startswith(f"{TASK}_"):  # Vertex AI adds a number
            return parts[place - 1]
    raise ValueError(f"no run in front of {TASK} in {uri}")


def _record(input_dict: Mapping[str, Sequence[Artifact]]) -> RunRecord:
    """What the inputs are, as ML Metadata would tell it on one machine."""
    found = {EVIDENCE[key][:2]: _plain(artifact) for key, artifacts in input_dict.items() for artifact in artifacts}
    return RunRecord({component: "run" for component, _ in found}, found)


def _plain(artifact: Artifact) -> metadata_store_pb2.Artifact:
    """What TFX wraps, with plain numbers for those that came as JSON."""
    plain = metadata_store_pb2.Artifact()
    plain.CopyFrom(artifact.mlmd_artifact)
    for key, value in artifact.mlmd_artifact.custom_properties.items():
        if value.WhichOneof("value") == "struct_value":
            number = artifact.get_json_value_custom_property(key)
            if isinstance(number, float):
                whole = number.is_integer()
                plain.custom_properties[key].CopyFrom(
                    metadata_store_pb2.Value(int_value=int(number))
                    if whole
                    else metadata_store_pb2.Value(double_value=number)
                )
    return plain


class RunReportSpec(ComponentSpec):
    """Inputs, outputs and parameters of `RunReport`."""

    PARAMETERS = {
        "serving_root": ExecutionParameter(type=str),
        "data_location": ExecutionParameter(type=str),
        "config_digest": ExecutionParameter(type=str),
        "code_digest": ExecutionParameter(type=str),
        "seed": ExecutionParameter(type=int),
    }
    INPUTS = {key: ChannelParameter(type=kind, optional=True) for key, (_, _, kind) in EVIDENCE.items()}
    OUTPUTS = {"report": ChannelParameter(type=Report)}


class RunReport(base_component.BaseComponent):
    """Writes the report of a run that reached its end, pushed or refused; one that failed before has none.

    Output `report` has the custom properties `verdict` ("pushed" or "refused"), `refused` (names of rules) and `url`.

    Args:
        nodes: of the pipeline; the report is about what those in `EVIDENCE` make.
        serving_root: folder or URL of the published store, where the report goes as well.
        data_location, config_digest, code_digest, seed: of the run, for the page.
    """

    SPEC_CLASS = RunReportSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(RunReportExecutor)

    def __init__(
        self,
        nodes: Sequence[base_component.BaseComponent],
        *,
        serving_root: str | RuntimeParameter,
        data_location: str | RuntimeParameter,
        config_digest: str,
        code_digest: str,
        seed: int | RuntimeParameter,
    ) -> None:
        by_id = {node.id: node for node in nodes}
        evidence = {
            key: by_id[component].outputs[output]
            for key, (component, output, _) in EVIDENCE.items()
            if component in by_id
        }
        super().__init__(
            RunReportSpec(
                **evidence,
                serving_root=serving_root,
                data_location=data_location,
                config_digest=config_digest,
                code_digest=code_digest,
                seed=seed,
                report=channel.Channel(type=Report),
            )
        )
