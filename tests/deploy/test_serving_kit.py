"""deploy/serving: every file is what TensorFlow Serving, compose, Kubernetes and KServe read."""

from __future__ import annotations

import base64
import json
import re
import runpy
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from components.publishing.model_config import labelled, main
from components.publishing.store import PublishedStore
from modules.errors import InputError
from tests.deploy.serving_messages import BatchingParameters, MonitoringConfig
from tests.model_server.server import ModelServer, one_model
from tests.model_server.toys import publish

KIT = Path(__file__).parents[2] / "deploy" / "serving"
# Of tensorflow_model_server 2.16.
FLAGS = {
    "port",
    "rest_api_port",
    "model_config_file",
    "model_config_file_poll_wait_seconds",
    "allow_version_labels_for_unavailable_models",
    "file_system_poll_wait_seconds",
    "monitoring_config_file",
    "enable_batching",
    "batching_parameters_file",
}
# What of KServe's InferenceService is used here: https://kserve.github.io/website/docs/reference/crd-api
INFERENCE_SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["apiVersion", "kind", "metadata", "spec"],
    "properties": {
        "apiVersion": {"const": "serving.kserve.io/v1beta1"},
        "kind": {"const": "InferenceService"},
        "metadata": {"type": "object", "required": ["name"]},
        "spec": {
            "type": "object",
            "additionalProperties": False,
            "required": ["predictor"],
            "properties": {
                "predictor": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["model"],
                    "properties": {
                        "minReplicas": {"type": "integer", "minimum": 0},
                        "maxReplicas": {"type": "integer", "minimum": 1},
                        "model": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["modelFormat", "storageUri"],
                            "properties": {
                                "modelFormat": {"type": "object", "required": ["name"]},
                                "storageUri": {"type": "string", "pattern": "^(pvc|s3|gs|https)://"},
                                "resources": {"type": "object"},
                            },
                        },
                    },
                }
            },
        },
    },
}


def model_config(text: str) -> Any:
    (config,) = text_format.Parse(text, model_server_config_pb2.ModelServerConfig()).model_config_list.config
    return config


def read(name: str) -> str:
    return (KIT / name).read_text(encoding="utf-8")


def manifests() -> dict[str, Any]:
    return {document["kind"]: document for document in yaml.safe_load_all(read("kubernetes.yaml"))}


def container() -> Any:
    (only,) = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"]
    return only


def flags(arguments: list[str]) -> dict[str, str]:
    return dict(argument.removeprefix("--").split("=", 1) for argument in arguments)


# --- TensorFlow Serving's own files -----------------------------------------------------------------------------------


def test_models_config() -> None:
    plain, logged = model_config(read("models.config")), model_config(read("models.logging.config"))
    assert (plain.name, plain.base_path) == ("recommender", "/models/recommender")
    assert plain.model_version_policy.latest.num_versions == 1
    assert not plain.HasField("logging_config")  # stock images would not start
    assert logged.logging_config.sampling_config.sampling_rate == pytest.approx(0.1)
    logged.ClearField("logging_config")
    assert logged == plain


def test_batching_and_monitoring_config() -> None:
    batching = text_format.Parse(read("batching.config"), BatchingParameters())
    assert (batching.max_batch_size.value, batching.batch_timeout_micros.value) == (32, 1000)
    monitoring = text_format.Parse(read("monitoring.config"), MonitoringConfig())
    assert monitoring.prometheus_config.enable
    with pytest.raises(text_format.ParseError):
        text_format.Parse("max_batch_sizes { value: 32 }", BatchingParameters())


@pytest.fixture
def store(tmp_path: Path) -> PublishedStore:
    """Versions 1 and 2."""
    (tmp_path / "serving").mkdir()
    for version in (1, 2):
        publish(tmp_path / "serving" / "recommender", version)
    return PublishedStore(tmp_path / "serving")


def test_labels_are_served(store: PublishedStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(store.root / "recommender")
    arguments = ["--root", str(tmp_path), "--stable", "1", "--canary", "2", "--base-path", folder]
    assert main(arguments) == 0
    config = text_format.Parse(capsys.readouterr().out, model_server_config_pb2.ModelServerConfig())
    with ModelServer(config, poll_seconds=3600) as server:
        for label, version in (("stable", 1), ("canary", 2)):
            with server.model("recommender").use(None, label) as model:
                assert model.version == version


def test_labels_of_published_versions_only(
    store: PublishedStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = labelled(store, "/m").model_config_list.config[0]
    assert dict(newest.version_labels) == {"stable": 2}
    assert list(newest.model_version_policy.specific.versions) == [2]
    assert main(["--root", str(tmp_path), "--canary", "3"]) == 2
    assert capsys.readouterr().err == "error: --canary: expected one of the published versions [1, 2], received 3\n"
    with pytest.raises(InputError, match="--stable"):
        labelled(PublishedStore(tmp_path / "none"), "/m")


# --- compose ----------------------------------------------------------------------------------------------------------


def test_compose_uses_flags_and_files_that_there_are() -> None:
    (service,) = yaml.safe_load(read("compose.yaml"))["services"].values()
    given = flags(service["command"])
    assert set(given) <= FLAGS
    for value in given.values():
        if value.startswith("/config/"):
            assert (KIT / Path(value).name).is_file()
    folders = {mount.rsplit(":", 2)[1] for mount in service["volumes"]}
    assert model_config(read("models.config")).base_path in folders


def test_compose_and_its_example_settings_agree() -> None:
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", read("compose.yaml")))
    settings = dict(line.split("=", 1) for line in read(".env.example").splitlines() if line and line[0] != "#")
    assert used == settings


def test_health_check_asks_the_server(tmp_path: Path) -> None:
    (service,) = yaml.safe_load(read("compose.yaml"))["services"].values()
    _, shell, option, script = service["healthcheck"]["test"]
    (tmp_path / "empty").mkdir()
    publish(tmp_path / "models", 1)
    for folder, healthy in (("models", True), ("empty", False)):
        with ModelServer(one_model("recommender", tmp_path / folder)) as server:
            asked = script.replace("8501", str(server.rest_port)).replace("$$", "$")
            done = subprocess.run([shell, option, asked], capture_output=True, timeout=30, check=False)
        assert (done.returncode == 0) == healthy, done.stderr


# --- Kubernetes and KServe --------------------------------------------------------------------------------------------


def test_manifests_are_valid() -> None:
    documents = manifests()
    assert set(documents) == {"ConfigMap", "PersistentVolumeClaim", "Deployment", "Service", "PodDisruptionBudget"}
    for document in documents.values():
        kubernetes_validate.validate(document, "1.30", strict=True)
    documents["Deployment"]["spec"]["replica"] = 3
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(documents["Deployment"], "1.30", strict=True)


def test_config_map_holds_the_files() -> None:
    data = manifests()["ConfigMap"]["data"]
    assert model_config(data["models.config"]) == model_config(read("models.config"))
    assert text_format.Parse(data["monitoring.config"], MonitoringConfig()) == text_format.Parse(
        read("monitoring.config"), MonitoringConfig()
    )
    given = flags(container()["args"])
    assert set(given) <= FLAGS
    assert {Path(value).name for value in given.values() if value.startswith("/config/")} == set(data)


def test_manifests_fit_each_other() -> None:
    documents, pod = manifests(), manifests()["Deployment"]["spec"]["template"]
    for owner in ("Deployment", "PodDisruptionBudget"):
        assert documents[owner]["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert documents["Service"]["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    ports = {port["name"]: port["containerPort"] for port in container()["ports"]}
    given = flags(container()["args"])
    assert ports == {"grpc": int(given["port"]), "rest": int(given["rest_api_port"])}
    assert {port["targetPort"] for port in documents["Service"]["spec"]["ports"]} == set(ports)
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert {mount["name"] for mount in container()["volumeMounts"]} == set(volumes)
    claim = documents["PersistentVolumeClaim"]["metadata"]["name"]
    assert volumes["servables"]["persistentVolumeClaim"]["claimName"] == claim
    assert yaml.safe_load(read("kserve.yaml"))["spec"]["predictor"]["model"]["storageUri"].startswith(f"pvc://{claim}/")
    (service,) = yaml.safe_load(read("compose.yaml"))["services"].values()
    assert container()["image"] in service["image"]


def test_kserve_manifest_has_the_shape_of_its_definition() -> None:
    service = yaml.safe_load(read("kserve.yaml"))
    jsonschema.validate(service, INFERENCE_SERVICE)
    resources = service["spec"]["predictor"]["model"]["resources"]
    assert resources["requests"].keys() <= resources["limits"].keys()


# --- examples ---------------------------------------------------------------------------------------------------------


def test_readme_shows_the_examples_that_are_run() -> None:
    readme = read("README.md")
    for language, name in (("sh", "rest.sh"), ("python", "grpc_client.py")):
        assert f"```{language}\n{read(f'examples/{name}')}```" in readme


def test_both_examples_ask_the_same() -> None:
    by_grpc = runpy.run_path(str(KIT / "examples" / "grpc_client.py"))["REQUESTS"]
    bodies = re.findall(r"^ask '(.*)'$", read("examples/rest.sh"), flags=re.MULTILINE)
    by_rest = [(body["signature_name"], _decoded(body["inputs"])) for body in map(json.loads, bodies)]
    assert by_rest == by_grpc


def _decoded(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"b64"}:
        return base64.b64decode(value["b64"])
    if isinstance(value, dict):
        return {name: _decoded(one) for name, one in value.items()}
    return [_decoded(one) for one in value] if isinstance(value, list) else value
