"""What is in the compiled file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from kfp.kubernetes import kubernetes_executor_config_pb2

import kubeflow_runner
from pipeline.kubeflow.admission import Document, objections, read_package
from pipeline.kubeflow.spec import task_name
from pipeline.pipeline import components
from tests.gadget_run import GadgetRun

Documents = tuple[Document, Document]
STORE = {"pusher", "baseline-models", "run-report"}


@pytest.mark.parametrize(
    ("component", "task"),
    [
        ("TableExampleGen", "table-example-gen"),
        ("StatisticsGen.interactions", "statistics-gen-interactions"),
        ("Trainer.retrieval.refit", "trainer-retrieval-refit"),
        ("Pusher", "pusher"),
    ],
)
def test_names_of_tasks(component: str, task: str) -> None:
    assert task_name(component) == task


@given(st.from_regex(r"[A-Z][A-Za-z0-9]{0,20}([._][a-z0-9]{1,10}){0,2}", fullmatch=True))
def test_every_name_is_one_for_kubernetes(component: str) -> None:
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", task_name(component))


def test_every_component_is_a_task(documents: Documents, gadgets_run: GadgetRun) -> None:
    spec, _ = documents
    assert set(spec["root"]["dag"]["tasks"]) == {*map(task_name, gadgets_run.nodes), "run-report"}


def test_parameters_keep_their_defaults_and_no_password(documents: Documents, compiled: Path) -> None:
    spec, _ = documents
    found = spec["root"]["inputDefinitions"]["parameters"]
    assert {name: parameter["defaultValue"] for name, parameter in found.items()} == {
        "data": "postgresql://shop:***@db/shop_{SPAN}",
        "span": "17",
        "seed": 7,
        "serving": "minio://mlpipeline/v2/artifacts/serving",
    }
    assert found["seed"]["parameterType"] == "NUMBER_INTEGER"
    assert spec["defaultPipelineRoot"] == "minio://mlpipeline/v2/artifacts"
    assert "secret@" not in compiled.read_text() and "shop:secret" not in compiled.read_text()


def test_the_seed_reaches_all_that_draw(documents: Documents) -> None:
    tasks = documents[0]["root"]["dag"]["tasks"]
    drawing = {name for name, task in tasks.items() if "seed" in task["inputs"]["parameters"]} - {"run-report"}
    trainers = {"trainer-retrieval", "trainer-ranking"}
    assert drawing == {"table-example-gen", "candidate-indexer", "end-to-end-evaluation"} | trainers
    assert all(tasks[name]["inputs"]["parameters"]["seed"] == {"componentInputParameter": "seed"} for name in drawing)


def test_what_looks_outside_is_never_cached(documents: Documents) -> None:
    tasks = documents[0]["root"]["dag"]["tasks"]
    cached = {name for name, task in tasks.items() if task.get("cachingOptions", {}).get("enableCache")}
    assert set(tasks) - cached == STORE | {"table-example-gen", "transform"}  # the last one by configuration


def test_retries(documents: Documents) -> None:
    tasks = documents[0]["root"]["dag"]["tasks"]
    assert tasks["gate"]["retryPolicy"]["maxRetryCount"] == 2
    assert tasks["trainer-retrieval"]["retryPolicy"]["maxRetryCount"] == 5


def container(documents: Documents, task: str) -> Document:
    found: Document = documents[0]["deploymentSpec"]["executors"][f"exec-{task}"]["container"]
    return found


def environment(documents: Documents, task: str) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in container(documents, task)["env"]}


def test_resources(documents: Documents) -> None:
    assert container(documents, "gate")["resources"] == {"cpuRequest": 0.5, "memoryRequest": 4 * 2**30 / 1e9}
    assert container(documents, "trainer-retrieval")["resources"] == {
        "cpuRequest": 0.5,
        "memoryRequest": 4 * 2**30 / 1e9,
        "memoryLimit": 16 * 2**30 / 1e9,
        "accelerator": {"type": "nvidia.com/gpu", "count": "2"},
    }


def test_environment_and_options_for_beam(documents: Documents) -> None:
    common = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "2", "OMP_NUM_THREADS": "2"}
    minio = {"AWS_ENDPOINT_URL": "http://minio-service.kubeflow:9000"}
    assert environment(documents, "gate") == common
    assert environment(documents, "transform") == common | {"KFP_LAUNCHER_COPIES": "0"}
    assert all(environment(documents, name) == common | minio for name in STORE)
    assert container(documents, "statistics-gen-interactions")["args"][6:] == ["--direct_num_workers=1"]
    assert container(documents, "transform")["args"][6:] == ["--direct_num_workers=1", "--runner=DataflowRunner"]
    assert container(documents, "trainer-retrieval")["args"][6:] == []  # it does not use Beam
    assert {container(documents, name)["image"] for name in documents[0]["root"]["dag"]["tasks"]} == {
        "registry.example.com/recommender:1"
    }


def executors(documents: Documents) -> Document:
    found: Document = documents[1]["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    return found


def test_what_kubernetes_is_told(documents: Documents, with_report: Documents) -> None:
    told = executors(documents)
    for executor in [*told.values(), *executors(with_report).values()]:
        json_format.ParseDict(executor, kubernetes_executor_config_pb2.KubernetesExecutorConfig())
    of_all = {
        "secretAsEnv": [{"secretName": "shop-db", "keyToEnv": [{"secretKey": "password", "envVar": "PGPASSWORD"}]}],
        "pvcMount": [{"constant": "exports", "mountPath": "/mnt/exports"}],
        "imagePullSecret": [{"secretName": "registry"}],
    }
    assert told["exec-gate"] == of_all
    assert told["exec-trainer-retrieval"] == of_all | {
        "nodeSelector": {"labels": {"pool": "gpu"}},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    }
    assert [secret["secretName"] for secret in told["exec-pusher"]["secretAsEnv"]] == [
        "mlpipeline-minio-artifact",
        "shop-db",
    ]


def test_artifacts_are_named_so_that_a_task_finds_their_class(documents: Documents) -> None:
    outputs = documents[0]["components"]["comp-candidate-indexer"]["outputDefinitions"]["artifacts"]
    schemas = {name: output["artifactType"]["instanceSchema"] for name, output in outputs.items()}
    assert schemas == {
        "index": "title: recommender.CandidateIndex\ntype: object\n",
        "retriever": "title: tfx.Model\ntype: object\n",
    }


def test_the_exit_handler(documents: Documents, with_report: Documents) -> None:
    spec, platform = with_report
    assert list(objections(spec, platform)) == []
    assert set(spec["root"]["dag"]["tasks"]) == {"run", "final-status"}
    report = spec["root"]["dag"]["tasks"]["final-status"]
    assert report["triggerPolicy"] == {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}
    assert report["inputs"]["parameters"] == {
        "status": {"taskFinalStatus": {"producerTask": "run"}},
        "run": {"runtimeValue": {"constant": "{{$.pipeline_job_uuid}}"}},
        "serving": {"componentInputParameter": "serving"},
    }
    # What is inside still gets the parameters of the run.
    assert spec["root"]["dag"]["tasks"]["run"]["inputs"]["parameters"]["seed"] == {"componentInputParameter": "seed"}
    assert set(spec["components"]["comp-run"]["inputDefinitions"]["parameters"]) == {"data", "span", "seed", "serving"}
    assert set(spec["components"]["comp-run"]["dag"]["tasks"]) == set(documents[0]["root"]["dag"]["tasks"])


def test_the_exit_handler_has_what_tasks_have(documents: Documents, with_report: Documents) -> None:
    assert container(with_report, "final-status")["resources"] == {"cpuRequest": 0.5, "memoryRequest": 0.256}
    minio = {"AWS_ENDPOINT_URL": "http://minio-service.kubeflow:9000"}  # where the run's report is
    assert environment(with_report, "final-status") == minio | {"OMP_NUM_THREADS": "2"}
    assert set(executors(with_report)) == {*executors(documents), "exec-final-status"}
    own = executors(with_report)["exec-final-status"]
    assert own["secretAsEnv"][0]["secretName"] == "mlpipeline-minio-artifact"
    assert own["secretAsEnv"][1:] == [
        {"secretName": "shop-db", "keyToEnv": [{"secretKey": "password", "envVar": "PGPASSWORD"}]},
        {"secretName": "chat", "keyToEnv": [{"secretKey": "url", "envVar": "FINAL_STATUS_WEBHOOK"}]},
    ]
    assert own["pvcMount"] == [{"constant": "exports", "mountPath": "/mnt/exports"}]
    assert own["imagePullSecret"] == [{"secretName": "registry"}]
    assert own["nodeSelector"] == {"labels": {"pool": "small"}}
    assert own["tolerations"] == [{"key": "spot", "operator": "Exists"}]


def test_a_refit_and_a_search_compile_too(tmp_path: Path) -> None:
    sections = ("[refit]", 'splits = ["eval"]', "[tuner]", "trials = 2", "[kubeflow]", "final_status = true")
    (tmp_path / "c.toml").write_text("\n".join(sections))
    words = ["compile", "--data", "/mnt/shop", "--schema", "schema/demo_shop.pbtxt"]
    words += ["--config", str(tmp_path / "c.toml"), "--output", str(tmp_path / "out.yaml")]
    assert kubeflow_runner.main(words, {}) == 0
    text = (tmp_path / "out.yaml").read_text()
    assert "exec-trainer-ranking-refit:" in text and "exec-tuner-retrieval:" in text and "exec-final-status:" in text


def test_the_refresh(compiled: Path, tmp_path: Path) -> None:
    words = ["compile", "--pipeline", "refresh", "--data", "/mnt/shop", "--schema", "schema/demo_shop.pbtxt"]
    words += ["--config", str(compiled.parent / "config.toml"), "--output", str(tmp_path / "refresh.yaml")]
    assert kubeflow_runner.main(words, {}) == 0
    spec, _ = read_package(tmp_path / "refresh.yaml")
    tasks = spec["root"]["dag"]["tasks"]
    assert spec["pipelineInfo"]["name"] == "recommender-refresh"
    assert {"published-recommender", "candidate-indexer", "refresh-gate", "pusher"} <= set(tasks)
    assert not any(name.startswith("trainer") for name in tasks)
    assert "cachingOptions" not in tasks["published-recommender"]


def test_a_task_that_is_in_no_pipeline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.toml").write_text('[kubeflow.tasks.trainer]\nmemory = "8Gi"\n')
    words = ["compile", "--data", "/mnt/shop", "--schema", "schema/demo_shop.pbtxt", "--output", str(tmp_path / "o")]
    assert kubeflow_runner.main([*words, "--config", str(tmp_path / "c.toml")], {}) == 2
    assert "config [kubeflow.tasks]: expected names of tasks" in capsys.readouterr().err


def test_compiling_twice_gives_the_same(compiled: Path, tmp_path: Path) -> None:
    words = ["--data", "/mnt/shop", "--schema", "schema/demo_shop.pbtxt"]
    for name in ("one", "two"):
        assert kubeflow_runner.main(["compile", *words, "--output", str(tmp_path / name)], {}) == 0
    assert (tmp_path / "one").read_text() == (tmp_path / "two").read_text() != compiled.read_text()


def test_the_job_for_vertex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import aiplatform

    (tmp_path / "c.toml").write_text('[kubeflow]\npipeline_root = "gs://bucket/root"\n')
    words = ["compile", "--data", "/gcs/bucket/shop", "--schema", "schema/demo_shop.pbtxt"]
    words += ["--config", str(tmp_path / "c.toml"), "--output", str(tmp_path / "o.yaml")]
    assert kubeflow_runner.main([*words, "--vertex", str(tmp_path / "job.json")], {}) == 0
    aiplatform.init(project="project", location="europe-west4", credentials=AnonymousCredentials())
    job = aiplatform.PipelineJob(display_name="nightly", template_path=str(tmp_path / "job.json"))
    resource = job._gca_resource
    assert resource.runtime_config.gcs_output_directory == "gs://bucket/root"
    assert dict(resource.runtime_config.parameter_values) == {
        "data": "/gcs/bucket/shop",
        "span": "",
        "seed": 42,
        "serving": "gs://bucket/root/serving",
    }
    assert json.loads((tmp_path / "job.json").read_text())["pipelineSpec"]["schemaVersion"] == "2.1.0"


def test_vertex_keeps_artifacts_in_its_own_storage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compile", "--data", "/mnt/shop", "--schema", "schema/demo_shop.pbtxt", "--output", str(tmp_path / "o")]
    assert kubeflow_runner.main([*words, "--vertex", str(tmp_path / "job.json")], {}) == 2
    assert "key pipeline_root: expected gs://… for Vertex AI" in capsys.readouterr().err


def test_wiring_is_the_one_of_the_local_runner() -> None:
    from pipeline.kubeflow.compile import PIPELINES
    from pipeline.kubeflow.given import PIPELINES as NAMES

    assert PIPELINES["nightly"] is components
    assert set(PIPELINES) == set(NAMES)
