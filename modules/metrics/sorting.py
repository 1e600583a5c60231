"""How well scores tell taken from not taken."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEAST = 1e-7  # probabilities are cut to [1e-7, 1 - 1e-7]: one sure mistake must not make the mean infinite


def auc(scores: NDArray[np.floating[Any]], taken: NDArray[np.bool_]) -> float:
    """The chance that a taken row has a higher score than one not taken; equal scores count half (Mann-Whitney).

    Args:
        scores: [R], any scale, no NaN.
        taken: [R].

    Returns:
        0 to 1; 0.5, as for guessing, where one of the two kinds is missing. NaN if a score is NaN.
    """
    positives = np.count_nonzero(taken)
    negatives = len(taken) - positives
    if np.isnan(scores).any():
        return float("nan")
    if not positives or not negatives:
        return 0.5
    ordered = np.sort(scores)
    below = np.searchsorted(ordered, scores, side="left")
    upto = np.searchsorted(ordered, scores, side="right")
    ranks = (below + upto + 1) / 2  # from 1; equal scores share the mean of theirs
    return float((ranks[taken].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def log_loss(probabilities: NDArray[np.floating[Any]], taken: NDArray[np.bool_]) -> float:
    """Mean negative log likelihood in nats of predicted probabilities [R] of being taken, R at least 1."""
    cut = np.clip(probabilities.astype(np.float64), _LEAST, 1 - _LEAST)
    return float(-np.mean(np.where(taken, np.log(cut), np.log1p(-cut))))
