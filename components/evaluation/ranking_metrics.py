"""TFMA metrics of the ranking model: one prediction and one label a row.

TFMA's own would do for targets, but its AUC counts a label of 3 (the weight of a purchase) as three rows, and both go
by other names than the scorecard's.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.metrics import metric_types

from components.evaluation.model_values import number, of_model
from modules.metrics import ratings, sorting
from modules.metrics.ranked import Floats


class TargetMetrics(tfma.metrics.Metric):
    """rmse, mae and rows: how far the predicted target is from the real one, in its units."""

    def __init__(self, name: str = "target", prediction_key: str = "target") -> None:
        """`prediction_key` is the signature's output, float [B] or [B, 1]; it may be the only one."""
        super().__init__(_target_computations, name=name, prediction_key=prediction_key)


class TakenMetrics(tfma.metrics.Metric):
    """auc, log_loss and rows: how well the predicted probability tells rows of a weight above 0 from the others."""

    def __init__(self, name: str = "taken", prediction_key: str = "taken") -> None:
        """`prediction_key` is the signature's output, float [B] or [B, 1] in [0, 1]; it may be the only one."""
        super().__init__(_taken_computations, name=name, prediction_key=prediction_key)


def _target_computations(
    name: str, prediction_key: str, model_names: Sequence[str] | None = None
) -> list[metric_types.MetricComputation]:
    del name  # names the metric in the config only
    return [_computation(_TargetCombiner(model, prediction_key)) for model in model_names or [""]]


def _taken_computations(
    name: str, prediction_key: str, model_names: Sequence[str] | None = None
) -> list[metric_types.MetricComputation]:
    del name
    return [_computation(_TakenCombiner(model, prediction_key)) for model in model_names or [""]]


def _computation(combiner: _PairCombiner) -> metric_types.MetricComputation:
    return metric_types.MetricComputation(keys=list(combiner.keys.values()), preprocessors=None, combiner=combiner)


@dataclasses.dataclass
class _Pairs:
    """Predictions and labels of some of the rows: 16 bytes a row."""

    predicted: list[float] = dataclasses.field(default_factory=list)
    actual: list[float] = dataclasses.field(default_factory=list)


class _PairCombiner(beam.CombineFn):
    """Collects the pairs of one model and one slice; subclasses measure them."""

    names: tuple[str, ...] = ()

    def __init__(self, model_name: str, prediction_key: str) -> None:
        self._model_name = model_name
        self._prediction_key = prediction_key
        # Without a word on weighting: the thresholds of a MetricsSpec are looked up by just such keys.
        self.keys = {
            name: metric_types.MetricKey(name=name, model_name=model_name, example_weighted=None)
            for name in (*self.names, "rows")
        }

    def create_accumulator(self) -> _Pairs:
        return _Pairs()

    def add_input(self, pairs: _Pairs, element: metric_types.StandardMetricInputs) -> _Pairs:
        pairs.predicted.append(number(of_model(element.prediction, self._model_name), self._prediction_key))
        pairs.actual.append(number(of_model(element.label, self._model_name)))
        return pairs

    def merge_accumulators(self, parts: Iterable[_Pairs]) -> _Pairs:
        merged = _Pairs()
        for part in parts:
            merged.predicted += part.predicted
            merged.actual += part.actual
        return merged

    def extract_output(self, pairs: _Pairs) -> dict[metric_types.MetricKey, float]:
        values = self.measure(np.array(pairs.predicted), np.array(pairs.actual)) if pairs.actual else {}
        values["rows"] = float(len(pairs.actual))
        return {key: values.get(name, math.nan) for name, key in self.keys.items()}

    def measure(self, predicted: Floats, actual: Floats) -> dict[str, float]:
        """The named values of predictions and labels [R], R at least 1."""
        raise NotImplementedError


class _TargetCombiner(_PairCombiner):
    names = ("rmse", "mae")

    def measure(self, predicted: Floats, actual: Floats) -> dict[str, float]:
        return {"rmse": ratings.rmse(predicted, actual), "mae": ratings.mae(predicted, actual)}


class _TakenCombiner(_PairCombiner):
    names = ("auc", "log_loss")

    def measure(self, predicted: Floats, actual: Floats) -> dict[str, float]:
        taken = actual > 0
        return {"auc": sorting.auc(predicted, taken), "log_loss": sorting.log_loss(predicted, taken)}
