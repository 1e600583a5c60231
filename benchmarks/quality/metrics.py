"""The judge: metrics of ranked lists, written again in plain loops-free numpy and apart from the product's own.

`hits` is bool [Q, K]: which places of a list hold a relevant item; `relevant` int [Q]: how many there are, at least 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
PAD = -1


def found(lists: Ints, relevant: Any) -> Bools:
    """Which places hold a relevant item.

    Args:
        lists: [Q, K] items, best first, each once; −1 pads.
        relevant: [Q, num_items] sparse matrix, not 0 where an item is relevant.

    Returns:
        [Q, K] bool.
    """
    rows = np.repeat(np.arange(len(lists)), lists.shape[1])
    at = np.asarray(relevant[rows, np.maximum(lists, 0).ravel()]).reshape(lists.shape)
    return np.asarray((at != 0) & (lists != PAD))


def ndcg(hits: Bools, relevant: Ints, k: int) -> Floats:
    """[Q] Σ 1/log₂(place + 1) over the hits among the first k, divided by that of min(k, relevant) hits in front."""
    gains = 1 / np.log2(np.arange(2, k + 2))
    best = np.array([gains[:count].sum() for count in range(k + 1)])
    return np.asarray((hits[:, :k] * gains[: hits.shape[1]]).sum(axis=1) / best[np.minimum(relevant, k)])


def recall(hits: Bools, relevant: Ints, k: int) -> Floats:
    """[Q] hits among the first k, divided by all relevant items."""
    return np.asarray(hits[:, :k].sum(axis=1) / relevant)


def hit_rate(hits: Bools, k: int) -> Floats:
    """[Q] 1 where the first k hold a relevant item."""
    return hits[:, :k].any(axis=1).astype(np.float64)


def precision(hits: Bools, k: int) -> Floats:
    """[Q] hits among the first k, divided by k."""
    return np.asarray(hits[:, :k].sum(axis=1) / k)


def average_precision(hits: Bools, relevant: Ints, k: int) -> Floats:
    """[Q] Σ over the hits among the first k of (hits up to there / place), divided by all relevant items.

    That divisor is Microsoft Recommenders'; others divide by min(k, relevant).
    """
    hits = hits[:, :k]
    so_far = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return np.asarray((so_far * hits).sum(axis=1) / relevant)


def rmse(predicted: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """Root of the mean squared difference."""
    return float(np.sqrt(np.mean((np.asarray(predicted, np.float64) - np.asarray(actual, np.float64)) ** 2)))


def interval(better: Floats, other: Floats, owners: Ints, seed: int, draws: int = 2000) -> tuple[float, float, float]:
    """Whether one system is better: the mean difference and its 95 % interval.

    A paired percentile bootstrap over owners: the queries of a user are drawn together.

    Args:
        better, other: [Q] a metric of two systems on the same queries.
        owners: [Q] the user of each query.
        seed: of the draws.
        draws: resamples.

    Returns:
        mean difference, lower end, upper end.
    """
    _, owner = np.unique(owners, return_inverse=True)
    sums = np.bincount(owner, weights=better - other)
    sizes = np.bincount(owner)
    chosen = np.random.default_rng(seed).integers(0, len(sums), (draws, len(sums)))
    means = sums[chosen].sum(axis=1) / sizes[chosen].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(np.mean(better - other)), float(low), float(high)
