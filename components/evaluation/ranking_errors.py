"""The ranking model alone: how far its predictions are from what happened."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.metrics.ratings import mae, rmse
from modules.metrics.sorting import auc, log_loss
from modules.raw_columns import read_raw_columns, serialized_batches
from modules.roles import WEIGHT, Roles

ROWS_AT_ONCE = 2048


@dataclasses.dataclass(frozen=True)
class Predictions:
    """Of a ranking model.

    Attributes:
        predicted: [R] the target, or the probability of being taken.
        actual: [R] the target, float; or whether it was taken, bool.
    """

    predicted: npt.NDArray[np.float32]
    actual: npt.NDArray[np.float32] | npt.NDArray[np.bool_]

    def metrics(self) -> dict[str, float]:
        """With a target "rmse" and "mae" in its units; without one "auc" and "log_loss"; "rows". Empty for no rows."""
        rows = {"rows": float(len(self.actual))}
        if not len(self.actual):
            return {}
        if self.actual.dtype == bool:
            taken = self.actual.astype(bool)
            return {"auc": auc(self.predicted, taken), "log_loss": log_loss(self.predicted, taken)} | rows
        return {"rmse": rmse(self.predicted, self.actual), "mae": mae(self.predicted, self.actual)} | rows


def predict(folder: str, model: Any, roles: Roles) -> Predictions:
    """What a loaded ranking model predicts on a split of interactions."""
    judge = model.signatures["serving_default"]
    output = "target" if roles.target else "taken"
    parts = [judge(examples=examples)[output].numpy() for examples in serialized_batches(folder, ROWS_AT_ONCE)]
    predicted = np.concatenate(parts) if parts else np.empty(0, np.float32)
    actual = read_raw_columns(folder, {roles.target or WEIGHT: tf.float32})[roles.target or WEIGHT].values
    return Predictions(predicted, actual if roles.target else actual > 0)
