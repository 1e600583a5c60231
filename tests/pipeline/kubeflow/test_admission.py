"""What a cluster would refuse is refused before."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tfx.components import CsvExampleGen, StatisticsGen, Trainer
from tfx.dsl.components.common.resolver import Resolver
from tfx.dsl.input_resolution.strategies.latest_blessed_model_strategy import LatestBlessedModelStrategy
from tfx.orchestration.data_types import RuntimeParameter
from tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner import KubeflowV2DagRunner, KubeflowV2DagRunnerConfig
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import trainer_pb2
from tfx.types import Channel, standard_artifacts

from modules.errors import InputError
from pipeline.kubeflow.admission import Document, check_admission, objections, read_package

Documents = tuple[Document, Document]


def test_ours_is_admitted(documents: Documents) -> None:
    assert list(objections(*documents)) == []


def wrapped(spec: Document, platform: Document) -> Documents:
    return {"pipelineSpec": spec, "runtimeConfig": {}}, platform


def without_default(spec: Document, platform: Document) -> Documents:
    del spec["root"]["inputDefinitions"]["parameters"]["span"]["defaultValue"]
    return spec, platform


def not_optional(spec: Document, platform: Document) -> Documents:
    del spec["root"]["inputDefinitions"]["parameters"]["data"]["isOptional"]
    return spec, platform


def renamed(new: str) -> Callable[[Document, Document], Documents]:
    def change(spec: Document, platform: Document) -> Documents:
        text = json.dumps(spec).replace('"servable-check"', json.dumps(new))
        return json.loads(text), platform

    return change


def producer(kind: str, **values: str) -> Callable[[Document, Document], Documents]:
    def change(spec: Document, platform: Document) -> Documents:
        gate = spec["root"]["dag"]["tasks"]["gate"]["inputs"]
        if kind == "artifacts":
            gate["artifacts"]["metrics"]["taskOutputArtifact"] |= values
        else:
            gate["parameters"]["limits"] = {"taskOutputParameter": values}
        return spec, platform

    return change


def dependency(spec: Document, platform: Document) -> Documents:
    spec["root"]["dag"]["tasks"]["gate"]["dependentTasks"].append("nobody")
    return spec, platform


def parameter(spec: Document, platform: Document) -> Documents:
    spec["root"]["dag"]["tasks"]["gate"]["inputs"]["parameters"]["limits"] = {"componentInputParameter": "nothing"}
    return spec, platform


def version(value: str | None) -> Callable[[Document, Document], Documents]:
    def change(spec: Document, platform: Document) -> Documents:
        rest = {key: some for key, some in spec.items() if key != "schemaVersion"}
        return (rest | {"schemaVersion": value} if value else rest), platform

    return change


def executor(value: Document) -> Callable[[Document, Document], Documents]:
    def change(spec: Document, platform: Document) -> Documents:
        spec["deploymentSpec"]["executors"]["exec-gate"] = value
        return spec, platform

    return change


def no_executor(spec: Document, platform: Document) -> Documents:
    del spec["deploymentSpec"]["executors"]["exec-gate"]
    return spec, platform


def no_component(spec: Document, platform: Document) -> Documents:
    del spec["components"]["comp-gate"]
    return spec, platform


def unknown_field(spec: Document, platform: Document) -> Documents:
    return {**spec, "pipelineName": "x"}, platform


def wrong_type(spec: Document, platform: Document) -> Documents:
    spec["root"]["dag"]["tasks"]["gate"]["retryPolicy"]["maxRetryCount"] = "often"
    return spec, platform


def no_tasks(spec: Document, platform: Document) -> Documents:
    return {**spec, "root": {"dag": {}}}, platform


def no_root(spec: Document, platform: Document) -> Documents:
    return {key: value for key, value in spec.items() if key != "root"}, platform


def pipeline_name(spec: Document, platform: Document) -> Documents:
    return {**spec, "pipelineInfo": {"name": "My Pipeline"}}, platform


def stray_executor(spec: Document, platform: Document) -> Documents:
    executors = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    executors["exec-nobody"] = executors["exec-gate"]
    return spec, platform


def other_platform(spec: Document, platform: Document) -> Documents:
    return spec, {"platforms": {"nomad": {}}}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (wrapped, "expected a bare PipelineSpec, received a job with a pipelineSpec inside"),
        (without_default, "expected a default for each parameter, received none for span"),
        (not_optional, "expected a default for each parameter, received none for data"),
        (renamed("ServableCheck"), "expected names of tasks of lower-case letters, digits and -"),
        (renamed("servable_check"), "received servable_check"),
        (renamed("servable.check"), "received servable.check"),
        (renamed("-check"), "received -check"),
        (renamed("c" * 64), "63 at most"),
        (
            producer("artifacts", producerTask="nobody"),
            "artifacts that another task makes, received gate.metrics: nobody",
        ),
        (producer("artifacts", outputArtifactKey="none"), "received gate.metrics: end-to-end-evaluation.none"),
        (
            producer("parameters", producerTask="pusher_task", outputParameterKey="x"),
            "parameters that another task makes, received gate.limits: pusher_task.x",
        ),
        (dependency, "expected dependencies on tasks that exist, received gate on nobody"),
        (parameter, "expected parameters that the pipeline declares, received gate.limits: nothing"),
        (version("2.0.0"), "expected schemaVersion 2.1.0, received 2.0.0"),
        (version(None), "expected schemaVersion 2.1.0, received None"),
        (executor({"resolver": {}}), "executors of the kinds container and importer, received exec-gate: resolver"),
        (executor({}), "received exec-gate: none"),
        (executor({"container": {"image": "i", "volumes": []}}), "expected a PipelineSpec"),
        (no_executor, "expected an executor for each component, received comp-gate: exec-gate"),
        (no_component, "expected a component for each task, received gate: comp-gate"),
        (unknown_field, "expected a PipelineSpec, received .*pipelineName"),
        (wrong_type, "expected a PipelineSpec"),
        (no_tasks, "expected tasks, received none in root"),
        (no_root, "expected a PipelineSpec, received no root"),
        (pipeline_name, "expected a pipelineInfo.name"),
        (stray_executor, "expected executors of the pipeline in the second document, received exec-nobody"),
        (other_platform, "expected a second document for the platform kubernetes"),
    ],
)
def test_refused(documents: Documents, change: Callable[..., Documents], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        check_admission(*change(*copy.deepcopy(documents)))


@pytest.fixture(scope="module")
def stock() -> dict[str, Any]:
    """What TFX makes of a pipeline of its own components."""
    examples = CsvExampleGen(input_base=RuntimeParameter("data", ptype=str, default="/data"))
    statistics = StatisticsGen(examples=examples.outputs["examples"])
    trainer = Trainer(
        run_fn="a.b",
        examples=examples.outputs["examples"],
        train_args=trainer_pb2.TrainArgs(),
        eval_args=trainer_pb2.EvalArgs(),
    )
    latest = Resolver(
        strategy_class=LatestBlessedModelStrategy,
        model=Channel(type=standard_artifacts.Model),
        model_blessing=Channel(type=standard_artifacts.ModelBlessing),
    ).with_id("latest")
    pipeline = Pipeline("stock", "s3://root", components=[examples, statistics, trainer, latest])
    runner = KubeflowV2DagRunner(KubeflowV2DagRunnerConfig(default_image="i", use_pipeline_spec_2_1=True))
    job: dict[str, Any] = runner.run(pipeline, write_out=False)
    return job


def test_what_tfx_compiles_is_refused(stock: dict[str, Any]) -> None:
    assert [expected for expected, _ in objections(stock, {})] == ["a bare PipelineSpec"]
    found = list(objections(stock["pipelineSpec"], {}))
    assert ("a default for each parameter", "none for data") in found
    assert ("executors of the kinds container and importer", "latest-model-resolver_executor: resolver") in found
    names = {received for expected, received in found if expected.startswith("names of tasks")}
    assert names == {"CsvExampleGen", "StatisticsGen", "Trainer"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "expected a readable YAML file"),
        ("a: [", "expected a readable YAML file"),
        ("- a", "expected one or two YAML documents"),
        ("", "received 0 documents"),
        ("a: 1\n---\nb: 1\n---\nc: 1\n", "received 3 documents"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str | None, complaint: str) -> None:
    path = tmp_path / "p.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=complaint):
        read_package(path)


def test_a_wrapped_job_in_a_file(tmp_path: Path, documents: Documents) -> None:
    path = tmp_path / "job.json"
    path.write_text(json.dumps({"pipelineSpec": documents[0]}))
    with pytest.raises(InputError, match=f"package {path}: expected a bare PipelineSpec"):
        read_package(path)
    path.write_text(yaml.safe_dump(documents[0]))
    assert read_package(path)[0] == documents[0]
