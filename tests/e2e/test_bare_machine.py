"""The pushed servable on a machine that has TensorFlow and nothing else."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modules.serving import session_check
from tests.e2e.conftest import Finished, RunShop
from tests.e2e.recommender import example

PROJECT = Path(session_check.__file__).parents[2]
TENSORFLOW = "tensorflow==2.16.2"
# Loads the model the way of TensorFlow 2; session_check does it the way of TensorFlow Serving.
LOAD = """
import importlib.util, json, sys
import tensorflow as tf
for name in ("tf_keras", "tfx", "tfx_bsl", "tensorflow_transform", "tensorflow_recommenders", "pandas", "modules"):
    assert importlib.util.find_spec(name) is None, name
model = tf.saved_model.load(sys.argv[1])
answer = model.signatures["serving_default"](user_id=tf.constant(["3", "nobody"]))
print(json.dumps([[item.decode() for item in row] for row in answer["item_id"].numpy().tolist()]))
"""


@pytest.fixture(scope="module")
def run(run_shop: RunShop) -> Finished:
    return run_shop("sqlite")


@pytest.fixture(scope="module")
def fresh_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of a new environment that holds TensorFlow only."""
    uv = shutil.which("uv") or shutil.which(PROJECT / ".uv" / "bin" / "uv")
    if uv is None:
        pytest.skip("no uv, neither on PATH nor in .uv/, to make a fresh environment with")
    python = tmp_path_factory.mktemp("fresh") / "venv" / "bin" / "python"
    made = subprocess.run([uv, "venv", "-q", "-p", sys.executable, python.parents[1]], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    for offline in (["--offline"], []):  # from uv's cache, if it has everything
        install = [uv, "pip", "install", "-q", *offline, "-p", str(python), TENSORFLOW]
        done = subprocess.run(install, capture_output=True, text=True, timeout=240)
        if done.returncode == 0:
            return str(python)
    pytest.skip(f"{TENSORFLOW} cannot be installed here: {done.stderr.strip().splitlines()[-1]}")


def execute(python: str, *arguments: str | Path) -> str:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TF_USE", "VIRTUAL"))}
    done = subprocess.run([python, *arguments], capture_output=True, text=True, env=bare, cwd="/", timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def requests() -> list[dict[str, Any]]:
    """One for every signature of the contract."""

    def encoded(**columns: Any) -> dict[str, str]:
        return {"b64": base64.b64encode(example(**columns)).decode()}

    lists = {"user_id": ["3", "nobody"], "history": [["", ""], ["101", "unheard of"]], "exclude": [["104"], [""]]}
    asked: dict[str, dict[str, Any]] = {
        "serving_default": {"user_id": ["3", "nobody"]},
        "recommend": {**lists, "k": 30},
        "similar_items": {"item_id": ["104"], "k": 5},
        "score": {"user_id": ["3"], "item_id": ["104"]},
        "items_like": {"examples": [encoded(name="tea", price=3.0)], "k": 5},
        "serve_examples": {"examples": [encoded(customer="3", device="phone"), encoded(age=33, history=["101"])]},
    }
    return [{"signature": name, "inputs": inputs} for name, inputs in asked.items()]


def check(python: str, run: Finished, folder: Path) -> None:
    """Answers of a process of its own are those that the model gives here."""
    (folder / "requests.json").write_text(json.dumps(requests()))
    found = json.loads(execute(python, session_check.__file__, run.model, folder / "requests.json"))
    here = run.recommender()
    for answer, request in zip(found, requests(), strict=True):
        inputs = {name: session_check.decode(value) for name, value in request["inputs"].items()}
        expected = here.ask(request["signature"], **inputs)
        assert answer["signature"] == request["signature"]
        assert set(answer["outputs"]) == set(expected)
        for name, value in expected.items():
            if name == "score":
                np.testing.assert_allclose(answer["outputs"][name], value, rtol=1e-5, atol=1e-6)
            else:
                assert answer["outputs"][name] == session_check.encode(value.tolist())


def test_in_a_process_of_this_environment(run: Finished, tmp_path: Path) -> None:
    check(sys.executable, run, tmp_path)


def test_in_a_fresh_environment(run: Finished, fresh_python: str, tmp_path: Path) -> None:
    check(fresh_python, run, tmp_path)
    answer = json.loads(execute(fresh_python, "-c", LOAD, run.model))
    assert answer == [run.recommender().recommend_ids(user, 10) for user in ("3", "nobody")]
