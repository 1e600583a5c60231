"""The ranking model's metrics inside TFX's Evaluator, against values by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf

from components.evaluation.eval_config import ranking_eval_config
from components.evaluation.results import read_evaluation
from components.gate.config import GateConfig
from modules.roles import parse_roles

Evaluate = Callable[..., Any]

IDS = 'feature { name: "u" type: BYTES annotation { tag: "user_id" } }\n' + (
    'feature { name: "i" type: BYTES annotation { tag: "item_id" } }\n'
)
RATED = parse_roles(IDS + 'feature { name: "stars" type: FLOAT annotation { tag: "target" } }')
IMPLICIT = parse_roles(IDS)


class Echo(tf.Module):
    """Predicts the column `guess` plus `shift`, under the output names given."""

    def __init__(self, *outputs: str, shift: float = 0.0) -> None:
        super().__init__()
        self.outputs, self.shift = outputs, shift

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        guess = tf.io.parse_example(examples, {"guess": tf.io.FixedLenFeature([], tf.float32)})["guess"]
        return dict.fromkeys(self.outputs, guess + self.shift)


def row(guess: float, **columns: float | str) -> tf.train.Example:
    features = {}
    for name, value in {"guess": guess, **columns}.items():
        if isinstance(value, str):
            features[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode()]))
        else:
            features[name] = tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
    return tf.train.Example(features=tf.train.Features(feature=features))


STARS = [
    row(3.0, stars=4.0, device="app"),
    row(2.0, stars=2.0, device="app"),
    row(5.0, stars=3.0, device="web"),
]  # errors -1, 0, 2
RMSE = math.sqrt(5 / 3)


@pytest.mark.parametrize("outputs", [("target",), ("target", "taken")])
def test_target(evaluate: Evaluate, outputs: tuple[str, ...]) -> None:
    found = evaluate(ranking_eval_config(RATED, GateConfig(), ["device"]), STARS, Echo(*outputs))
    assert found.metrics[""] == pytest.approx({"rmse": RMSE, "mae": 1.0, "rows": 3})
    assert found.metrics["device=app"] == pytest.approx({"rmse": math.sqrt(1 / 2), "mae": 0.5, "rows": 2})
    assert found.metrics["device=web"] == pytest.approx({"rmse": 2, "mae": 2, "rows": 1})
    assert found.blessed


def test_target_gates(evaluate: Evaluate) -> None:
    limits = GateConfig(rmse_max=1.3, rmse_rise_max=0.1)
    config = ranking_eval_config(RATED, limits)
    worse = Echo("target", shift=1.0)  # errors 0, 1, 3: the error grows by 41 %
    assert evaluate(config, STARS, Echo("target"), Echo("target")).blessed
    refused = evaluate(config, STARS, worse, Echo("target"))
    assert refused.metrics[""]["rmse"] == pytest.approx(math.sqrt(10 / 3))
    assert refused.failed == {"rmse", "rmse_change"}
    result = read_evaluation(refused.folder, "ranking")
    absolute, change = result.gates
    assert (absolute.passed, absolute.limit) == (False, 1.3)
    assert absolute.value == pytest.approx(math.sqrt(10 / 3))
    assert (change.passed, change.limit) == (False, 0.1)
    assert change.value == pytest.approx(math.sqrt(2) - 1)
    assert result.overall["rows"] == 3
    assert not refused.blessed
    broken = evaluate(ranking_eval_config(RATED, GateConfig()), STARS, Echo("target", shift=math.nan))
    assert broken.failed == {"rmse"}  # NaN is above every limit
    [gate] = read_evaluation(broken.folder, "ranking").gates
    assert (gate.name, gate.passed, gate.value, gate.limit) == ("ranking rmse", False, None, None)
    assert not broken.blessed


# Scores of what was taken (weights 1, 3 and 0.5): .9, .6, .2; of what was not: .6, .1. Of the six pairs the taken one
# is higher in four (.9 twice, .6 over .1, .2 over .1), equal in one: (4 + 1/2) / 6.
TAKEN = [(0.9, 1.0), (0.6, 3.0), (0.2, 0.5), (0.6, 0.0), (0.1, 0.0)]


def test_taken(evaluate: Evaluate) -> None:
    rows = [row(score, interaction_weight=weight) for score, weight in TAKEN]
    config = ranking_eval_config(IMPLICIT, GateConfig(auc_min=0.7))
    found = evaluate(config, rows, Echo("taken"))
    losses = [math.log(0.9), math.log(0.6), math.log(0.2), math.log(0.4), math.log(0.9)]
    assert found.metrics[""] == pytest.approx({"auc": 4.5 / 6, "log_loss": -sum(losses) / 5, "rows": 5}, abs=1e-6)
    assert found.blessed
    refused = evaluate(ranking_eval_config(IMPLICIT, GateConfig(auc_min=0.76)), rows, Echo("taken"))
    assert refused.failed == {"auc"}


def test_taken_without_negatives_is_neither_good_nor_bad(evaluate: Evaluate) -> None:
    rows = [row(score, interaction_weight=1.0) for score in (0.9, 0.4)]
    found = evaluate(ranking_eval_config(IMPLICIT, GateConfig()), rows, Echo("taken"), Echo("taken"))
    assert found.metrics[""]["auc"] == 0.5
    assert found.blessed
