"""Two clients that ask again as soon as they are answered, while what is served changes under them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from modules.serving.model_server_client import ModelServerClient, ModelServerError
from tests.model_server.loaded_version import LoadedVersion
from tests.model_server.server import one_model

NAME = "recommender"
Asked = tuple[str, Mapping[str, Any]]
Outputs = dict[str, Any]
_WAIT = 300.0


@dataclasses.dataclass
class Client:
    """What one client saw.

    Attributes:
        began, seconds: of each answered request, in order: when, and how long it took.
        failures: what went wrong.
        strangers: answers that are of no version alone.
        contents: names of the contents that answered, each time that changed.
    """

    began: list[float] = dataclasses.field(default_factory=list)
    seconds: list[float] = dataclasses.field(default_factory=list)
    failures: list[str] = dataclasses.field(default_factory=list)
    strangers: list[Outputs] = dataclasses.field(default_factory=list)
    contents: list[str] = dataclasses.field(default_factory=list)

    def milliseconds(self, begin: float, end: float) -> dict[str, float]:
        """Number, median, 99th percentile and greatest latency of the requests that began in that time."""
        taken = np.array([s for at, s in zip(self.began, self.seconds, strict=True) if begin <= at < end]) * 1000
        figures = [float(value) for value in (*np.percentile(taken, [50, 99]), taken.max())]
        return {"requests": len(taken), **dict(zip(("p50", "p99", "max"), figures, strict=True))}


@contextmanager
def model_server(folder: Path, config: Path) -> Iterator[tuple[str, str]]:
    """A server in a process of its own; gives its addresses for REST and gRPC."""
    config.write_text(text_format.MessageToString(one_model(NAME, folder)))
    command = [sys.executable, "-m", "tests.model_server", "--model_config_file", str(config)]
    command += ["--file_system_poll_wait_seconds", "0.2"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdin and process.stdout
        _, rpc, rest = process.stdout.readline().split()
        try:
            yield f"http://127.0.0.1:{rest}", f"127.0.0.1:{rpc}"
        finally:
            process.stdin.close()


def answers_of(folder: Path, requests: Sequence[Asked]) -> list[Outputs]:
    """What a version answers when nothing else goes on."""
    version = LoadedVersion(folder)
    answers = [
        version.answer(signature, {key: _array(value) for key, value in inputs.items()})
        for signature, inputs in requests
    ]
    version.close()
    return [{name: _plain(value) for name, value in answer.items()} for answer in answers]


def wait_until_served(url: str, version: int) -> None:
    """Waits until a version is the one that is served."""
    with ModelServerClient(url, NAME, timeout=60) as client:
        until = time.monotonic() + _WAIT
        while client.versions().get(version) != "AVAILABLE" or list(client.versions().values()).count("AVAILABLE") > 1:
            assert time.monotonic() < until, f"version {version} is not served: {client.versions()}"
            time.sleep(0.05)


def closed_loop(
    addresses: tuple[str, str],
    requests: Sequence[Asked],
    contents: Mapping[str, Sequence[Outputs]],
    change: Callable[[], None],
) -> dict[str, Client]:
    """Asks over REST and over gRPC until `change` returns.

    Args:
        addresses: of `model_server`.
        requests: asked one after another, again and again.
        contents: name → the answers to them; whatever is served must be one of these.
        change: publishes and rolls back.
    """
    done = threading.Event()
    clients = {"REST": Client(), "gRPC": Client()}
    loops = {"REST": _rest(addresses[0]), "gRPC": _grpc(addresses[1])}
    threads = [
        threading.Thread(target=_ask, args=(loops[name], requests, contents, clients[name], done)) for name in clients
    ]
    for thread in threads:
        thread.start()
    try:
        change()
    finally:
        done.set()
        for thread in threads:
            thread.join()
    return clients


def _ask(
    ask: Callable[[str, Mapping[str, Any]], Outputs],
    requests: Sequence[Asked],
    contents: Mapping[str, Sequence[Outputs]],
    client: Client,
    done: threading.Event,
) -> None:
    while not done.is_set():
        for number, (signature, inputs) in enumerate(requests):
            began = time.monotonic()
            try:
                outputs = ask(signature, inputs)
            except (ModelServerError, grpc.RpcError) as error:
                client.failures.append(str(error))
                continue
            client.began.append(began)
            client.seconds.append(time.monotonic() - began)
            found = [name for name, answers in contents.items() if _alike(outputs, answers[number])]
            if not found:
                client.strangers.append(outputs)
            elif client.contents[-1:] != found:
                client.contents.extend(found)


def _rest(url: str) -> Callable[[str, Mapping[str, Any]], Outputs]:
    client = ModelServerClient(url, NAME, timeout=60)
    return client.predict


def _grpc(address: str) -> Callable[[str, Mapping[str, Any]], Outputs]:
    stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(address))

    def ask(signature: str, inputs: Mapping[str, Any]) -> Outputs:
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = NAME, signature
        for key, value in inputs.items():
            request.inputs[key].CopyFrom(tf.make_tensor_proto(_array(value)))
        outputs = stub.Predict(request, timeout=60).outputs
        return {name: _plain(tf.make_ndarray(value)) for name, value in outputs.items()}

    return ask


def _array(value: Any) -> Any:
    if isinstance(value, int):
        return np.int32(value)
    return np.vectorize(lambda text: text.encode(), otypes=[object])(np.array(value, object))


def _plain(value: Any) -> Any:
    return (
        np.vectorize(lambda text: text.decode(), otypes=[object])(value).tolist()
        if value.dtype == object
        else value.tolist()
    )


def _alike(answer: Outputs, expected: Outputs) -> bool:
    """The same text and whole numbers, and the same other numbers up to rounding."""
    if set(answer) != set(expected):
        return False
    for name, value in expected.items():
        here, there = np.array(answer[name]), np.array(value)
        if here.shape != there.shape:
            return False
        if here.dtype.kind == "f":
            if not np.allclose(here, there, rtol=1e-4, atol=1e-4):
                return False
        elif (here != there).any():
            return False
    return True
