"""The pushed servable behind a model server: the requests of the documentation, and some that make no sense."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from modules.serving.model_server_client import ModelServerClient, ModelServerError
from tests.e2e.conftest import Finished, RunShop
from tests.e2e.recommender import Recommender, assert_same, example
from tests.e2e.recommender import answers as rows_of
from tests.model_server.server import ModelServer, one_model

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "deploy" / "serving" / "examples"
PAGES = [REPOSITORY / "README.md", REPOSITORY / "docs" / "serving.md"]
SIGNATURES = {
    "serving_default", "recommend", "retrieval", "similar_items", "score", "serve_examples", "items_like"
}  # fmt: skip


@pytest.fixture(scope="module")
def run(run_shop: RunShop) -> Finished:
    return run_shop("sqlite")


@pytest.fixture(scope="module")
def server(run: Finished) -> Iterator[ModelServer]:
    with ModelServer(one_model("recommender", run.model.parent), poll_seconds=3600) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: ModelServer) -> Iterator[ModelServerClient]:
    with ModelServerClient(server.url, timeout=60) as client:
        yield client


# --- what the documentation shows -------------------------------------------------------------------------------------


def test_rest_example(server: ModelServer) -> None:
    done = subprocess.run(
        ["bash", EXAMPLES / "rest.sh", server.url], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    bodies = re.findall(r"^ask '(.*)'$", (EXAMPLES / "rest.sh").read_text(), flags=re.MULTILINE)
    asked = [json.loads(body)["signature_name"] for body in bodies]
    answered = [json.loads(line)["outputs"] for line in done.stdout.splitlines()]
    assert set(asked) == SIGNATURES and len(asked) == len(answered)
    for signature, outputs in zip(asked, answered, strict=True):
        if signature == "score":
            assert len(outputs) == 2
        else:
            assert set(outputs) == {"item_id", "title", "score"}


def test_grpc_example(server: ModelServer) -> None:
    command = [sys.executable, str(EXAMPLES / "grpc_client.py"), f"127.0.0.1:{server.grpc_port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert set(re.findall(r"^\w+$", done.stdout, flags=re.MULTILINE)) == SIGNATURES
    assert len(re.findall(r"^  item_id \[\[", done.stdout, flags=re.MULTILINE)) == len(SIGNATURES) - 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_requests_in_the_documentation_are_answered(client: ModelServerClient, page: Path) -> None:
    lines = [line for line in page.read_text().splitlines() if line.startswith("ask '")]
    assert lines
    for line in lines:
        body = json.loads(shlex.split(line)[1])
        assert client.predict(body["signature_name"], body["inputs"])["score"], line


def test_the_wire_changes_nothing(run: Finished, client: ModelServerClient) -> None:
    users, lists = ["0", "1", "nobody"], {"history": [["105", ""]] * 3, "exclude": [[""]] * 3, "k": 12}
    over_rest = client.predict("recommend", {"user_id": users, **lists})
    here = run.recommender().ask("recommend", user_id=users, **lists)
    there = {"item_id": np.char.encode(np.array(over_rest["item_id"])), "score": np.array(over_rest["score"])}
    assert_same(rows_of(there), rows_of(here))
    assert over_rest["title"] == np.char.decode(here["title"].astype("S")).tolist()


# --- requests that make no sense --------------------------------------------------------------------------------------

IDS = st.one_of(
    st.sampled_from(["", "0", "105", "nobody", "\x00", "ü" * 300, "x" * 1_000_000, "\u202e", "105 "]),
    st.text(max_size=20),
)
NUMBERS = st.one_of(st.sampled_from([0, 1, 7, -1, 2**31 - 1, -(2**31), 10**6]), st.integers(-50, 50))
ODD = st.one_of(
    st.none(), st.booleans(), st.floats(), st.text(max_size=5), st.integers(), st.just({"b64": "no base64"}),
    st.just([]), st.just([[]]), st.just([[[]]]), st.just({}), st.lists(st.lists(IDS, max_size=3), max_size=3),
)  # fmt: skip
SERIALISED = st.one_of(
    st.binary(max_size=40),
    st.just(example(customer="0", age=30, device="phone")),
    st.just(example(age="thirty")),
    st.just(example(photo=b"no picture", name="Tea")),
    st.just(example(history=["105"] * 3000)),
    st.just(example(genres=["tea"] * 200, price=float("nan"))),
    st.just(b""),
)
COLUMNS = {"user_id": IDS, "item_id": IDS, "examples": SERIALISED}
INPUTS = {
    "serving_default": ["user_id"],
    "recommend": ["user_id", "history", "exclude", "k"],
    "retrieval": ["user_id", "history", "exclude", "k"],
    "similar_items": ["item_id", "k"],
    "score": ["user_id", "item_id"],
    "serve_examples": ["examples"],
    "items_like": ["examples", "k"],
    "evaluate": ["examples", "k"],
}


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A signature and its inputs: of the right kinds and odd values, or of odd kinds in places."""
    signature = draw(st.sampled_from(sorted(INPUTS)))
    rows = draw(st.sampled_from([0, 1, 1, 2, 3, 300]))
    inputs: dict[str, Any] = {}
    for name in INPUTS[signature]:
        if name == "k":
            inputs[name] = draw(NUMBERS)
        elif name in COLUMNS:
            few = draw(st.lists(COLUMNS[name], min_size=1, max_size=3))
            inputs[name] = [few[row % len(few)] for row in range(rows)]
        else:
            width = draw(st.sampled_from([0, 1, 4, 2000 if rows < 4 else 5]))
            few = draw(st.lists(IDS, min_size=1, max_size=3))
            inputs[name] = [[few[(row + place) % len(few)] for place in range(width)] for row in range(rows)]
    if draw(st.integers(0, 2)) == 0:
        inputs[draw(st.sampled_from([*inputs, "other"]))] = draw(ODD)
    return signature, inputs


def assert_sound(signature: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
    """An answer has a row a request and k columns, and numbers in it."""
    rows = len(next(value for name, value in inputs.items() if name in COLUMNS))
    scores = np.array(outputs["score"], np.float64)
    assert np.isfinite(scores).all()
    if signature == "score":
        assert scores.shape == (rows,)
    else:
        k = max(inputs.get("k", 10), 0)
        assert all(np.array(outputs[name], object).size == rows * k for name in ("item_id", "title", "score"))


@given(requests())
@settings(max_examples=150)
def test_any_request_is_answered_or_refused_over_rest(client: ModelServerClient, asked: Any) -> None:
    signature, inputs = asked
    try:
        outputs, refused = client.predict(signature, inputs), None
    except ModelServerError as error:
        outputs, refused = {}, error
    if refused:
        assert refused.status == 400 and str(refused)
    else:
        assert_sound(signature, inputs, outputs)


TENSORS = st.one_of(
    st.builds(lambda text: tf.make_tensor_proto(text), st.lists(st.binary(max_size=9), min_size=1, max_size=3)),
    st.builds(lambda number: tf.make_tensor_proto(number, tf.int32), st.integers(-(2**31), 2**31 - 1)),
    st.builds(lambda number: tf.make_tensor_proto(number), st.floats(width=32)),
    st.just(tf.make_tensor_proto([[[b"a"]]])),
    st.just(tf.make_tensor_proto(np.zeros([0, 3], "S1"))),
    st.just(tf.make_tensor_proto([[b"0", b"105"]])),
    st.builds(
        lambda size: tf.make_tensor_proto([b"a"], shape=[size]), st.sampled_from([1, 5, 100_000])
    ),  # one value that stands for many
)


@given(st.sampled_from(sorted(INPUTS)), st.data())
@settings(max_examples=100)
def test_any_request_is_answered_or_refused_over_grpc(server: ModelServer, signature: str, data: Any) -> None:
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "recommender", signature
    for name in INPUTS[signature]:
        if data.draw(st.integers(0, 9)):
            tensor = data.draw(TENSORS)
            request.inputs[name].CopyFrom(tensor)
            if not data.draw(st.integers(0, 9)):
                request.inputs[name].tensor_shape.dim.add(size=data.draw(st.sampled_from([-1, 0, 2, 2**40])))
    with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        try:
            outputs, refused = stub.Predict(request, timeout=60).outputs, None
        except grpc.RpcError as error:
            outputs, refused = {}, error
    if refused:
        assert refused.code() == grpc.StatusCode.INVALID_ARGUMENT and refused.details()
    else:
        assert np.isfinite(tf.make_ndarray(outputs["score"])).all()


def test_too_much_is_refused(client: ModelServerClient, server: ModelServer) -> None:
    with pytest.raises(ModelServerError, match="k times the requests of a batch may be 16777216 at most"):
        client.predict("similar_items", {"item_id": ["105"], "k": 2**31 - 1})
    with pytest.raises(ModelServerError, match="a batch may have 142879 requests at most"):
        client.predict("serving_default", {"user_id": ["0"] * 150_000})
    connection = http.client.HTTPConnection("127.0.0.1", server.rest_port, timeout=60)
    connection.request("POST", "/v1/models/recommender:predict", b"\xff" * 1_000_000)
    assert connection.getresponse().status == 400
    connection.close()
    assert client.predict("serving_default", {"user_id": ["0"]})["item_id"]


# --- TensorFlow Serving itself ----------------------------------------------------------------------------------------

IMAGE = "tensorflow/serving:2.16.1"


@pytest.fixture(scope="module")
def tensorflow_serving(run: Finished) -> Iterator[tuple[str, str]]:
    """Addresses for REST and gRPC of the stock image."""
    try:
        found = subprocess.run(["docker", "info"], capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        pytest.skip("no docker command: TensorFlow Serving itself is not run")
    if found.returncode:
        pytest.skip(f"no docker daemon, so TensorFlow Serving itself is not run: {found.stderr.strip()[-200:]}")
    command = ["docker", "run", "--rm", "--detach", "--publish", "127.0.0.1::8500", "--publish", "127.0.0.1::8501"]
    command += ["--volume", f"{run.model.parent}:/models/recommender:ro", "--env", "MODEL_NAME=recommender", IMAGE]
    started = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    container = started.stdout.strip()
    try:
        ports = [
            subprocess.run(["docker", "port", container, port], capture_output=True, text=True, timeout=60, check=True)
            for port in ("8501", "8500")
        ]
        rest, rpc = (port.stdout.split()[0] for port in ports)
        for _ in range(120):
            try:
                with ModelServerClient(f"http://{rest}", timeout=2) as waiting:
                    if "AVAILABLE" in waiting.versions().values():
                        break
            except ModelServerError:
                subprocess.run(["sleep", "1"], check=True)
        yield f"http://{rest}", rpc
    finally:
        subprocess.run(["docker", "rm", "--force", container], capture_output=True, timeout=60, check=False)


def test_tensorflow_serving_answers_the_same(run: Finished, tensorflow_serving: tuple[str, str]) -> None:
    rest, rpc = tensorflow_serving
    for command in (["bash", f"{EXAMPLES}/rest.sh", rest], [sys.executable, f"{EXAMPLES}/grpc_client.py", rpc]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
    with ModelServerClient(rest) as client:
        lists: dict[str, Any] = {"history": [[""]], "exclude": [[""]], "k": 12}
        over_rest = client.predict("recommend", {"user_id": ["0"], **lists})
        here = Recommender(run.model).ask("recommend", user_id=["0"], **lists)
        there = {"item_id": np.char.encode(np.array(over_rest["item_id"])), "score": np.array(over_rest["score"])}
        assert_same(rows_of(there), rows_of(here))
