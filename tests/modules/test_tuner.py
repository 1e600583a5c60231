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
from modules.tuner import UntunedFirst, search_space, tuner_fn
from modules.tuner_config import KEYS, TunerConfig, open_keys, tuned
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
    return [(trial.hyperparameters.values, trial.score) for trial in tuner.oracle.trials.values()]


def test_what_is_searched_for() -> None:
    assert open_keys(RetrievalConfig()) == [*KEYS]
    assert open_keys(OPEN) == ["dimension", "learning_rate"]
    assert open_keys(RetrievalConfig(query_tower="mf", dimension=8)) == [
        "learning_rate",
        "batch_size",
        "vector_dropout",
    ]


def test_round_what_the_plan_takes() -> None:
    config = RetrievalConfig(loss="in_batch")
    space = {parameter.name: parameter for parameter in search_space([config], SIZE).space}
    assert (space["query_tower"].value, space["loss"].value) == ("history", "in_batch")
    assert (space["dimension"].values, space["dimension"].default) == ([32, 64, 128], 64)
    assert (space["batch_size"].values, space["batch_size"].default) == ([500, 1000, 2000], 1000)
    rate = space["learning_rate"]
    assert (rate.min_value, rate.default, rate.max_value, rate.sampling) == (0.00125, 0.005, 0.02, "log")
    assert (space["history_dropout"].default, space["vector_dropout"].default) == (0.3, 0.2)
    assert (space["history_dropout"].min_value, space["history_dropout"].max_value) == (0, 0.8)
    sets = {p.name: p for p in search_space([RetrievalConfig(loss="squared_error")], SIZE).space}
    assert sets["history_dropout"].min_value == 0.1  # something must be left to predict


def test_each_tower_and_loss_has_ranges_of_its_own() -> None:
    bases = TunerConfig(trials=1, towers=("gru", "mf")).bases(RetrievalConfig(dimension=8))
    space = search_space(bases, SIZE)
    assert space.values["query_tower"] == "history"  # the configured one is tried first
    for base in bases:
        for loss in open_losses(base, SIZE):
            plan = RetrievalPlan.of(dataclasses.replace(base, loss=loss), SIZE)
            space.values = {"query_tower": base.query_tower, "loss": loss}
            active = {parameter.name: parameter for parameter in space.space if space.is_active(parameter)}
            assert active["batch_size"].default == plan.batch_size
            assert active["learning_rate"].default == plan.learning_rate
            assert ("history_dropout" in active) == (base.query_tower == "history")
            assert "dimension" not in active


def test_the_first_trials_are_untuned() -> None:
    config = RetrievalConfig(dimension=8)
    losses = open_losses(config, SIZE)
    oracle = UntunedFirst(
        [{"query_tower": "history", "loss": loss} for loss in losses],
        objective=keras_tuner.Objective("score", "max"),
        hyperparameters=search_space(TunerConfig(towers=("gru",)).bases(config), SIZE),
        seed=1,
    )
    for place, loss in enumerate(losses):
        values = oracle.populate_space("")["values"]
        plan = RetrievalPlan.of(dataclasses.replace(config, loss=loss), SIZE)
        keys = ("query_tower", "loss", "learning_rate", "batch_size", "history_dropout", "vector_dropout")
        assert values == {key: getattr(plan, key) for key in keys}
        oracle.trials[str(place)] = None
    oracle.trials.clear()


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
    assert found.values == max((first, score), second, key=lambda trial: trial[1])[0]
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
    figures = NextItemRank(gadgets_run.data, SEED).figures(_Restored(folder, gadgets_run))  # type: ignore[arg-type]
    assert figures[NextItemRank.NDCG] == pytest.approx(best, abs=1e-4)


class _Restored:
    """The towers of a SavedModel."""

    def __init__(self, folder: str, run: GadgetRun) -> None:
        self._model, self._columns = tf.saved_model.load(folder), run.data.catalogue.columns
        self.query_tower = self._model.query.call

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
    monkeypatch.setattr("modules.tuner.read_training_data", lambda _: type(data)(**{**vars(data), "eval": empty}))
    with pytest.raises(InputError, match="positive interactions in the eval split"):
        _search(gadgets_run, tmp_path, OPEN, TunerConfig(trials=1))
