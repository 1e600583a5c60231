"""The ranking model alone: how far its predictions are from what happened."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from modules.metrics.ratings import mae, rmse
from modules.metrics.sorting import auc, log_loss
from modules.raw_columns import read_raw_columns, serialized_batches
from modules.roles import WEIGHT, Roles

ROWS_AT_ONCE = 2048


def ranking_metrics(folder: str, model: Any, roles: Roles) -> dict[str, float]:
    """Errors of a loaded ranking model on a split of interactions.

    Returns:
        with a target "rmse" and "mae" in its units; without one "auc" and "log_loss"; and "rows". Empty for no rows.
    """
    judge = model.signatures["serving_default"]
    output = "target" if roles.target else "taken"
    parts = [judge(examples=examples)[output].numpy() for examples in serialized_batches(folder, ROWS_AT_ONCE)]
    if not parts:
        return {}
    predicted = np.concatenate(parts)
    actual = read_raw_columns(folder, {roles.target or WEIGHT: tf.float32})[roles.target or WEIGHT].values
    if roles.target:
        return {"rmse": rmse(predicted, actual), "mae": mae(predicted, actual), "rows": float(len(actual))}
    taken = actual > 0
    return {"auc": auc(predicted, taken), "log_loss": log_loss(predicted, taken), "rows": float(len(actual))}
