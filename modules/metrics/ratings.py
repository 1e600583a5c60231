"""Errors of predicted targets, in the target's own units."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def rmse(predicted: ArrayLike, actual: ArrayLike) -> float:
    """Root of the mean squared error of two equally long, non-empty arrays [R].

    Raises:
        ValueError: they are empty or differ in shape.
    """
    return float(np.sqrt(np.mean(np.square(_errors(predicted, actual)))))


def mae(predicted: ArrayLike, actual: ArrayLike) -> float:
    """Mean absolute error of two equally long, non-empty arrays [R].

    Raises:
        ValueError: they are empty or differ in shape.
    """
    return float(np.mean(np.abs(_errors(predicted, actual))))


def _errors(predicted: ArrayLike, actual: ArrayLike) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    left, right = np.asarray(predicted, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if left.shape != right.shape or not left.size:
        raise ValueError(f"needs two non-empty arrays of one shape, got {left.shape} and {right.shape}")
    return left - right
