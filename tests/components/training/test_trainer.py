"""The Trainer that also knows the catalogue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tfx.types import channel, standard_artifacts
from tfx.types.artifact import Artifact

from components.absence import leave_out
from components.artifacts import TrainingState
from components.training.trainer import RecommenderTrainer, states_of
from modules.errors import InputError
from tests.gadget_run import GadgetRun


def _channel(kind: type) -> channel.Channel:
    return channel.Channel(type=kind)


def test_the_node() -> None:
    examples = _channel(standard_artifacts.Examples)
    inputs = {
        "examples": examples,
        "candidates": examples,
        "transform_graph": _channel(standard_artifacts.TransformGraph),
        "schema": _channel(standard_artifacts.Schema),
    }
    node = RecommenderTrainer(run_fn="a.b.run_fn", custom_config={"b": 1, "a": [2]}, seed=1, **inputs)
    assert set(node.inputs) == set(inputs) and set(node.outputs) == {"model", "model_run", "state"}
    assert node.exec_properties["run_fn"] == "a.b.run_fn"
    assert json.loads(node.exec_properties["custom_config"]) == {"a": [2], "b": 1}
    again = RecommenderTrainer(run_fn="a.b.run_fn", custom_config={"a": [2], "b": 1}, seed=1, **inputs)
    assert again.exec_properties == node.exec_properties  # the order of keys is no change
    ranking = RecommenderTrainer(
        run_fn="a.b.run_fn", custom_config={}, seed=1, base_model=_channel(standard_artifacts.Model), **inputs
    )
    assert "base_model" in ranking.inputs


def test_states(tmp_path: Path) -> None:
    chosen, previous = TrainingState(), TrainingState()
    for state, name in ((chosen, "chosen"), (previous, "previous")):
        state.uri = str(tmp_path / name)
    given: dict[str, list[Artifact]] = {"chosen": [chosen], "previous": [previous]}
    assert states_of(given) == {"chosen": chosen.uri, "previous": previous.uri}
    leave_out(previous)
    assert states_of(given) == {"chosen": chosen.uri}
    leave_out(previous, "version 7, retrieval_state: expected what was published")
    with pytest.raises(InputError, match=r"\[warm_start\]: expected the state .* received version 7, retrieval_state"):
        states_of(given)


def test_what_the_executor_writes(gadgets_run: GadgetRun) -> None:
    for node in ("Trainer.retrieval", "Trainer.ranking"):
        assert (Path(gadgets_run.model(node)) / "saved_model.pb").exists()
        logs = Path(gadgets_run.artifact(node, "model_run").uri)
        assert list(logs.rglob("events.out.tfevents*"))
