"""The search for hyper-parameters."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path
from typing import Any

import keras_tuner
import pytest
import tensorflow as tf

from modules import retrieval
from modules.errors import InputError
from modules.next_item import NextItemRank
from modules.progress import PROGRESS_PREFIX
from modules.retrieval_config import RetrievalConfig
from modules.retrieval_plan import DataSize, RetrievalPlan, open_losses
from modules.tuner import UntunedFirst, search_space, tuner_fn, variants
from modules.tuner_config import KEYS, TunerConfig, of_trial, open_keys, tuned
from modules.typed_config import as_mapping
from tests.gadget_run import SEED, GadgetRun

OPEN = RetrievalConfig(loss="in_batch", batch_size=32, history_dropout=0.3, vector_dropout=0.2)
SIZE = DataSize(users=100, items=50, positives=80_000)


def _search(run: GadgetRun, folder: Path, config: RetrievalConfig, search: TunerConfig) -> Any:
    """The tuner after its search."""
    arguments = run.fn_args("", {"retrieval": as_mapping(config), "tuner": as_mapping(search), "seed": SEED})
    arguments.working_dir = str(folder)
    found = tuner_fn(arguments)
    found.tuner.search(**found.fit_kwargs)
    return found.tuner


def _trials(tuner: Any) -> list[tuple[dict[str, Any], float]]:
    return [(of_trial(trial.hyperparameters.values), trial.score) for trial in tuner.oracle.trials.values()]


def test_what_is_searched_for() -> None:
    assert open_keys(RetrievalConfig()) == [*KEYS]
    assert open_keys(OPEN) == ["dimension", "learning_rate"]
    assert open_keys(RetrievalConfig(query_tower="mf", dimension=8)) == [
        "learning_rate",
        "batch_size",
        "vector_dropout",
    ]


def _space(config: RetrievalConfig, *towers: Any) -> Any:
    return search_space(variants(TunerConfig(towers=towers).bases(config), SIZE), SIZE)


def _unread(tower: Any, loss: Any) -> set[str]:
    if loss == "fold_in":
        return {"history_dropout", "vector_dropout"}
    return set() if tower == "history" else {"history_dropout"}


def test_round_what_the_plan_takes() -> None:
    space = {parameter.name: parameter for parameter in _space(RetrievalConfig(loss="in_batch")).space}
    assert space["variant"].values == ["history/in_batch"]
    found = {key: space[f"history/in_batch/{key}"] for key in KEYS}
    assert (found["dimension"].values, found["dimension"].default) == ([32, 64, 128], 64)
    assert (found["batch_size"].values, found["batch_size"].default) == ([500, 1000, 2000], 1000)
    rate = found["learning_rate"]
    assert (rate.min_value, rate.default, rate.max_value, rate.sampling) == (0.00125, 0.005, 0.02, "log")
    assert (found["history_dropout"].default, found["vector_dropout"].default) == (0.3, 0.2)
    assert (found["history_dropout"].min_value, found["history_dropout"].max_value) == (0, 0.8)
    sets = {parameter.name: parameter for parameter in _space(RetrievalConfig(loss="squared_error")).space}
    assert sets["history/squared_error/history_dropout"].min_value == 0.1  # something must be left to predict


def test_each_tower_and_loss_has_ranges_of_its_own() -> None:
    space = _space(RetrievalConfig(dimension=8), "gru", "mf")
    losses = [f"history/{loss}" for loss in open_losses(RetrievalConfig(), SIZE)]
    assert space.space[0].values == [*losses, "gru/softmax", "mf/in_batch"]  # the configured tower first
    for variant in space.space[0].values:
        tower, loss = variant.split("/")
        plan = RetrievalPlan.of(RetrievalConfig(query_tower=tower, loss=loss), SIZE)
        keys = {p.name.rpartition("/")[2]: p for p in space.space if p.name.startswith(f"{variant}/")}
        assert set(keys) == {*KEYS} - {"dimension"} - _unread(tower, loss)
        assert all(parameter.default == getattr(plan, key) for key, parameter in keys.items())


def test_what_is_tried(tmp_path: Path) -> None:
    """KerasTuner's own bookkeeping leaves every trial whole."""
    config, towers = RetrievalConfig(dimension=8), ("gru", "mf")
    untuned = [*variants([config], SIZE)]
    oracle = UntunedFirst(
        untuned,
        objective=keras_tuner.Objective("score", "max"),
        max_trials=15,
        hyperparameters=_space(config, *towers),
        seed=1,
    )
    oracle.verbose = 0
    oracle._set_project_dir(str(tmp_path), "notes")
    tried = []
    for _ in range(15):
        trial = oracle.create_trial("tuner0")
        oracle.update_trial(
            trial.trial_id, {"score": trial.hyperparameters.values.get("mf/in_batch/vector_dropout", 0)}
        )
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
        tried.append(of_trial(trial.hyperparameters.values))
    for values in tried:
        left_out = _unread(values["query_tower"], values["loss"])
        assert set(values) == {"query_tower", "loss", *KEYS} - {"dimension"} - left_out
    for loss, values in zip(open_losses(config, SIZE), tried, strict=False):
        plan = RetrievalPlan.of(dataclasses.replace(config, loss=loss), SIZE)
        assert values == {key: getattr(plan, key) for key in values}
    assert {values["query_tower"] for values in tried} == {"history", *towers}
    assert len({tuple(values.items()) for values in tried}) == 15


def test_values_are_rounded_to_what_people_can_read() -> None:
    found = tuned(RetrievalConfig(dimension=8, epochs=3), {"learning_rate": 0.00123456, "batch_size": 1234})
    assert found == RetrievalConfig(dimension=8, epochs=3, learning_rate=0.00123, batch_size=1234)


@pytest.mark.parametrize(
    ("retrieval_config", "search", "message"),
    [
        ({}, {"trials": -1}, "key trials: expected a number from 0, received -1"),
        ({}, {"epochs": 0}, "key epochs: expected a number above 0, received 0"),
        ({"loss": "squared_error"}, {"trials": 1, "towers": ("gru",)}, r"\[retrieval\], key loss"),
        (
            dict.fromkeys(("dimension", "batch_size"), 8)
            | dict.fromkeys(("learning_rate", "history_dropout", "vector_dropout"), 0.1),
            {"trials": 1},
            "key trials: expected 0, or one of .* left open",
        ),
    ],
)
def test_refused(retrieval_config: dict[str, Any], search: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        TunerConfig(**search).bases(RetrievalConfig(**retrieval_config))


def test_a_trial_is_the_trainers_training(
    gadgets_run: GadgetRun, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert gadgets_run.data  # making it changes levels of logging
    with caplog.at_level(logging.INFO, logger="absl"):
        tuner = _search(gadgets_run, tmp_path / "notes", OPEN, TunerConfig(trials=2, epochs=2))
    (first, score), second = _trials(tuner)
    assert first == {"query_tower": "history", "loss": "in_batch", "dimension": 64, "learning_rate": 0.005}  # untuned
    assert second[0] != first
    found = tuner.get_best_hyperparameters()[0]
    assert found.values == max((first, score), second, key=lambda trial: trial[1])[0]  # what the Trainer is given
    lines = [text for record in caplog.records if (text := record.getMessage()).startswith(PROGRESS_PREFIX)]
    assert len(lines) == 2 and " trial 2/2 " in lines[1]
    assert f"dimension 64  learning_rate 0.005  val_ndcg@10 {score:.4f} (best {score:.4f})" in lines[0]

    folder = str(tmp_path / "model")
    short = dataclasses.replace(OPEN, epochs=2)
    arguments = gadgets_run.fn_args(
        folder, {"retrieval": as_mapping(short), "seed": SEED, "state": str(tmp_path / "state")}
    )
    arguments.hyperparameters = found.get_config()
    retrieval.run_fn(arguments)
    best = max(score, second[1])
    figures = NextItemRank(gadgets_run.data, SEED).figures(_Restored(folder, gadgets_run))
    assert figures[NextItemRank.NDCG] == pytest.approx(best, abs=1e-4)


class _Restored:
    """The towers of a SavedModel."""

    def __init__(self, folder: str, run: GadgetRun) -> None:
        self._model, self._columns = tf.saved_model.load(folder), run.data.catalogue.columns
        self.query_vectors = self._model.query.call

    def candidate_vectors(self, rows: tf.Tensor) -> tf.Tensor:
        return self._model.candidate.call({name: tf.gather(values, rows) for name, values in self._columns.items()})


def test_the_same_search_finds_the_same(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    config = RetrievalConfig(query_tower="mf", loss="in_batch", dimension=4, batch_size=64)
    search = TunerConfig(trials=2, epochs=1)
    once, again = (_trials(_search(gadgets_run, tmp_path / name, config, search)) for name in ("a", "b"))
    assert once == again and len(once) == 2
    assert len({tuple(values.items()) for values, _ in once}) == 2


def test_what_the_trainer_takes(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    config = RetrievalConfig(dimension=8, epochs=1)
    state = {"state": str(tmp_path / "state")}
    arguments = gadgets_run.fn_args(str(tmp_path / "model"), {"retrieval": as_mapping(config), "seed": SEED, **state})
    arguments.hyperparameters = {"values": {"dimension": 5, "query_tower": "mf", "loss": "in_batch"}}
    retrieval.run_fn(arguments)
    columns = {name: values[:2] for name, values in gadgets_run.data.catalogue.columns.items()}
    restored = tf.saved_model.load(str(tmp_path / "model"))
    vectors = restored.candidate.call(columns)
    assert vectors.shape[1] == 5 + 1  # and a bias


def test_mistakes_end_the_search(gadgets_run: GadgetRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("modules.tuner.train", broken)
    with pytest.raises(Exception, match="a bug") as raised:
        _search(gadgets_run, tmp_path, OPEN, TunerConfig(trials=3))
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_nothing_to_compare_by(gadgets_run: GadgetRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = {name: values[:0] for name, values in gadgets_run.data.eval.items()}
    data = gadgets_run.data
    monkeypatch.setattr("modules.tuner.read_training_data", lambda _: dataclasses.replace(data, eval=empty))
    with pytest.raises(InputError, match="positive interactions in the eval split"):
        _search(gadgets_run, tmp_path, OPEN, TunerConfig(trials=1))
