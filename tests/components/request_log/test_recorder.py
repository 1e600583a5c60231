"""What passes the recorder is unchanged, and logged."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import tensorflow as tf
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2, prediction_service_pb2_grpc

from components.request_log.recorder import recording_server
from modules.serving.request_log import RequestLog, read_request_log
from tests.model_server.server import ModelServer, one_model
from tests.model_server.toys import publish


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    folder = tmp_path_factory.mktemp("models") / "toy"
    publish(folder, 1)
    with ModelServer(one_model("toy", folder), poll_seconds=3600) as server:
        yield server


def request(*names: str) -> predict_pb2.PredictRequest:
    asked = predict_pb2.PredictRequest()
    asked.model_spec.name = "toy"
    asked.inputs["name"].CopyFrom(tf.make_tensor_proto([name.encode() for name in names]))
    return asked


def test_a_process_that_records(server: ModelServer, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "components.request_log.recorder", "--log", str(tmp_path), "--port", "0"]
    command += ["--server", f"127.0.0.1:{server.grpc_port}"]
    direct = _stub(f"127.0.0.1:{server.grpc_port}")
    asked = [request("ann", "bob"), request("cid")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as process:
        assert process.stdout
        recorder = _stub(process.stdout.readline().split()[-1])
        for one in asked:
            assert recorder.Predict(one) == direct.Predict(one)
        wrong = request("ann")
        wrong.model_spec.signature_name = "other"
        with pytest.raises(grpc.RpcError) as refused:
            recorder.Predict(wrong)
        with pytest.raises(grpc.RpcError) as refused_directly:
            direct.Predict(wrong)
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert refused.value.details() == refused_directly.value.details()
        metadata = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        metadata.model_spec.name = "toy"
        assert recorder.GetModelMetadata(metadata).model_spec.version.value == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    logs = [log.predict_log for log in read_request_log(tmp_path)]
    assert [log.request for log in logs] == asked
    assert [log.response for log in logs] == [direct.Predict(one) for one in asked]


def test_nobody_behind_it(tmp_path: Path) -> None:
    log = RequestLog(tmp_path / "log")
    recorder, port = recording_server("127.0.0.1:1", log, "127.0.0.1:0")
    with pytest.raises(grpc.RpcError) as refused:
        _stub(f"127.0.0.1:{port}").Predict(request("ann"), timeout=20)
    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    recorder.stop(0).wait()
    log.close()
    assert list(tmp_path.iterdir()) == []


def _stub(address: str) -> Any:
    return prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(address))
