"""The Tuner's node, and what becomes of what it finds."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import tensorflow as tf
from tfx.types import channel, standard_artifacts

from components.training.tuner import RecommenderTuner
from modules.tuner_config import TunerConfig, of_trial
from tests.gadget_run import RETRIEVAL, GadgetRun

SEARCH = TunerConfig(trials=2, epochs=1)


@pytest.fixture(scope="module")
def tuned_run(gadgets_run: GadgetRun, tmp_path_factory: pytest.TempPathFactory) -> GadgetRun:
    config = dataclasses.replace(RETRIEVAL, dimension=None, epochs=1, history_dropout=0.3, vector_dropout=0.2)
    run = GadgetRun(tmp_path_factory.mktemp("tuned"), retrieval=config, tuner=SEARCH)
    return run.after(gadgets_run, "AnnotatedSchema", "TableExampleGen", "Transform")


def test_the_node() -> None:
    node = RecommenderTuner(
        tuner_fn="a.b.tuner_fn",
        examples=channel.Channel(type=standard_artifacts.Examples),
        candidates=channel.Channel(type=standard_artifacts.Examples),
        transform_graph=channel.Channel(type=standard_artifacts.TransformGraph),
        schema=channel.Channel(type=standard_artifacts.Schema),
        custom_config={"b": 1, "a": [2]},
        seed=1,
    )
    assert set(node.outputs) == {"best_hyperparameters", "tuner_results"}
    assert json.loads(node.exec_properties["custom_config"]) == {"a": [2], "b": 1}
    assert "module_file" not in node.exec_properties  # nothing has to be packaged


def test_it_is_off_by_default(gadgets_run: GadgetRun) -> None:
    assert "Tuner.retrieval" not in gadgets_run.nodes


def test_the_trainer_takes_what_it_finds(tuned_run: GadgetRun) -> None:
    results = Path(tuned_run.artifact("Tuner.retrieval", "tuner_results").uri) / "tuner_results.json"
    trials = json.loads(results.read_text())
    best = of_trial({k: v for k, v in max(trials, key=lambda trial: trial["score"]).items() if "/" in f"{k}{v}"})
    assert len(trials) == 2 and best["dimension"] in (32, 64, 128)

    state = Path(tuned_run.artifact("Trainer.retrieval", "state").uri) / "training.json"
    settings = json.loads(state.read_text())["settings"]
    assert (settings["dimension"], settings["loss"]) == (best["dimension"], "in_batch")
    assert (settings["batch_size"], settings["epochs"]) == (RETRIEVAL.batch_size, 1)  # what was set stays
    model = tf.saved_model.load(tuned_run.model("Trainer.retrieval"))
    columns = {name: values[:1] for name, values in tuned_run.data.catalogue.columns.items()}
    assert model.candidate.call(columns).shape[1] == best["dimension"] + 1  # a bias
