"""The saved model in a process where nothing but TensorFlow can be imported."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from modules.serving import session_check
from modules.serving.rules import Rules
from modules.serving.servable import Blend
from modules.serving.warmup import sample_requests
from tests.modules.serving.shop import Shop, example

# Runs a script as Python would, after hiding what a machine with TensorFlow alone does not have.
ALONE = """
import runpy, sys
HIDDEN = {"modules", "components", "pipeline", "tf_keras", "tensorflow_recommenders", "tensorflow_transform", "tfx",
          "tfx_bsl", "tensorflow_serving", "tensorflow_metadata", "yaml", "pandas", "pyarrow", "apache_beam", "scann"}
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"hidden: {name}")
sys.meta_path.insert(0, Hide())
script = sys.argv[1]
del sys.argv[0]
sys.path[0] = script.rpartition("/")[0]
runpy.run_path(script, run_name="__main__")
"""


def check(model: Path, requests: Any, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "requests.json"
    path.write_text(json.dumps(requests))
    command = [sys.executable, "-c", ALONE, session_check.__file__, str(model), str(path)]
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TF_USE"))}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=bare, timeout=300, check=False)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    servable = Shop(40, [[], [4, 5]]).servable(
        folder / "assets", Blend(1, 1, 1), Rules(("i0",), ("i1",), {"genre": 1}), diversity=0.2
    )
    servable.save(folder / "7")
    (folder / "assets").rename(folder / "moved")  # the model must not need where it was built
    return folder / "7"


def test_answers_every_signature_as_the_model_does(model: Path, tmp_path: Path) -> None:
    loaded = tf.saved_model.load(str(model))
    inputs = sample_requests(b"u1", b"i3", example(colour=["red"]))
    assert set(inputs) == set(loaded.signatures)
    requests = []
    for signature, values in inputs.items():
        shown = {name: value.tolist() for name, value in values.items()}
        for name, value in shown.items():
            if name == "examples":
                shown[name] = [{"b64": base64.b64encode(one).decode()} for one in value]
            elif name != "k":
                shown[name] = session_check.encode(value)
        requests.append({"signature": signature, "inputs": shown})
    ran = check(model, requests, tmp_path)
    assert ran.returncode == 0, ran.stderr
    answers = json.loads(ran.stdout)
    assert [one["signature"] for one in answers] == list(inputs)
    for answer in answers:
        values = {name: tf.constant(value) for name, value in inputs[answer["signature"]].items()}
        same = loaded.signatures[answer["signature"]](**values)
        assert set(answer["outputs"]) == set(same)
        for name, value in same.items():
            assert answer["outputs"][name] == session_check.encode(value.numpy().tolist())


def test_fails_where_there_is_no_answer(model: Path, tmp_path: Path) -> None:
    ran = check(model, [{"signature": "nothing", "inputs": {}}], tmp_path)
    assert ran.returncode != 0
    assert "nothing" in ran.stderr
    with pytest.raises(KeyError, match=r"inputs \['user'\] for those of \['user_id'\]"):
        session_check.answers(str(model), [{"signature": "serving_default", "inputs": {"user": ["u1"]}}])
    with pytest.raises(OSError, match="none"):
        session_check.answers(str(tmp_path / "none"), [])


def test_contract_of_the_signatures(model: Path) -> None:
    loaded = tf.saved_model.load(str(model))
    text, texts = ([None], "string"), ([None, None], "string")
    k: tuple[list[None], str] = ([], "int32")
    lists = {"user_id": text, "history": texts, "exclude": texts, "k": k}
    expected = {
        "serving_default": {"user_id": text},
        "recommend": lists,
        "retrieval": lists,
        "similar_items": {"item_id": text, "k": k},
        "score": {"user_id": text, "item_id": text},
        "items_like": {"examples": text, "k": k},
        "serve_examples": {"examples": text},
        "evaluate": {"examples": text, "k": k},
        "evaluate_retrieval": {"examples": text, "k": k},
    }
    for name, function in loaded.signatures.items():
        inputs = function.structured_input_signature[1]
        assert {key: (spec.shape.as_list(), spec.dtype.name) for key, spec in inputs.items()} == expected[name]
        outputs = {key: (spec.shape.rank, spec.dtype.name) for key, spec in function.structured_outputs.items()}
        if name == "score":
            assert outputs == {"score": (1, "float32")}
        else:
            assert outputs == {"item_id": (2, "string"), "title": (2, "string"), "score": (2, "float32")}
