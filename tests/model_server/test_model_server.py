"""The test server behaves like TensorFlow Serving where other tests rely on that."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)
from tensorflow_serving.config import model_server_config_pb2

from modules.serving.model_server_client import ModelServerClient, ModelServerError
from modules.serving.request_log import read_request_log
from tests.model_server.model_versions import aspired
from tests.model_server.server import ModelServer, one_model
from tests.model_server.toys import publish

Policy = model_server_config_pb2.ModelConfig


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions 1, 2 and 3, to be copied."""
    folder = tmp_path_factory.mktemp("toys") / "all"
    for version in (1, 2, 3):
        publish(folder, version)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A model's folder with version 1."""
    return put(saved, tmp_path / "toy", 1)


@pytest.fixture
def server(folder: Path) -> Iterator[ModelServer]:
    """A server that looks only when told."""
    with ModelServer(one_model("toy", folder, folder.parent / "log" / "toy"), poll_seconds=3600) as server:
        yield server


def put(saved: Path, folder: Path, version: int) -> Path:
    shutil.copytree(saved / str(version), folder / str(version))
    return folder


def answered(server: ModelServer, version: int | None = None, label: str | None = None) -> int:
    with ModelServerClient(server.url, "toy", version, label) as client:
        return int(client.predict("serving_default", {"name": ["ann"]})["version"][0])


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        ("", [7]),
        ("model_version_policy { latest { num_versions: 2 } }", [5, 7]),
        ("model_version_policy { all {} }", [3, 5, 7]),
        ("model_version_policy { specific { versions: 5 versions: 4 } }", [5]),
    ],
)
def test_policies(policy: str, wanted: list[int]) -> None:
    config = text_format.Parse(policy, Policy())
    assert aspired([5, 3, 7], config.model_version_policy) == wanted


def test_moves_on_to_a_new_version_and_back(server: ModelServer, saved: Path, folder: Path) -> None:
    assert answered(server) == 1
    put(saved, folder, 2)
    server.look()
    assert answered(server) == 2
    with ModelServerClient(server.url, "toy") as client:
        assert client.versions() == {2: "AVAILABLE", 1: "END"}
    shutil.rmtree(folder / "2")
    server.look()
    assert answered(server) == 1


def test_a_broken_version_leaves_the_good_one(server: ModelServer, folder: Path) -> None:
    (folder / "2").mkdir()
    (folder / "2" / "saved_model.pb").write_bytes(b"no model")
    server.look()
    assert answered(server) == 1
    with ModelServerClient(server.url, "toy") as client:
        assert client.versions() == {2: "END", 1: "AVAILABLE"}


def test_an_old_version_answers_whom_it_has_before_it_goes(server: ModelServer, saved: Path, folder: Path) -> None:
    model = server.model("toy")
    put(saved, folder, 2)
    with model.use() as held:
        looking = threading.Thread(target=server.look)
        looking.start()
        while model.states().get(1, (0, ""))[0] != get_model_status_pb2.ModelVersionStatus.UNLOADING:
            pass
        assert held.answer("serving_default", {"name": np.array([b"ann"], object)})["version"].tolist() == [1]
        assert answered(server) == 2
    looking.join()


def test_labels_follow_the_configuration(server: ModelServer, saved: Path, folder: Path) -> None:
    config = one_model("toy", put(saved, folder, 2))
    model = config.model_config_list.config[0]
    model.model_version_policy.specific.versions.extend([1, 2])
    models = model_service_pb2_grpc.ModelServiceStub(grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}"))
    for stable, canary in ((1, 2), (2, 1)):
        model.version_labels["stable"], model.version_labels["canary"] = stable, canary
        models.HandleReloadConfigRequest(model_management_pb2.ReloadConfigRequest(config=config))
        assert (answered(server, label="stable"), answered(server, label="canary")) == (stable, canary)
    assert answered(server, version=1) == 1
    model.version_labels["canary"] = 3
    with pytest.raises(grpc.RpcError, match="not currently available"):
        models.HandleReloadConfigRequest(model_management_pb2.ReloadConfigRequest(config=config))
    assert answered(server, label="canary") == 1
    with pytest.raises(ModelServerError, match="label"):
        answered(server, label="other")


BAD_BODIES = [
    "",
    "[]",
    "{}",
    '{"inputs": {"name": ["a"]}, "instances": [{"name": "a"}]}',
    '{"inputs": {"name": [1]}}',
    '{"inputs": {"name": [["a"], "b"]}}',
    '{"inputs": {"name": [["a"], ["b", "c"]]}}',
    '{"inputs": {"name": [["a"]]}}',
    '{"inputs": {"name": [{"b64": "%%%"}]}}',
    '{"inputs": {"other": ["a"]}}',
    '{"inputs": {"name": ["a"]}, "signature_name": "other"}',
    '{"inputs": {"name": ["a"]}, "signature_name": 3}',
    '{"signature_name": "repeat", "inputs": ["a"]}',
    '{"signature_name": "repeat", "inputs": {"name": ["a"], "k": 1.5}}',
    '{"signature_name": "repeat", "inputs": {"name": ["a"], "k": NaN}}',
    '{"signature_name": "repeat", "inputs": {"name": ["a"], "k": true}}',
    '{"signature_name": "repeat", "inputs": {"name": ["a"], "k": 99999999999}}',
    '{"signature_name": "repeat", "inputs": {"name": ["a"], "k": -1}}',
    "[" * 100_000,
]


def test_bad_requests_are_refused_and_the_connection_goes_on(server: ModelServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.rest_port)
    for body in BAD_BODIES:
        connection.request("POST", "/v1/models/toy:predict", body)
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert (response.status, set(answer)) == (400, {"error"}), body[:100]
    for path in ("/v1/models/other:predict", "/v1/models/toy/versions/9:predict", "/v2", "/v1/models/toy"):
        connection.request("POST", path, '{"inputs": {"name": ["a"]}}')
        response = connection.getresponse()
        assert response.status == 404 and response.read()
    connection.close()


def test_rows_and_columns_over_rest(server: ModelServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.rest_port)
    asked: list[tuple[Any, Any]] = [
        ({"instances": ["a", {"b64": "Yg=="}]}, {"predictions": [_says("a"), _says("b")]}),
        ({"instances": [{"name": "a"}]}, {"predictions": [_says("a")]}),
        ({"inputs": ["a"]}, {"outputs": {"version": [1], "greeting": ["hello a"]}}),
        ({"inputs": {"name": ["a"], "k": 2}, "signature_name": "repeat"}, {"outputs": [["a", "a"]]}),
        ({"inputs": {"name": [], "k": 2}, "signature_name": "repeat"}, {"outputs": []}),
    ]
    for body, expected in asked:
        connection.request("POST", "/v1/models/toy:predict", json.dumps(body))
        assert json.loads(connection.getresponse().read()) == expected
    connection.close()


def _says(name: str) -> dict[str, Any]:
    return {"version": 1, "greeting": f"hello {name}"}


def test_grpc(server: ModelServer) -> None:
    stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}"))
    request = predict_pb2.PredictRequest(output_filter=["version"])
    request.model_spec.name = "toy"
    request.inputs["name"].CopyFrom(tf.make_tensor_proto([b"ann"]))
    response = stub.Predict(request)
    assert response.model_spec.version.value == 1
    assert {name: tf.make_ndarray(value).tolist() for name, value in response.outputs.items()} == {"version": [1]}
    for name, value in (("name", 1), ("other", b"ann")):
        wrong = predict_pb2.PredictRequest()
        wrong.model_spec.name = "toy"
        wrong.inputs[name].CopyFrom(tf.make_tensor_proto([value]))
        with pytest.raises(grpc.RpcError) as refused:
            stub.Predict(wrong)
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    asked = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    asked.model_spec.name = "toy"
    signatures = get_model_metadata_pb2.SignatureDefMap()
    stub.GetModelMetadata(asked).metadata["signature_def"].Unpack(signatures)
    assert set(signatures.signature_def) >= {"serving_default", "repeat"}


def test_requests_are_logged_with_their_answers(folder: Path) -> None:
    logs = folder.parent / "log"
    with ModelServer(one_model("toy", folder, logs / "toy")) as server:
        answered(server)
        with ModelServerClient(server.url, "toy") as client, pytest.raises(ModelServerError):
            client.predict("serving_default", {"name": [1]})
        assert list(read_request_log(logs)) == []  # still open
    (log,) = read_request_log(logs)
    assert log.log_metadata.model_spec.version.value == 1 and log.log_metadata.timestamp_secs > 1_700_000_000
    assert log.predict_log.request.model_spec.signature_name == "serving_default"
    assert tf.make_ndarray(log.predict_log.request.inputs["name"]).tolist() == [b"ann"]
    assert tf.make_ndarray(log.predict_log.response.outputs["version"]).tolist() == [1]


def test_in_a_process_of_its_own(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "models.config"
    config.write_text(text_format.MessageToString(one_model("toy", folder)))
    command = [sys.executable, "-m", "tests.model_server", "--model_config_file", str(config)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdin and process.stdout
        ready, _, port = process.stdout.readline().split()
        assert ready == "ready"
        with ModelServerClient(f"http://127.0.0.1:{port}", "toy") as client:
            assert client.predict("serving_default", {"name": ["ann"]})["version"] == [1]
        process.stdin.close()
        assert process.wait(30) == 0
