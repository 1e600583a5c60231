"""Trainings that several processes share."""

from __future__ import annotations

import dataclasses
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from modules import training_state
from modules.catalogue import Catalogue
from modules.catalogue_model import CatalogueModel
from modules.distribution import fed, of_chief, shared_steps, training_on
from modules.errors import InputError
from modules.retrieval import CURVES_FILE
from tests.gadget_run import RANKING, RETRIEVAL, SEED, FnArgs, GadgetRun

PROJECT = Path(__file__).parents[2]


def addresses(count: int) -> list[str]:
    """Places on this host that nobody listens at."""
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    found = [f"localhost:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return found


@pytest.fixture(scope="module")
def two_workers(gadgets_run: GadgetRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with what each of two processes wrote, under its number."""
    folder = tmp_path_factory.mktemp("workers")
    # Enough to see that it learns.
    shorter = dataclasses.replace(RETRIEVAL, epochs=3)
    config = {"retrieval": dataclasses.asdict(shorter), "ranking": dataclasses.asdict(RANKING), "seed": SEED}
    arguments = vars(gadgets_run.fn_args("", config))
    del arguments["serving_model_dir"], arguments["model_run_dir"]
    (folder / "arguments.json").write_text(json.dumps(arguments))
    places, processes = addresses(2), []
    for index in (0, 1):
        (folder / str(index)).mkdir()
        command = [sys.executable, "-m", "tests.modules.one_of_several", str(folder / "arguments.json")]
        command += [str(folder / str(index)), str(index), *places]
        log = (folder / f"{index}.log").open("w")
        processes.append(subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=subprocess.STDOUT))
    try:
        for index, process in enumerate(processes):
            assert process.wait(600) == 0, (folder / f"{index}.log").read_text()[-3000:]
    finally:
        for process in processes:
            process.kill()  # those that wait for one that failed
    return folder


def told(folder: Path, index: int) -> dict[str, Any]:
    """What a process said."""
    said: dict[str, Any] = json.loads((folder / str(index) / "told.json").read_text())
    return said


@pytest.mark.parametrize("index", [0, 1])
def test_gradients_are_averaged_over_batches_that_are_shared(two_workers: Path, index: int) -> None:
    # The loss is w · mean(x). Batches of x = 1, 3, 5, 7: the first step takes 1 and 3, the second 5 and 7, at a rate of
    # 1: w = 0, −2, −8.
    toy = told(two_workers, index)["toy"]
    assert (toy["steps"], toy["slope"]) == (2, pytest.approx(-8.0))
    # Losses before each step: 0 and 0, then −2 · 5 and −2 · 7.
    assert toy["mean_loss"] == [pytest.approx(-6.0)]
    # Afterwards, over all batches: −8 · 4, and not that of each worker added up.
    assert toy["evaluated"] == pytest.approx(-32.0)


@pytest.mark.parametrize("index", [0, 1])
def test_the_chief_decides(two_workers: Path, index: int) -> None:
    assert told(two_workers, index)["toy"]["of_chief"] == {"one": 0.1, "other": 0.2}


def test_the_chief_alone_writes(two_workers: Path) -> None:
    assert {path.name for path in (two_workers / "0").iterdir()} == {"retrieval", "ranking", "state", "told.json"}
    assert {path.name for path in (two_workers / "1").iterdir()} == {"told.json"}
    assert [told(two_workers, index)["toy"]["elsewhere"] for index in (0, 1)] == [False, True]


def test_both_models_learn_and_load_without_the_others(two_workers: Path, gadgets_run: GadgetRun) -> None:
    curves = {
        name: json.loads((two_workers / "0" / name / "assets.extra" / CURVES_FILE).read_text())
        for name in ("retrieval", "ranking")
    }
    ndcg, loss = curves["retrieval"]["val_ndcg@10"], curves["ranking"]["val_mean_loss"]
    assert max(ndcg[1:]) > ndcg[0]
    assert min(loss[1:]) < loss[0]
    examples = tf.data.TFRecordDataset(tf.io.gfile.glob(gadgets_run.split("candidates", "catalogue") + "/*"), "GZIP")
    some = tf.constant([*examples.take(3).as_numpy_iterator()])
    model = tf.saved_model.load(str(two_workers / "0" / "retrieval"))
    vectors = model.signatures["candidates"](examples=some)["vector"].numpy()
    assert vectors.shape[0] == 3 and (vectors.std(axis=0) > 0).any()


def test_alone_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    for config in ("{}", json.dumps({"cluster": {"worker": ["localhost:1"]}, "task": {"type": "worker", "index": 0}})):
        monkeypatch.setenv("TF_CONFIG", config)
        given = FnArgs(custom_config={}, serving_model_dir="there")
        with training_on(given) as (own, scope), scope:
            assert own is given
            assert not tf.distribute.has_strategy()
            dataset = tf.data.Dataset.range(3)
            assert [*fed(dataset, 2, 3)["x"].as_numpy_iterator()] == [0, 1, 2, 0, 1, 2]
            assert (shared_steps(3), of_chief({"a": 1.0})) == (3, {"a": 1.0})


@pytest.mark.parametrize(
    ("cluster", "config", "message"),
    [
        ({"worker": ["a:1"], "ps": ["b:1"]}, {}, "TF_CONFIG: expected chief and workers, received ps"),
        (
            {"worker": ["a:1", "b:1"]},
            {"warm_start": {"enabled": True}},
            r"config \[warm_start\], key enabled: expected false with several workers \(TF_CONFIG\), received True",
        ),
        ({"worker": ["a:1", "b:1"]}, {}, "TF_CONFIG: expected a process in which TensorFlow has computed nothing yet"),
    ],
)
def test_refused(
    monkeypatch: pytest.MonkeyPatch, cluster: dict[str, list[str]], config: dict[str, Any], message: str
) -> None:
    tf.constant(1) + 1
    task = {"type": "worker", "index": 0}
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": task}))
    with pytest.raises(InputError, match=f"^{message}"), training_on(FnArgs(custom_config=config)):
        pass


def test_precision_and_compiler_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    before = tf.config.optimizer.get_jit()
    given = FnArgs(custom_config={"compute": {"precision": "mixed_bfloat16", "xla": True}})

    def fail() -> None:
        with training_on(given):
            assert tf.config.optimizer.get_experimental_options()["auto_mixed_precision_onednn_bfloat16"]
            assert tf.config.optimizer.get_jit() == "autoclustering"
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        fail()
    options = tf.config.optimizer.get_experimental_options()
    assert not options["auto_mixed_precision"] and not options["auto_mixed_precision_onednn_bfloat16"]
    assert tf.config.optimizer.get_jit() == before


class Line(CatalogueModel):
    """One weight w, whose loss is the mean of w · x."""

    def __init__(self) -> None:
        super().__init__(Catalogue(np.array([b"a"], object), {}))
        self.slope = tf.Variable(0.0)

    def compute_loss(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        return tf.reduce_mean(self.slope * inputs["x"])


@pytest.mark.parametrize("precision", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_the_loss_is_scaled_for_float16_and_the_weights_know_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    given = FnArgs(custom_config={"compute": {"precision": precision}})
    with training_on(given) as (_, scope), scope:
        model = Line()
        model.compile(tf.keras.optimizers.legacy.Adam(0.5))
        data = tf.data.Dataset.from_tensor_slices({"x": [1e-9, 3e-9]}).batch(1)
        model.fit(data, verbose=0)
    assert isinstance(model.optimizer, tf.keras.mixed_precision.LossScaleOptimizer) == (precision == "mixed_float16")
    # The first moment after gradients of 1e-9 and 3e-9, which float16 cannot hold: 0.1 · 3e-9 + 0.9 · 0.1 · 1e-9.
    slots = training_state._slots(model.optimizer, model.slope)
    assert float(slots["m"].numpy()) == pytest.approx(3.9e-10)
    assert model.slope.dtype == tf.float32
