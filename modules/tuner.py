"""Module file of the Tuner: searches hyper-parameters of retrieval with KerasTuner.

At random (Bergstra and Bengio, Random search for hyper-parameter optimization, JMLR 2012): towers and losses have
parameters of their own, and KerasTuner's Gaussian process, which gives inactive ones their defaults, was seen to
propose what had been tried already. A trial is the Trainer's own training, shorter.
"""

from __future__ import annotations

import dataclasses
import gc
import time
from collections.abc import Mapping, Sequence
from typing import Any

import keras_tuner
import tensorflow as tf
from absl import logging
from tfx.components.tuner.component import TunerFnResult

from modules.errors import InputError
from modules.next_item import NextItemRank
from modules.progress import PROGRESS_PREFIX
from modules.retrieval import train
from modules.retrieval_config import RetrievalConfig
from modules.retrieval_model import RetrievalModel, size_of
from modules.retrieval_plan import DataSize, RetrievalPlan, open_losses
from modules.training_data import TrainingData, read_training_data
from modules.tuner_config import VARIANT, TunerConfig, of_trial, open_keys, tuned
from modules.typed_config import from_mapping


def tuner_fn(fn_args: Any) -> TunerFnResult:
    """TFX Tuner's entry point.

    Args:
        fn_args: TFX's `FnArgs`; `custom_config` holds "retrieval" (a `RetrievalConfig`), "tuner" (a `TunerConfig`),
            "seed" and what `read_training_data` wants; `working_dir` takes KerasTuner's notes.

    Raises:
        InputError: there is no positive interaction in the eval split to measure trials with.
    """
    given = fn_args.custom_config
    config = from_mapping(RetrievalConfig, given["retrieval"], "config [retrieval]")
    search = from_mapping(TunerConfig, given["tuner"], "config [tuner]")
    data = read_training_data(fn_args)
    if not len(data.positives(data.eval)):
        where = "config [tuner], key trials"
        raise InputError(where, "0, or positive interactions in the eval split to compare trials by", "none")
    return TunerFnResult(RetrievalTuner(data, config, search, int(given["seed"]), fn_args.working_dir), {})


class RetrievalTuner(keras_tuner.engine.base_tuner.BaseTuner):
    """Trains retrieval with other hyper-parameters each time, and compares nDCG@10 on eval."""

    def __init__(
        self, data: TrainingData, config: RetrievalConfig, search: TunerConfig, seed: int, folder: str
    ) -> None:
        """Describes the search; `folder` takes KerasTuner's notes."""
        self._data, self._config, self._search, self._seed = data, config, search, seed
        self._rank, self._size = NextItemRank(data, seed), size_of(data)
        self._done, self._best = 0, 0.0
        configs, untuned = variants(search.bases(config), self._size), variants([config], self._size)
        oracle = UntunedFirst(
            [*untuned],
            objective=keras_tuner.Objective(NextItemRank.NDCG, "max"),
            max_trials=search.trials,
            seed=seed + 1,  # KerasTuner takes 0 for none
            hyperparameters=search_space(configs, self._size),
            allow_new_entries=False,
            tune_new_entries=False,
        )
        oracle.verbose = 0
        super().__init__(oracle, directory=folder, project_name="retrieval", overwrite=True)

    def run_trial(self, trial: Any) -> dict[str, float]:
        """Trains with the values of a trial, and returns what eval says of it.

        Raises:
            FatalError: whatever went wrong; KerasTuner would go on with the next trial otherwise.
        """
        began = time.monotonic()
        values = of_trial(trial.hyperparameters.values)
        try:
            figures = self._trained(tuned(self._config, values))
        except Exception as error:
            raise keras_tuner.errors.FatalError(str(error)) from error
        self._done, self._best = self._done + 1, max(self._best, figures[NextItemRank.NDCG])
        logging.info(
            "%stuner trial %d/%d  %s  %s %.4f (best %.4f)  %.0f s",
            PROGRESS_PREFIX,
            self._done,
            self._search.trials,
            "  ".join(f"{key} {value}" for key, value in values.items()),
            NextItemRank.NDCG,
            figures[NextItemRank.NDCG],
            self._best,
            time.monotonic() - began,
        )
        return figures

    def get_best_hyperparameters(self, num_trials: int = 1) -> list[Any]:
        """Of the best trials, the values that the Trainer takes, by key of `[retrieval]`."""
        best = []
        for trial in self.oracle.get_best_trials(num_trials):
            best.append(keras_tuner.HyperParameters())
            for key, value in of_trial(trial.hyperparameters.values).items():
                best[-1].Fixed(key, value)
        return best

    def _trained(self, config: RetrievalConfig) -> dict[str, float]:
        """What a short training reaches on eval, as it would be delivered."""
        epochs = self._search.epochs or max(1, RetrievalPlan.of(config, self._size).epochs // 3)
        tf.keras.utils.set_random_seed(self._seed)
        model = RetrievalModel(self._data, dataclasses.replace(config, epochs=epochs), self._seed)
        train(model, self._data, self._seed, None, quiet=True)
        figures = self._rank.figures(model)
        del model
        gc.collect()  # models refer to themselves: the tables of many trials would pile up
        return figures


class UntunedFirst(keras_tuner.oracles.RandomSearchOracle):
    """Begins with what the Trainer would try untuned, so that what is found is no worse, on eval, at that length."""

    def __init__(self, untuned: Sequence[str], **settings: Any) -> None:
        """Takes the variants that the first trials are made of, with all else as usual."""
        super().__init__(**settings)
        self._untuned = untuned

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The values of the next trial."""
        if len(self.trials) >= len(self._untuned):
            return super().populate_space(trial_id)
        variant = self._untuned[len(self.trials)]
        usual = {p.name: p.default for p in self.hyperparameters.space if p.name.startswith(f"{variant}/")}
        return {"status": "RUNNING", "values": {VARIANT: variant, **usual}}


def variants(bases: Sequence[RetrievalConfig], size: DataSize) -> dict[str, RetrievalConfig]:
    """A configuration for each tower and each loss that is open with it, by a name that has both."""
    found = [dataclasses.replace(base, loss=loss) for base in bases for loss in open_losses(base, size)]
    return {f"{config.query_tower}/{config.loss}": config for config in found}


def search_space(configs: Mapping[str, RetrievalConfig], size: DataSize) -> Any:
    """KerasTuner's `HyperParameters`: round what the plan takes, for each variant apart.

    Args:
        configs: of the variants, by name; what they leave open is searched for.
        size: of the data, which the plan depends on.
    """
    space = keras_tuner.HyperParameters()
    space.Choice(VARIANT, [*configs])
    for name, config in configs.items():
        with space.conditional_scope(VARIANT, [name]):
            _add_keys(space, name, config, size)
    return space


def _add_keys(space: Any, variant: str, config: RetrievalConfig, size: DataSize) -> None:
    """Adds the range of each open key round its usual value."""
    plan = RetrievalPlan.of(config, size)
    for key in open_keys(config):
        name, usual = f"{variant}/{key}", getattr(plan, key)
        if key == "learning_rate":
            space.Float(name, usual / 4, usual * 4, sampling="log", default=usual)
        elif key in ("dimension", "batch_size"):
            space.Choice(name, sorted({max(1, usual // 2), usual, 2 * usual}), default=usual)
        else:
            # Of a set of which nothing is hidden, nothing is left to predict.
            least = 0.1 if key == "history_dropout" and plan.learns_from_sets else 0.0
            space.Float(name, least, 0.8, default=usual)
